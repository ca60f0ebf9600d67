"""Draw the map of the archive: its roads and cameras, and an answer on them; no tiles, no network."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pydeck

from index.answers import Candidate, Ranking
from roadgraph.graph import RoadGraph
from roadgraph.network import ROAD_CLASSES
from ui.web import map_layers
from ui.web.map_layers import RoadLine, Row
from ui.web.theme import Palette

MAX_ROADS, MAX_POINTS, MAX_SPOTS = 5000, 15_000, 4000
"""Limits for large road maps: the smallest roads are left out, lines are simplified, fewer spots can be clicked."""

MAIN_CLASSES = ROAD_CLASSES.index("tertiary")
EARTH_PX = 512
"""deck.gl draws the whole earth this wide at zoom 0."""

LEAST_VIEW_DEG = 0.004
"""A map of a single place shows about four hundred metres around it."""
FILLED = 0.68
PICKER_HEIGHT_PX, ANSWER_HEIGHT_PX, NARROW_PX = 270, 460, 440
"""The zoom is chosen for a narrow map, so that everything is visible on a telephone too."""

Place = tuple[float, float]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MapBase:
    """What every map shows: the roads, and the (latitude, longitude) of each camera by id."""

    roads: tuple[RoadLine, ...]
    cameras: Mapping[str, Place]

    @property
    def drawable(self) -> bool:
        """Return whether there is anything to draw."""
        return bool(self.roads or self.cameras)


def roads_of(graph: RoadGraph) -> tuple[RoadLine, ...]:
    """Return the roads to draw; where there are too many, the smallest are left out."""
    once = np.flatnonzero(graph.road_of_edge == np.arange(graph.edges))
    chosen = once[np.argsort(graph.edge_class[once], kind="stable")][:MAX_ROADS]
    points = int((graph.shape_start[chosen + 1] - graph.shape_start[chosen]).sum())
    step = max(1, math.ceil(points / MAX_POINTS))
    return tuple(
        RoadLine(_path(graph, int(edge), step), bool(graph.edge_class[edge] <= MAIN_CLASSES)) for edge in chosen
    )


def picker_map(base: MapBase, palette: Palette, *, chosen: str | None, point: Place | None) -> pydeck.Deck:
    """Return the map on which a camera, or a place on a road, can be clicked."""
    spots = [{"lon": lon, "lat": lat, "name": "here"} for lon, lat in _road_spots(base.roads)]
    rows = _camera_rows(base.cameras)
    drawn = [
        *map_layers.road_layers(base.roads, palette),
        map_layers.dots("spots", spots, (*palette.main_road, 1), radius_px=9),
        map_layers.dots("cameras", rows, palette.camera, radius_px=7),
        map_layers.labels(rows, palette),
    ]
    marked = point or (base.cameras.get(chosen) if chosen else None)
    around = [marked] if marked else []
    drawn += [map_layers.ring("chosen", place, palette.asked) for place in around]
    return _deck(drawn, _bounds(base, around), PICKER_HEIGHT_PX)


def answer_map(base: MapBase, ranking: Ranking, palette: Palette, *, asked: Place | None) -> pydeck.Deck:
    """Return the map of an answer: candidates, the route between them, and where the vehicle can be now."""
    rows, cameras = _candidate_rows(ranking.candidates, base.cameras), _camera_rows(base.cameras)
    around = [asked] if asked else []
    route = ranking.itinerary.route if ranking.itinerary else ()
    drawn = [
        *([map_layers.area(ranking.area_now, palette.area)] if ranking.area_now else []),
        *map_layers.road_layers(base.roads, palette),
        *([map_layers.route(route, palette.route)] if len(route) > 1 else []),
        map_layers.dots("cameras", cameras, palette.camera, radius_px=4),
        *(map_layers.ring("asked", place, palette.asked) for place in around),
        map_layers.candidates(rows, palette),
        map_layers.ranks(rows, palette),
        map_layers.labels(cameras, palette),
    ]
    return _deck(drawn, _bounds(base, around, route), ANSWER_HEIGHT_PX)


def _candidate_rows(candidates: Sequence[Candidate], cameras: Mapping[str, Place]) -> list[Row]:
    """Return one row a camera, for its best candidate; the dot grows with the probability, the best comes last."""
    rows: dict[str, Row] = {}
    for rank, candidate in enumerate(candidates, start=1):
        camera = candidate.sighting.camera
        if camera in cameras and camera not in rows:
            lat, lon = cameras[camera]
            rows[camera] = {
                "lon": lon,
                "lat": lat,
                "rank": str(rank),
                "radius": 10 + 6 * (candidate.probability or 0.0),
                "name": camera if candidate.probability is None else f"{camera}: {candidate.probability * 100:.0f} %",
            }
    return list(rows.values())[::-1]


def _camera_rows(cameras: Mapping[str, Place]) -> list[Row]:
    return [{"lon": lon, "lat": lat, "name": name} for name, (lat, lon) in sorted(cameras.items())]


def _path(graph: RoadGraph, edge: int, step: int) -> tuple[tuple[float, float], ...]:
    """Return every `step`th point of an edge, and both ends."""
    points = graph.edge_points(edge)
    kept = [*range(0, len(points) - 1, step), len(points) - 1]
    return tuple((round(float(points[i, 1]), 5), round(float(points[i, 0]), 5)) for i in kept)


def _road_spots(roads: Sequence[RoadLine]) -> list[tuple[float, float]]:
    spots = sorted({point for road in roads for point in road.path})
    return spots[:: max(1, math.ceil(len(spots) / MAX_SPOTS))]


def _bounds(base: MapBase, places: Sequence[Place], route: Sequence[tuple[float, float]] = ()) -> Bounds:
    """Return west, south, east, north of the cameras, the places and the route; of the roads where there are none."""
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
    """Return the view that shows the bounds with a margin around them."""
    west, south, east, north = bounds
    middle = (south + north) / 2
    wide_deg = max(east - west, LEAST_VIEW_DEG)
    high_deg = max(north - south, LEAST_VIEW_DEG) / math.cos(math.radians(middle))
    share = max(wide_deg / (width_px * FILLED), high_deg / (height_px * FILLED))
    return pydeck.ViewState(latitude=middle, longitude=(west + east) / 2, zoom=math.log2(360 / (EARTH_PX * share)))
