"""Find routes over the roads: the quickest, several that differ, and the most likely one past given cameras."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from roadgraph.arrays import Floats, Ints32
from roadgraph.camera import PlacedCamera, View
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.turns import EdgeCosts

ALIKE_SHARE = 0.7
"""A route that shares more of its length with another one counts as the same route."""
LONGEST_BESIDE_BEST = 1.6
"""Alternatives may take this many times as long as the quickest route."""
PENALTY = 1.35
TRIES_EACH = 6


@dataclass(frozen=True, slots=True)
class RoadPlace:
    """A point on a directed edge."""

    edge: int
    along_m: float


@dataclass(frozen=True, slots=True)
class Route:
    """A way over the roads, from a point on its first edge to one on its last, and the usual seconds it takes.

    `points` are latitudes and longitudes.
    """

    edges: tuple[int, ...]
    points: tuple[tuple[float, float], ...]
    length_m: float
    seconds: float


class Router:
    """Finds many routes on one network with one set of edge costs: the usual seconds, or others."""

    def __init__(self, graph: RoadGraph, edge_cost: Floats | None = None) -> None:
        self.graph = graph
        turns = graph.turns
        self.costs = graph.usual if edge_cost is None else EdgeCosts.of(turns, edge_cost)
        weights = np.where(turns.arc_edge >= 0, self.costs.edge_cost[turns.arc_edge], 0.0)
        kept = turns.cheapest_arcs(weights)
        keys = turns.arc_from[kept].astype(np.int64) * turns.states + turns.arc_to[kept]
        self._arc_keys, self._arc_edges = keys, turns.arc_edge[kept]

    def edges_between(self, start: RoadPlace, end: RoadPlace) -> tuple[int, ...] | None:
        """Return the edges of the quickest route, None where there is none."""
        if start.edge == end.edge and end.along_m >= start.along_m:
            return (start.edge,)
        cost, before = self.tree(start.edge)
        return self.edges_to(end.edge, start.edge, cost, before)

    def tree(self, edge: int) -> tuple[Floats, Ints32]:
        """Return the cost from the end of an edge to every state, and the state before each on the quickest route."""
        from scipy.sparse.csgraph import dijkstra

        start = self.graph.turns.exit[edge : edge + 1]
        cost, before = dijkstra(self.costs.forwards, indices=start, return_predecessors=True)
        return cost[0], before[0]

    def edges_to(self, edge: int, from_edge: int, cost: Floats, before: Ints32) -> tuple[int, ...] | None:
        """Return the edges of the route onto an edge, given the tree of another edge (both edges included)."""
        turns = self.graph.turns
        state = min(turns.entries(edge), key=lambda entry: (cost[entry], entry))
        if not np.isfinite(cost[state]):
            return None
        keys = []
        while (previous := int(before[state])) >= 0:
            keys.append(previous * turns.states + state)
            state = previous
        driven = self._arc_edges[np.searchsorted(self._arc_keys, keys[::-1])] if keys else np.zeros(0, dtype=np.int32)
        return (from_edge, *driven[driven >= 0].tolist(), edge)


def shortest(graph: RoadGraph, start: RoadPlace, end: RoadPlace) -> Route:
    """Return the route that is usually quickest."""
    edges = Router(graph).edges_between(start, end)
    if edges is None:
        raise RoadError(f"no way leads from edge {start.edge} to edge {end.edge}: turns or one-way roads forbid it")
    return route_along(graph, edges, start.along_m, end.along_m)


def route_along(graph: RoadGraph, edges: Sequence[int], from_m: float, to_m: float) -> Route:
    """Return the route over given edges, from a point on the first to a point on the last."""
    driven = list(edges)
    spans = [(0.0, float(graph.edge_length_m[edge])) for edge in driven]
    spans[0] = (from_m, spans[0][1])
    spans[-1] = (spans[-1][0], to_m)
    length_m = np.array([end - start for start, end in spans])
    share = length_m / graph.edge_length_m[driven]
    pieces = [points_between(graph, edge, start, end) for edge, (start, end) in zip(driven, spans, strict=True)]
    points = [point for piece in pieces for point in piece]
    kept = [points[0], *(after for before, after in pairwise(points) if after != before)]
    return Route(tuple(driven), tuple(kept), float(length_m.sum()), float((graph.usual_s[driven] * share).sum()))


def points_between(graph: RoadGraph, edge: int, from_m: float, to_m: float) -> list[tuple[float, float]]:
    """Return the latitudes and longitudes along part of an edge."""
    points = graph.edge_points(edge)
    xy = graph.edge_xy(edge)
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    reached *= graph.edge_length_m[edge] / max(reached[-1], 1e-9)
    inside = (reached > from_m) & (reached < to_m)
    middle = [(float(lat), float(lon)) for lat, lon in points[inside]]
    return [graph.position(edge, from_m), *middle, graph.position(edge, to_m)]


def through(graph: RoadGraph, stops: Sequence[tuple[PlacedCamera, int | None]]) -> Route:
    """Return the quickest route past cameras in order; each stop has the edge taken, None where that is not known.

    Where a camera sees several edges, those are chosen that make the whole route quickest (dynamic programming).
    """
    if not stops:
        raise RoadError("a route needs at least one sighting to go through")
    router = Router(graph)
    options = [[view for view in placed.views if view.edge == edge] or list(placed.views) for placed, edge in stops]
    best = [_PartialRoute(0.0, (view,), (view.edge,)) for view in options[0]]
    for views in options[1:]:
        extended = (_extended(graph, router, best, view) for view in views)
        best = [partial for partial in extended if partial is not None]
        if not best:
            raise RoadError("no way leads past these cameras in this order: turns or one-way roads forbid it")
    quickest = min(best, key=_PartialRoute.order)
    return route_along(graph, quickest.edges, quickest.views[0].along_m, quickest.views[-1].along_m)


def alternatives(graph: RoadGraph, start: RoadPlace, end: RoadPlace, count: int = 3) -> list[Route]:
    """Return up to `count` routes that differ enough to matter, the usually quickest first.

    The cost of the edges driven is raised and the search repeated until the route changes (the penalty method).
    """
    cost = graph.usual_s.copy()
    found = [shortest(graph, start, end)]
    for _ in range(TRIES_EACH * (count - 1)):
        if len(found) == count:
            break
        cost[list(found[-1].edges)] *= PENALTY
        edges = Router(graph, cost).edges_between(start, end)
        if edges is None:
            break
        route = route_along(graph, edges, start.along_m, end.along_m)
        cost[list(edges)] *= PENALTY
        if route.seconds <= LONGEST_BESIDE_BEST * found[0].seconds and not _is_like(graph, route, found):
            found.append(route)
    return sorted(found, key=lambda route: (route.seconds, route.edges))


@dataclass(frozen=True, slots=True)
class _PartialRoute:
    """The quickest way so far past some cameras: its seconds, the view taken of each camera, and its edges."""

    seconds: float
    views: tuple[View, ...]
    edges: tuple[int, ...]

    def order(self) -> tuple[float, tuple[int, ...]]:
        """Return the sort key: quickest first, ties broken by edges."""
        return self.seconds, self.edges


def _extended(graph: RoadGraph, router: Router, ways: Sequence[_PartialRoute], view: View) -> _PartialRoute | None:
    """Return the quickest of the ways so far after it is extended to one more view, None where no way leads there."""
    found = []
    for way in ways:
        last = way.views[-1]
        leg = router.edges_between(RoadPlace(last.edge, last.along_m), RoadPlace(view.edge, view.along_m))
        if leg is not None:
            leg_s = route_along(graph, leg, last.along_m, view.along_m).seconds
            found.append(_PartialRoute(way.seconds + leg_s, (*way.views, view), (*way.edges, *leg[1:])))
    return min(found, key=_PartialRoute.order) if found else None


def _is_like(graph: RoadGraph, route: Route, others: Sequence[Route]) -> bool:
    own = set(route.edges)
    total_m = float(graph.edge_length_m[list(own)].sum())
    shared_m = [float(graph.edge_length_m[list(own & set(other.edges))].sum()) for other in others]
    return max(shared_m) > ALIKE_SHARE * total_m
