"""Describe where a vehicle was, and find the least cost from there to every road, forwards or backwards in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roadgraph.arrays import Floats, Ints32
from roadgraph.camera import PlacedCamera
from roadgraph.errors import RoadError
from roadgraph.geojson_area import on_plane
from roadgraph.graph import RoadGraph
from roadgraph.turns import EdgeCosts, costs_from

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Origin:
    """The stretches of directed road where a vehicle may have been: the edge, and from and to where along it.

    `way_known` says that it drove on along its edge and made no U-turn at once.
    """

    edge: Ints32
    from_m: Floats
    to_m: Floats
    way_known: bool = False

    @classmethod
    def at_camera(cls, placed: PlacedCamera, edge: int | None = None) -> "Origin":
        """Return the points of the roads that a camera sees; only one of them where the edge taken is known."""
        views = [view for view in placed.views if edge is None or view.edge == edge] or list(placed.views)
        along_m = np.array([view.along_m for view in views])
        known = len(views) == 1
        return cls(np.array([view.edge for view in views], dtype=np.int32), along_m, along_m, way_known=known)

    @classmethod
    def around(cls, graph: RoadGraph, lat: float, lon: float, radius_m: float = 0.0) -> "Origin":
        """Return the roads within a radius of a place, or the nearest road if there is none."""
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            raise RoadError(f"the place {lat}, {lon} is not on the earth: write LAT,LON in degrees")
        xy = graph.plane.to_xy(lat, lon)[0]
        near = graph.index.near(xy, radius_m) or graph.index.nearest(xy)
        edge = np.array([point.edge for point in near], dtype=np.int32)
        along_m = np.array([point.along_m for point in near])
        reach_m = np.sqrt(np.maximum(radius_m**2 - np.array([point.distance_m for point in near]) ** 2, 0.0))
        return cls(edge, np.maximum(along_m - reach_m, 0.0), np.minimum(along_m + reach_m, graph.edge_length_m[edge]))

    @classmethod
    def within(cls, graph: RoadGraph, area: Mapping[str, object]) -> "Origin":
        """Return the roads that touch a GeoJSON area, each from end to end."""
        edges = graph.index.edges_in(on_plane(area, graph.plane))
        if not len(edges):
            raise RoadError("no road lies in the area: is it [longitude, latitude], and on the imported map?")
        return cls(edges, np.zeros(len(edges)), graph.edge_length_m[edges])

    def middle_xy(self, graph: RoadGraph) -> Floats:
        """Return the mean of the middles of the stretches, on the network's plane."""
        middle_m = (self.from_m + self.to_m) / 2
        middles = [graph.position(int(edge), float(m)) for edge, m in zip(self.edge, middle_m, strict=True)]
        lat, lon = np.mean(middles, axis=0)
        return np.asarray(graph.plane.to_xy(lat, lon)[0])


@dataclass(frozen=True, eq=False)
class LeastCosts:
    """The least cost from an origin to the start of every edge (backwards: from the end of every edge to the origin).

    Costs are in the unit of the edge costs given, seconds or metres. On the edges of the origin itself, a point ahead
    is also reached straight along the edge.
    """

    enter: Floats
    edge_cost: Floats
    edge_length_m: Floats
    origin: Origin
    backwards: bool

    def at(self, edge: Ints32, along_m: Floats) -> Floats:
        """Return the least cost to points on edges."""
        gone_m = self.edge_length_m[edge] - along_m if self.backwards else along_m
        cost = self.enter[edge] + self.edge_cost[edge] * gone_m / self.edge_length_m[edge]
        origin = self.origin
        for own, from_m, to_m in zip(origin.edge.tolist(), origin.from_m.tolist(), origin.to_m.tolist(), strict=True):
            ahead_m = (from_m - along_m) if self.backwards else (along_m - to_m)
            beyond = (along_m < to_m) if self.backwards else (along_m > from_m)
            direct = np.maximum(ahead_m, 0.0) * self.edge_cost[own] / self.edge_length_m[own]
            cost = np.where((edge == own) & beyond, np.minimum(cost, direct), cost)
        return cost


def least_costs(
    graph: RoadGraph, origin: Origin, costs: EdgeCosts, *, limit: float = np.inf, backwards: bool = False
) -> LeastCosts:
    """Return the least costs from the origin to every edge up to a limit; backwards: from every edge to the origin."""
    if backwards:
        starts = entry_states(graph, origin, costs.edge_cost)
        reached = costs_from(costs.backwards, starts, limit=limit)[graph.turns.exit]
    else:
        starts = exit_states(graph, origin, costs.edge_cost)
        reached = graph.turns.to_edges(costs_from(costs.forwards, starts, limit=limit))
    return LeastCosts(reached, costs.edge_cost, graph.edge_length_m, origin, backwards)


def exit_states(graph: RoadGraph, origin: Origin, edge_cost: Floats) -> list[tuple[int, float]]:
    """Return the states in which a vehicle leaves the edges of the origin, and the cost spent by then."""
    length_m = graph.edge_length_m[origin.edge]
    left = edge_cost[origin.edge] * (length_m - origin.to_m) / length_m
    return list(zip(graph.turns.exit[origin.edge].tolist(), left.tolist(), strict=True))


def entry_states(graph: RoadGraph, origin: Origin, edge_cost: Floats) -> list[tuple[int, float]]:
    """Return the states in which a vehicle entered the edges of the origin, and the cost from there to the origin."""
    turns = graph.turns
    spent = edge_cost[origin.edge] * origin.from_m / graph.edge_length_m[origin.edge]
    starts = list(zip(turns.entry[origin.edge].tolist(), spent.tolist(), strict=True))
    of_edge = dict(zip(origin.edge.tolist(), spent.tolist(), strict=True))
    copies = np.flatnonzero(np.isin(turns.copy_edge, origin.edge)).tolist()
    return starts + [(int(turns.copy_entry[i]), of_edge[int(turns.copy_edge[i])]) for i in copies]


def without_u_turn(graph: RoadGraph, matrix: "csr_array", edge: int) -> "csr_array":
    """Return the matrix without the reverse of an edge, so that a vehicle cannot turn round at the end of the edge.

    At a dead end a U-turn is the only way on, and the matrix stays as it is.
    """
    turns, reverse = graph.turns, int(graph.edge_reverse[edge])
    exits = np.flatnonzero(graph.edge_from == graph.edge_to[edge])
    if reverse < 0 or len(exits) == 1:
        return matrix
    start, end = int(turns.entry[reverse]), int(turns.exit[reverse])
    changed = matrix.copy()
    row = slice(int(changed.indptr[start]), int(changed.indptr[start + 1]))
    changed.data[row] = np.where(changed.indices[row] == end, np.inf, changed.data[row])
    return changed
