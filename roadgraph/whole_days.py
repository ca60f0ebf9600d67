"""Say where vehicles of simulated trips are at many moments at once."""

from collections.abc import Sequence

import numpy as np

from roadgraph.geometry import Floats
from roadgraph.graph import Ints, RoadGraph
from roadgraph.traffic import Trip

BETWEEN_EDGES_M = 1.0


class EdgePlaces:
    """Finds points along edges: the lines of all edges laid one behind the other, with a gap between any two."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._first = graph.shape_start[:-1].astype(np.int64)
        self._last = graph.shape_start[1:].astype(np.int64) - 1
        xy = graph.plane.to_xy(graph.shape_lat, graph.shape_lon)
        steps_m = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T)])
        steps_m[self._first] = BETWEEN_EDGES_M
        self._reached_m = np.cumsum(steps_m)

    def at(self, edge: Ints, along_m: Floats) -> tuple[Floats, Floats]:
        """Return latitudes and longitudes at distances along edges, as `RoadGraph.position` does for one."""
        graph, first, last = self._graph, self._first[edge], self._last[edge]
        share = np.clip(along_m / np.maximum(graph.edge_length_m[edge], 1e-9), 0.0, 1.0)
        begin_m = self._reached_m[first]
        at_m = begin_m + share * (self._reached_m[last] - begin_m)
        before = np.clip(np.searchsorted(self._reached_m, at_m, side="right") - 1, first, np.maximum(last - 1, first))
        after = np.minimum(before + 1, last)
        step_m = np.maximum(self._reached_m[after] - self._reached_m[before], 1e-12)
        gone = np.clip((at_m - self._reached_m[before]) / step_m, 0.0, 1.0)
        lat, lon = graph.shape_lat, graph.shape_lon
        return lat[before] + gone * (lat[after] - lat[before]), lon[before] + gone * (lon[after] - lon[before])


def whole_day(places: EdgePlaces, graph: RoadGraph, trips: Sequence[Trip], times_s: Floats) -> tuple[Floats, Floats]:
    """Return where one vehicle is at each time, given its trips in order of time: parked where the last one ended."""
    edges = np.concatenate([trip.edges for trip in trips])
    enter_s, exit_s = (np.concatenate([getattr(trip, name) for trip in trips]) for name in ("enter_s", "exit_s"))
    low_m, high_m = np.zeros(len(edges)), graph.edge_length_m[edges].astype(np.float64)
    last = np.cumsum([len(trip.edges) for trip in trips]) - 1
    low_m[[0, *(last[:-1] + 1).tolist()]] = [trip.from_m for trip in trips]
    high_m[last] = [trip.to_m for trip in trips]
    number = np.maximum(np.searchsorted(enter_s, times_s, side="right") - 1, 0)
    driven_s = (exit_s - enter_s)[number]
    share = np.where(driven_s > 0, (times_s - enter_s[number]) / np.where(driven_s > 0, driven_s, 1.0), 1.0)
    along_m = low_m[number] + np.clip(share, 0.0, 1.0) * (high_m - low_m)[number]
    return places.at(edges[number], along_m)
