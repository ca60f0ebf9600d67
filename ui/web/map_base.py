"""Gather what every map shows: the roads of the archive, drawn once each, and its cameras."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from index.store.catalogue.cameras import StoredCamera
from roadgraph.graph import RoadGraph
from roadgraph.network import ROAD_CLASSES

MAX_ROADS, MAX_POINTS = 5000, 15_000
"""Limits for large road maps: the smallest roads are left out, lines are simplified."""

MAIN_CLASSES = ROAD_CLASSES.index("tertiary")

Place = tuple[float, float]
"""(latitude, longitude)."""


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A road drawn once for both directions: its path as [lon, lat] pairs, whether it is a main road, and its name."""

    path: tuple[tuple[float, float], ...]
    main: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class MapBase:
    """What every map shows: the (latitude, longitude) of each camera, where each looks, and the roads' version.

    Cameras without a place are on no map, but can be chosen by name.
    """

    cameras: Mapping[str, Place]
    bearings: Mapping[str, float] = field(default_factory=dict)
    roads: str | None = None
    without_place: tuple[str, ...] = ()

    def with_places(self, stood: Mapping[str, StoredCamera | None]) -> "MapBase":
        """Return the map with some cameras where they stood at another time; one that had no place then is on none."""
        cameras = {id_: place for id_, place in self.cameras.items() if id_ not in stood}
        bearings = {id_: degrees for id_, degrees in self.bearings.items() if id_ not in stood}
        for id_, camera in stood.items():
            cameras |= {} if camera is None else {id_: (camera.lat, camera.lon)}
            bearings |= {} if camera is None or camera.bearing_deg is None else {id_: camera.bearing_deg}
        without = {*self.without_place, *self.cameras} - cameras.keys()
        return replace(self, cameras=cameras, bearings=bearings, without_place=tuple(sorted(without)))

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the names of all cameras, in order."""
        return tuple(sorted([*self.cameras, *self.without_place]))

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
        RoadLine(_path(graph, int(edge), step), bool(graph.edge_class[edge] <= MAIN_CLASSES), graph.name(int(edge)))
        for edge in chosen
    )


def roads_json(graph: RoadGraph) -> bytes:
    """Return the roads as JSON: {"main": [[[lon, lat], ...], ...], "minor": [...], "names": [...]}.

    The names are those of the main roads and then of the others, in their order.
    """
    main, minor = ([road for road in roads_of(graph) if road.main is kind] for kind in (True, False))
    drawn = {
        "main": [road.path for road in main],
        "minor": [road.path for road in minor],
        "names": [road.name for road in (*main, *minor)],
    }
    return json.dumps(drawn, separators=(",", ":")).encode()


def _path(graph: RoadGraph, edge: int, step: int) -> tuple[tuple[float, float], ...]:
    """Return every `step`th point of an edge, and both ends."""
    points = graph.edge_points(edge)
    kept = [*range(0, len(points) - 1, step), len(points) - 1]
    return tuple((round(float(points[i, 1]), 5), round(float(points[i, 0]), 5)) for i in kept)
