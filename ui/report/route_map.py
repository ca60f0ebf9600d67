"""Draw the map of a report from the archive's own roads: what lies around the cameras and the route."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from index.casework.contents import CaseContents, Exhibit
from index.store.catalogue.cameras import StoredCamera
from roadgraph.graph import RoadGraph
from ui.report.blocks import Line, MapSpot, RouteMap

METRES_A_DEGREE = 111_320.0
AROUND = 0.12
LEAST_M = 300.0
"""The map shows so much around its places, in shares of its size, and is no smaller than this."""

MOST_ROADS = 3000
WIDTH_TO_HEIGHT = 2.0

_KINDS = ("question", "yes", "unsure", "open", "no")


def route_map(contents: CaseContents, graph: RoadGraph | None) -> RouteMap | None:
    """Return the map of a case; None where no camera of it has a place."""
    cameras = {camera.id: camera for camera in contents.cameras}
    answer = contents.answer
    route = answer.marked.itinerary.route if answer is not None and answer.marked.itinerary is not None else ()
    places = [(one.camera.lon, one.camera.lat) for one in contents.exhibits if one.is_shown and one.camera is not None]
    if not places:
        return None
    frame = _Frame.around([*places, *route])
    return RouteMap(
        frame.width_m,
        frame.height_m,
        _bar_m(frame.width_m),
        _roads(graph, frame) if graph is not None else (),
        frame.cut(route),
        tuple(_spots(cameras, contents.exhibits, frame)),
    )


class _Frame:
    """The stretch of the earth that a map shows; near enough flat."""

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        self.west, self.south, self.east, self.north = west, south, east, north
        self._metres_lon = METRES_A_DEGREE * math.cos(math.radians((south + north) / 2))
        self.width_m = (east - west) * self._metres_lon
        self.height_m = (north - south) * METRES_A_DEGREE

    @classmethod
    def around(cls, places: Sequence[tuple[float, float]]) -> "_Frame":
        """Return the frame around (lon, lat) places, with a margin and the shape of a picture."""
        lons, lats = zip(*places, strict=True)
        lon, lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
        metres_lon = METRES_A_DEGREE * math.cos(math.radians(lat))
        high = max((max(lats) - min(lats)) * METRES_A_DEGREE, (max(lons) - min(lons)) * metres_lon / WIDTH_TO_HEIGHT)
        half_m = max(high * (0.5 + AROUND), LEAST_M / 2)
        half_lon, half_lat = half_m * WIDTH_TO_HEIGHT / metres_lon, half_m / METRES_A_DEGREE
        return cls(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat)

    def to_m(self, lon: float, lat: float) -> tuple[float, float]:
        """Return a place in metres from the south-west corner."""
        return round((lon - self.west) * self._metres_lon, 1), round((lat - self.south) * METRES_A_DEGREE, 1)

    def cut(self, line: Sequence[tuple[float, float]]) -> tuple[Line, ...]:
        """Return the parts of a (lon, lat) line that lie on the map, in metres."""
        points = [self.to_m(lon, lat) for lon, lat in line]
        parts: list[list[tuple[float, float]]] = []
        for start, end in pairwise(points):
            inside = _cut(start, end, self.width_m, self.height_m)
            if inside is None:
                continue
            if parts and parts[-1][-1] == inside[0]:
                parts[-1].append(inside[1])
            else:
                parts.append(list(inside))
        return tuple(tuple(part) for part in parts)

    def holds(self, lon: float, lat: float) -> bool:
        """Return whether a place lies in the frame."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def _roads(graph: RoadGraph, frame: _Frame) -> tuple[Line, ...]:
    """Return the roads that touch the frame, the large ones first where they are too many."""
    once = np.flatnonzero(graph.road_of_edge == np.arange(graph.edges))
    lines: list[Line] = []
    for edge in once[np.argsort(graph.edge_class[once], kind="stable")].tolist():
        points = [(float(lon), float(lat)) for lat, lon in graph.edge_points(edge)]
        lines += frame.cut(points)
        if len(lines) >= MOST_ROADS:
            break
    return tuple(lines)


def _cut(
    start: tuple[float, float], end: tuple[float, float], width: float, height: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the part of a segment inside a rectangle at the origin, None where there is none (Liang and Barsky)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    first, last = 0.0, 1.0
    for step, room in ((-dx, start[0]), (dx, width - start[0]), (-dy, start[1]), (dy, height - start[1])):
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            first = max(first, room / step)
        else:
            last = min(last, room / step)
    if first >= last:
        return None
    return _along(start, dx, dy, first), _along(start, dx, dy, last)


def _along(start: tuple[float, float], dx: float, dy: float, share: float) -> tuple[float, float]:
    return round(start[0] + share * dx, 1), round(start[1] + share * dy, 1)


def _bar_m(width_m: float) -> int:
    """Return a round length of about a sixth of the map."""
    unit = 10 ** int(math.log10(max(width_m / 6, 1)))
    return int(max(factor * unit for factor in (1, 2, 5) if factor * unit <= max(width_m / 6, unit)))


def _spots(cameras: Mapping[str, StoredCamera], exhibits: Sequence[Exhibit], frame: _Frame) -> list[MapSpot]:
    """Return the cameras in the frame, each where it saw its exhibits; those with exhibits carry their labels."""
    shown = [one for one in exhibits if one.is_shown]
    saw = {one.sighting.camera for one in shown}
    stood = {(one.camera.id, one.camera.lat, one.camera.lon) for one in shown if one.camera is not None}
    places = stood | {(camera.id, camera.lat, camera.lon) for camera in cameras.values() if camera.id not in saw}
    spots = []
    for id_, lat, lon in sorted(places):
        here = [
            one
            for one in shown
            if one.camera is not None and (one.camera.id, one.camera.lat, one.camera.lon) == (id_, lat, lon)
        ]
        if not frame.holds(lon, lat):
            continue
        kind = min((one.role for one in here), key=_KINDS.index, default="none")
        name = f"{id_}: {', '.join(one.label for one in here)}" if here else id_
        spots.append(MapSpot(*frame.to_m(lon, lat), name, kind))
    return spots
