"""Say where a vehicle most likely is some time after a camera saw which way it drove.

Vehicles are on their way to somewhere. At a given time a vehicle is on the road that it would have come to by then at
its pace, or parked at its goal, or on a next trip. The area is made of the likeliest stretches of road that hold a
given share of all this.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from roadgraph.area import RoadArea
from roadgraph.bound_for import bound_for
from roadgraph.flows import Tree, flows
from roadgraph.geometry import Floats
from roadgraph.graph import Ints, RoadGraph
from roadgraph.origin import Origin

PIECE_M = 60.0
PACE_MIDDLE, PACE_SPREAD = 0.9, 0.22
"""How far a vehicle has come beside the usual: the median, and the standard deviation of its log."""
HELD_UP_SHARE, HELD_UP_MIDDLE, HELD_UP_SPREAD = 0.15, 0.5, 0.5
"""The same for those in jams and those who stop on the way."""
FASTEST_PACE = 1.6
STAY_S = 1500.0
"""Of those who have come to their goal, a third is still there after so long; the others are on a next trip."""
NEXT_PACE = 1.3
"""Next trips are sought where one can be in this much more than the usual pace."""
ASTRAY_SHARE = 0.03
"""How much is spread over all roads that are driven, for what no model expects."""


@dataclass(frozen=True, slots=True)
class LikelyOptions:
    """Which share of what the model expects the area holds, and the hour, on which the goals depend.

    A little more than is wanted of the vehicles themselves, who do what no model expects.
    """

    share: float = 0.98
    hour: float = 12.0


@dataclass(frozen=True, eq=False)
class _Traffic:
    """By edge: the usual seconds to come to it, and the shares that drive it and are bound for it.

    Next trips may lead anywhere, back past the camera too: they have seconds and bustle of their own.
    """

    enter_s: Floats
    flow: Floats
    goal: Floats
    next_s: Floats
    bustle: Floats


def likely_area(graph: RoadGraph, origin: Origin, elapsed_s: float, options: LikelyOptions | None = None) -> RoadArea:
    """Return the stretches of road on which the vehicle most likely is."""
    options = options or LikelyOptions()
    traffic = _traffic(graph, origin, elapsed_s * FASTEST_PACE + 1800.0, options.hour)
    pieces = _pieces(graph, origin, traffic, elapsed_s)
    return _likeliest(pieces, _mass(graph, pieces, traffic, elapsed_s), options.share)


def _traffic(graph: RoadGraph, origin: Origin, limit_s: float, hour: float) -> _Traffic:
    tree = Tree.of(graph, origin, limit_s)
    enter_s = tree.enter_s(graph)
    goal = bound_for(graph, origin, enter_s, hour)
    flow = flows(graph, tree, goal)
    anyhow = replace(origin, way_known=False)
    any_tree = Tree.of(graph, anyhow, limit_s)
    any_s = any_tree.enter_s(graph)
    any_goal = bound_for(graph, anyhow, any_s, hour)
    driven = flow + goal / 2 + flows(graph, any_tree, any_goal) + any_goal / 2
    both_ways = np.where(graph.edge_reverse >= 0, np.maximum(driven, driven[graph.edge_reverse]), driven)
    return _Traffic(enter_s, flow, goal, any_s, np.sqrt(both_ways))


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Short stretches of edges, and the usual seconds at their two ends."""

    edge: Ints
    from_m: Floats
    to_m: Floats
    from_s: Floats
    to_s: Floats
    is_origin: npt.NDArray[np.bool_]


def _pieces(graph: RoadGraph, origin: Origin, traffic: _Traffic, elapsed_s: float) -> _Pieces:
    edge = np.flatnonzero(np.minimum(traffic.enter_s, traffic.next_s) < elapsed_s * FASTEST_PACE).astype(np.int32)
    own = np.arange(len(origin.edge))
    joined = np.concatenate([edge, origin.edge])
    low_m = np.concatenate([np.zeros(len(edge)), origin.to_m])
    start_s = np.concatenate([traffic.enter_s[edge], np.zeros(len(own))])
    is_origin = np.concatenate([np.zeros(len(edge), dtype=np.bool_), np.ones(len(own), dtype=np.bool_)])
    length_m = graph.edge_length_m[joined] - low_m
    count = np.maximum(1, np.ceil(length_m / PIECE_M)).astype(np.int64)
    which = np.repeat(np.arange(len(joined)), count)
    step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    size_m = length_m[which] / count[which]
    from_m = low_m[which] + step * size_m
    pace = (graph.usual.edge / graph.edge_length_m)[joined[which]]
    from_s = start_s[which] + (from_m - low_m[which]) * pace
    return _Pieces(joined[which], from_m, from_m + size_m, from_s, from_s + size_m * pace, is_origin[which])


def _mass(graph: RoadGraph, pieces: _Pieces, traffic: _Traffic, elapsed_s: float) -> Floats:
    """Return the share of vehicles on each piece: on the way, at the goal, on a next trip, or for no known reason."""
    edge, length_m = pieces.edge, pieces.to_m - pieces.from_m
    through = np.where(pieces.is_origin, 1.0, traffic.flow[edge] + traffic.goal[edge] / 2)
    driving = through * (_come_by(pieces.to_s, elapsed_s) - _come_by(pieces.from_s, elapsed_s))
    arrived = traffic.goal[edge] * (1 - _come_by(pieces.from_s, elapsed_s)) * length_m / graph.edge_length_m[edge]
    left = 1 - np.exp(-elapsed_s / STAY_S)
    in_time = np.maximum(1 - traffic.next_s[edge] / (elapsed_s * NEXT_PACE), 0.0)
    next_trip = _spread_over(arrived.sum() * left, traffic.bustle[edge] * in_time * ~pieces.is_origin * length_m)
    known = driving + arrived * (1 - left) + next_trip
    near = np.isfinite(pieces.from_s) * np.sqrt(through) * length_m
    return np.asarray((1 - ASTRAY_SHARE) * known / known.sum() + _spread_over(ASTRAY_SHARE, near))


def _spread_over(share: float, weight: Floats) -> Floats:
    return np.asarray(share * weight / max(float(weight.sum()), 1e-12))


def _come_by(usual: Floats, elapsed_s: float) -> Floats:
    """Return the share of vehicles that have not yet come as far as the usual seconds say."""
    pace = np.log(np.maximum(usual, 1e-3) / elapsed_s)
    steady = ndtr((pace - np.log(PACE_MIDDLE)) / PACE_SPREAD)
    held_up = ndtr((pace - np.log(HELD_UP_MIDDLE)) / HELD_UP_SPREAD)
    return np.asarray((1 - HELD_UP_SHARE) * steady + HELD_UP_SHARE * held_up)


def _likeliest(pieces: _Pieces, mass: Floats, share: float) -> RoadArea:
    """Return the pieces with most mass to the metre that together hold the share."""
    per_m = mass / (pieces.to_m - pieces.from_m)
    order = np.argsort(-per_m, kind="stable")
    needed = int(np.searchsorted(np.cumsum(mass[order]), share * mass.sum())) + 1
    kept = np.sort(order[:needed])
    return RoadArea(pieces.edge[kept], pieces.from_m[kept], pieces.to_m[kept])
