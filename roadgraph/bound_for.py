"""Say where the vehicles that pass a place on a road are bound for.

Trips join places that draw them. Of all trips that begin at a place, those pass a camera for which driving that way is
no detour, or hardly one. Sampling where passing vehicles began, by how likely it is that they came by, tells which
goals they can have (Bayes: goal given passage ~ goal given beginning x passage given both).
"""

import numpy as np
from scipy.sparse.csgraph import dijkstra

from roadgraph.geometry import Floats
from roadgraph.graph import Ints, RoadGraph
from roadgraph.land_use import REACH_OF_A_TRIP_M, TripEnds, trip_ends
from roadgraph.origin import Origin
from roadgraph.turns import seconds_from

BEGINNINGS = 8
"""How many beginnings of trips stand for all."""
DETOUR_S = 25.0
"""Who would have saved this much by driving otherwise is a third as likely to have come this way."""
LONGEST_S = 3600.0
"""Trips that take longer before they pass the camera are not thought of."""
ODD_SHARE = 0.03
"""Drivers who are bound for anywhere, whatever the detour."""


def bound_for(graph: RoadGraph, origin: Origin, enter_s: Floats, hour: float) -> Floats:
    """Return the share of vehicles that are bound for each edge; `enter_s` are the usual seconds to come to each."""
    ends = trip_ends(graph, hour)
    away_m = np.hypot(*(ends.xy - origin.middle_xy(graph)).T)
    near = np.exp(-away_m / REACH_OF_A_TRIP_M)
    there_s = _seconds_to(graph, origin, ends.edge, enter_s)
    reached = np.isfinite(there_s)
    weight = np.where(reached, ends.weight * near, 0.0)
    if origin.way_known:
        anyhow = weight / max(float(weight.sum()), 1e-12)
        directed = np.where(reached, _of_those_who_pass(graph, int(origin.edge[0]), ends, near, there_s), 0.0)
        total = float(directed.sum())
        weight = (1 - ODD_SHARE) * directed / total + ODD_SHARE * anyhow if total > 0 else anyhow
    shares = np.zeros(graph.edges)
    shares[ends.edge] = weight / max(float(weight.sum()), 1e-12)
    return shares


def _seconds_to(graph: RoadGraph, origin: Origin, edge: Ints, enter_s: Floats) -> Floats:
    """Return the usual seconds to the middle of edges; what is ahead on the origin's own edges is near."""
    there_s = enter_s[edge] + graph.usual.edge[edge] / 2
    return np.where(np.isin(edge, origin.edge), 0.0, there_s)


def _of_those_who_pass(graph: RoadGraph, edge: int, ends: TripEnds, near: Floats, there_s: Floats) -> Floats:
    """Return how likely each end is the goal of a vehicle that drives along an edge."""
    turns, usual = graph.turns, graph.usual
    past = [(int(turns.exit[edge]), 0.0)]
    through = [(int(turns.entry[edge]), float(usual.edge[edge]))]
    to_exit_s, by_edge_s = (
        seconds_from(usual.backwards, start, limit_s=LONGEST_S)[turns.exit[ends.edge]] for start in (past, through)
    )
    passes = _no_detour(by_edge_s, to_exit_s) * near
    beginnings = _sampled(passes * ends.weight, BEGINNINGS)
    if not len(beginnings):
        return np.zeros(len(ends.edge))
    farthest_s = by_edge_s[beginnings].max() + there_s[np.isfinite(there_s)].max()
    from_s = dijkstra(usual.forwards, indices=turns.exit[ends.edge[beginnings]], limit=farthest_s)
    direct_s = turns.to_edges(from_s)[:, ends.edge] + usual.edge[ends.edge] / 2
    by_camera_s = by_edge_s[beginnings, None] + there_s[None, :]
    apart_m = np.hypot(*np.moveaxis(ends.xy[beginnings, None] - ends.xy[None, :], -1, 0))
    drawn = ends.weight[None, :] * np.exp(-apart_m / REACH_OF_A_TRIP_M)
    share = drawn / drawn.sum(axis=1, keepdims=True)
    # Beginnings were sampled by `passes`: what they stand for is weighed back.
    likely = share * _no_detour(by_camera_s, direct_s) / passes[beginnings, None]
    return np.asarray(likely.sum(axis=0))


def _no_detour(driven_s: Floats, quickest_s: Floats) -> Floats:
    """Return how likely a driver is to take the longer way; 0 where there is no way."""
    with np.errstate(invalid="ignore"):
        saved_s = driven_s - quickest_s
        return np.where(np.isfinite(saved_s), np.exp(-np.clip(saved_s, 0.0, 600.0) / DETOUR_S), 0.0)


def _sampled(weight: Floats, count: int) -> Ints:
    """Return evenly spaced quantiles of a distribution over numbers, without chance; none where all is zero."""
    total = np.cumsum(weight)
    if not len(total) or total[-1] <= 0:
        return np.zeros(0, dtype=np.int32)
    numbers: Ints = np.searchsorted(total, (np.arange(count) + 0.5) / count * total[-1]).astype(np.int32)
    return numbers
