"""Draw the archive's own roads, its cameras and an answer as one map that needs no tiles and no network."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pydeck

from index.sighting import Candidate, Ranking
from roadgraph.graph import ROAD_CLASSES, RoadGraph
from ui.web import layers
from ui.web.layers import Road, Row
from ui.web.theme import Palette

MAX_ROADS, MAX_POINTS, MAX_SPOTS = 5000, 15_000, 4000
"""A larger network is drawn from its largest roads down, in straighter lines, with fewer spots to click."""

MAIN_CLASSES = ROAD_CLASSES.index("tertiary")
EARTH_PX = 512
"""deck.gl draws the whole earth this wide at zoom 0."""

LEAST_VIEW_DEG = 0.004
"""A map of a single place still shows some four hundred metres around it."""
FILLED = 0.68
PICKER_HEIGHT_PX, ANSWER_HEIGHT_PX, NARROW_PX = 270, 460, 440
"""The view is chosen for a narrow map: it is whole on a telephone, and has more around it on a screen."""

Place = tuple[float, float]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MapBase:
    """What every map of an archive shows: roads, and cameras as latitude and longitude by id."""

    roads: tuple[Road, ...]
    cameras: Mapping[str, Place]

    @property
    def drawable(self) -> bool:
        """Return whether there is anything to draw."""
        return bool(self.roads or self.cameras)


def roads_of(graph: RoadGraph) -> tuple[Road, ...]:
    """Return the roads to draw, the largest first where there are too many."""
    once = np.flatnonzero(graph.road_of_edge == np.arange(graph.edges))
    chosen = once[np.argsort(graph.edge_class[once], kind="stable")][:MAX_ROADS]
    points = int((graph.shape_start[chosen + 1] - graph.shape_start[chosen]).sum())
    step = max(1, math.ceil(points / MAX_POINTS))
    return tuple(Road(_path(graph, int(edge), step), bool(graph.edge_class[edge] <= MAIN_CLASSES)) for edge in chosen)


def picker_map(base: MapBase, palette: Palette, *, chosen: str | None, point: Place | None) -> pydeck.Deck:
    """Return the map on which a camera, or a place on a road, can be clicked."""
    spots = [{"lon": lon, "lat": lat, "name": "here"} for lon, lat in _road_spots(base.roads)]
    rows = _camera_rows(base.cameras)
    drawn = [
        *layers.road_layers(base.roads, palette),
        layers.dots("spots", spots, (*palette.main_road, 1), radius_px=9),
        layers.dots("cameras", rows, palette.camera, radius_px=7),
        layers.labels(rows, palette),
    ]
    marked = point or (base.cameras.get(chosen) if chosen else None)
    around = [marked] if marked else []
    drawn += [layers.ring("chosen", place, palette.asked) for place in around]
    return _deck(drawn, _bounds(base, around), PICKER_HEIGHT_PX)


def answer_map(base: MapBase, ranking: Ranking, palette: Palette, *, asked: Place | None) -> pydeck.Deck:
    """Return the map of an answer: where it was seen, the route between, and where it can be now."""
    rows, cameras = _candidate_rows(ranking.candidates, base.cameras), _camera_rows(base.cameras)
    around = [asked] if asked else []
    route = ranking.itinerary.route if ranking.itinerary else ()
    drawn = [
        *([layers.area(ranking.area_now, palette.area)] if ranking.area_now else []),
        *layers.road_layers(base.roads, palette),
        *([layers.route(route, palette.route)] if len(route) > 1 else []),
        layers.dots("cameras", cameras, palette.camera, radius_px=4),
        *(layers.ring("asked", place, palette.asked) for place in around),
        layers.candidates(rows, palette),
        layers.ranks(rows, palette),
        layers.labels(cameras, palette),
    ]
    return _deck(drawn, _bounds(base, around, route), ANSWER_HEIGHT_PX)


def _candidate_rows(candidates: Sequence[Candidate], cameras: Mapping[str, Place]) -> list[Row]:
    """Return one row a camera, for its best candidate: the dot grows with its probability, the likeliest on top."""
    rows: dict[str, Row] = {}
    for rank, candidate in enumerate(candidates, start=1):
        camera = candidate.sighting.camera
        if camera in cameras and camera not in rows:
            lat, lon = cameras[camera]
            rows[camera] = {
                "lon": lon,
                "lat": lat,
                "rank": str(rank),
                "radius": 10 + 6 * candidate.probability,
                "name": f"{camera}: {candidate.probability * 100:.0f} %",
            }
    return list(rows.values())[::-1]


def _camera_rows(cameras: Mapping[str, Place]) -> list[Row]:
    return [{"lon": lon, "lat": lat, "name": name} for name, (lat, lon) in sorted(cameras.items())]


def _path(graph: RoadGraph, edge: int, step: int) -> tuple[tuple[float, float], ...]:
    """Return every so-manieth point of an edge, both ends among them."""
    points = graph.edge_points(edge)
    kept = [*range(0, len(points) - 1, step), len(points) - 1]
    return tuple((round(float(points[i, 1]), 5), round(float(points[i, 0]), 5)) for i in kept)


def _road_spots(roads: Sequence[Road]) -> list[tuple[float, float]]:
    spots = sorted({point for road in roads for point in road.path})
    return spots[:: max(1, math.ceil(len(spots) / MAX_SPOTS))]


def _bounds(base: MapBase, places: Sequence[Place], route: Sequence[tuple[float, float]] = ()) -> Bounds:
    """Return west, south, east, north around the cameras and what is shown beside them, or else around the roads."""
    points = [(lon, lat) for lat, lon in [*base.cameras.values(), *places]] + list(route)
    if not points:
        points = [point for road in base.roads for point in road.path] or [(0.0, 0.0)]
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _deck(drawn: Sequence[pydeck.Layer], bounds: Bounds, height_px: int) -> pydeck.Deck:
    # No provider and no style together mean no tiles; map_style=None would ask a CDN for one of its own.
    return pydeck.Deck(
        layers=list(drawn),
        initial_view_state=_view(bounds, NARROW_PX, height_px),
        map_provider=None,
        tooltip={"text": "{name}"},
    )


def _view(bounds: Bounds, width_px: int, height_px: int) -> pydeck.ViewState:
    """Return the view that shows the bounds with a margin."""
    west, south, east, north = bounds
    middle = (south + north) / 2
    wide_deg = max(east - west, LEAST_VIEW_DEG)
    high_deg = max(north - south, LEAST_VIEW_DEG) / math.cos(math.radians(middle))
    share = max(wide_deg / (width_px * FILLED), high_deg / (height_px * FILLED))
    return pydeck.ViewState(latitude=middle, longitude=(west + east) / 2, zoom=math.log2(360 / (EARTH_PX * share)))
