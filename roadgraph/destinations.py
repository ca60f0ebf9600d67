"""Estimate where the vehicles that pass a place are going, and which roads they take to get there.

Trips join places that attract them. Of all trips that begin at one place, those pass a camera for which the road past
it is no detour, or hardly one. Beginnings of trips are sampled by the likelihood that the trip passes the camera; they
tell which destinations the passing vehicles can have (Bayes: P(destination | passage) is proportional to
P(destination | beginning) P(passage | beginning, destination)). All vehicles are assumed to take the quickest way. The
quickest ways from one place form a tree, and the flow on a road is the share of the destinations behind it.
"""

from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats, Ints32
from roadgraph.graph import RoadGraph
from roadgraph.land_use import TRIP_REACH_M, TripEnds, trip_ends
from roadgraph.origin import Origin, exit_states, without_u_turn
from roadgraph.turns import costs_from, with_start

BEGINNINGS = 8
"""This many sampled beginnings of trips stand for all."""
DETOUR_S = 25.0
"""A driver who would save this much on another way is a third as likely to take this one."""
LONGEST_S = 3600.0
"""Trips that drive longer than this before they pass the camera are left out."""
ODD_SHARE = 0.03
"""The share of drivers who go anywhere, whatever the detour."""


@dataclass(frozen=True, eq=False)
class QuickestTree:
    """The quickest ways from an origin: the usual seconds to each state, and the state before it."""

    state_s: Floats
    before: Ints32

    @classmethod
    def of(cls, graph: RoadGraph, origin: Origin, limit_s: float) -> "QuickestTree":
        """Search the ways up to a limit; a vehicle whose way is known makes no U-turn at once."""
        from scipy.sparse.csgraph import dijkstra

        matrix = graph.usual.forwards
        if origin.way_known:
            matrix = without_u_turn(graph, matrix, int(origin.edge[0]))
        joined = with_start(matrix, exit_states(graph, origin, graph.usual_s))
        start = np.array([joined.shape[0] - 1])
        state_s, before = dijkstra(joined, indices=start, return_predecessors=True, limit=limit_s)
        return cls(state_s[0], before[0])

    def enter_s(self, graph: RoadGraph) -> Floats:
        """Return the seconds to the start of each edge, inf beyond the limit."""
        return graph.turns.to_edges(self.state_s)


def destination_shares(graph: RoadGraph, origin: Origin, enter_s: Floats, hour: float) -> Floats:
    """Return the share of vehicles whose destination lies on each edge; `enter_s` are the usual seconds to each."""
    ends = trip_ends(graph, hour)
    away_m = np.hypot(*(ends.xy - origin.middle_xy(graph)).T)
    near = np.exp(-away_m / TRIP_REACH_M)
    there_s = _seconds_to(graph, origin, ends.edge, enter_s)
    reached = np.isfinite(there_s)
    weight = np.where(reached, ends.weight * near, 0.0)
    if origin.way_known:
        undirected = weight / max(float(weight.sum()), 1e-12)
        directed = np.where(reached, _of_those_who_pass(graph, int(origin.edge[0]), ends, near, there_s), 0.0)
        total = float(directed.sum())
        weight = (1 - ODD_SHARE) * directed / total + ODD_SHARE * undirected if total > 0 else undirected
    shares = np.zeros(graph.edges)
    shares[ends.edge] = weight / max(float(weight.sum()), 1e-12)
    return shares


def edge_flows(graph: RoadGraph, tree: QuickestTree, destinations: Floats) -> Floats:
    """Return the share of vehicles that drive each edge to its end, given the share whose destination lies on each."""
    turns = graph.turns
    behind = np.bincount(turns.entry, weights=destinations, minlength=len(tree.state_s))
    reached = np.flatnonzero(np.isfinite(tree.state_s) & (tree.before >= 0))
    order = reached[np.argsort(-tree.state_s[reached], kind="stable")].tolist()
    before, total = tree.before.tolist(), behind.tolist()
    for state in order:
        total[before[state]] += total[state]
    flow = np.array(total)
    taken = tree.before[turns.exit] == turns.entry
    # Of parallel edges only the quickest is in the tree.
    with np.errstate(invalid="ignore"):
        arrives = np.abs(tree.state_s[turns.entry] + graph.usual_s - tree.state_s[turns.exit]) < 1e-3
    return np.where(taken & arrives, flow[turns.exit], 0.0)


def _seconds_to(graph: RoadGraph, origin: Origin, edge: Ints32, enter_s: Floats) -> Floats:
    """Return the usual seconds to the middle of edges; the origin's own edges count as reached at once."""
    there_s = enter_s[edge] + graph.usual_s[edge] / 2
    return np.where(np.isin(edge, origin.edge), 0.0, there_s)


def _of_those_who_pass(graph: RoadGraph, edge: int, ends: TripEnds, near: Floats, there_s: Floats) -> Floats:
    """Return the likelihood of each end to be the destination of a vehicle that drives along an edge."""
    from scipy.sparse.csgraph import dijkstra

    turns, usual, usual_s = graph.turns, graph.usual, graph.usual_s
    past = [(int(turns.exit[edge]), 0.0)]
    through = [(int(turns.entry[edge]), float(usual_s[edge]))]
    to_exit_s, by_edge_s = (
        costs_from(usual.backwards, start, limit=LONGEST_S)[turns.exit[ends.edge]] for start in (past, through)
    )
    passes = _no_detour(by_edge_s, to_exit_s) * near
    beginnings = _sampled(passes * ends.weight, BEGINNINGS)
    if not len(beginnings):
        return np.zeros(len(ends.edge))
    farthest_s = by_edge_s[beginnings].max() + there_s.max(initial=0.0, where=np.isfinite(there_s))
    from_s = dijkstra(usual.forwards, indices=turns.exit[ends.edge[beginnings]], limit=farthest_s)
    direct_s = turns.to_edges(from_s)[:, ends.edge] + usual_s[ends.edge] / 2
    by_camera_s = by_edge_s[beginnings, None] + there_s[None, :]
    apart_m = np.hypot(*np.moveaxis(ends.xy[beginnings, None] - ends.xy[None, :], -1, 0))
    attracted = ends.weight[None, :] * np.exp(-apart_m / TRIP_REACH_M)
    share = attracted / attracted.sum(axis=1, keepdims=True)
    # The beginnings were sampled by `passes`: dividing by it makes up for that (importance sampling).
    likely = share * _no_detour(by_camera_s, direct_s) / passes[beginnings, None]
    return np.asarray(likely.sum(axis=0))


def _no_detour(driven_s: Floats, quickest_s: Floats) -> Floats:
    """Return how likely drivers are to take the longer way; 0 where there is no way."""
    with np.errstate(invalid="ignore"):
        saved_s = driven_s - quickest_s
        return np.where(np.isfinite(saved_s), np.exp(-np.clip(saved_s, 0.0, 600.0) / DETOUR_S), 0.0)


def _sampled(weight: Floats, count: int) -> Ints32:
    """Return the indices at evenly spaced quantiles of a weight, without chance; none where all weights are zero."""
    total = np.cumsum(weight)
    if not len(total) or total[-1] <= 0:
        return np.zeros(0, dtype=np.int32)
    indices: Ints32 = np.searchsorted(total, (np.arange(count) + 0.5) / count * total[-1]).astype(np.int32)
    return indices
