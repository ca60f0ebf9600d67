"""Find the roads where a vehicle most likely is, some time after a camera saw it.

Vehicles are on their way to destinations. At a given time a vehicle drives on the road that it reaches by then at its
pace, or is parked at its destination, or is on its next trip. The area is made of the likeliest stretches of road that
together hold a given share of this distribution.
"""

from dataclasses import dataclass, replace

import numpy as np

from roadgraph.area import RoadArea
from roadgraph.arrays import Flags, Floats, Ints32
from roadgraph.delay_shape import BUILT_IN, EDGES
from roadgraph.destinations import QuickestTree, destination_shares, edge_flows
from roadgraph.graph import RoadGraph
from roadgraph.origin import Origin
from roadgraph.pair_delays import SLACK
from roadgraph.travel_time import clock_hours
from roadgraph.usual_driving import usual_driving

PIECE_M = 60.0
FASTEST_PACE = 2.6
"""Nobody comes farther than one usually does in this many times the seconds."""
LEAST_UNIT_S = 1e-3
LEAST_ELAPSED_S = 1.0
"""Whoever has just passed is where it was: there is no area of no time."""
STAY_S = 1500.0
"""After this time a third of the vehicles are still at their destination; the others are on a next trip."""
NEXT_PACE = 1.3
"""Next trips reach what can be reached at this pace."""
ASTRAY_SHARE = 0.03
"""The share that is spread over all roads with traffic, for what the model does not expect."""


@dataclass(frozen=True, slots=True)
class LikelyOptions:
    """The share of the modelled distribution that the area holds, and the hour, on which destinations depend.

    It holds at least this share of vehicles, mostly a few hundredths more.
    """

    share: float = 0.9
    hour: float = 12.0


def likely_area(graph: RoadGraph, origin: Origin, elapsed_s: float, options: LikelyOptions | None = None) -> RoadArea:
    """Return the stretches of road on which the vehicle most likely is."""
    options = options or LikelyOptions()
    elapsed_s = max(elapsed_s, LEAST_ELAPSED_S)
    traffic = _traffic(graph, origin, elapsed_s * FASTEST_PACE + 1800.0, options.hour)
    pieces = _pieces(graph, origin, traffic, elapsed_s)
    return _likeliest(pieces, _mass(graph, pieces, traffic, elapsed_s, options.hour), options.share)


@dataclass(frozen=True, eq=False)
class _ExpectedTraffic:
    """By edge: the usual seconds to its start, and the shares of vehicles that drive it and that end on it.

    Next trips may lead anywhere, also back past the camera: `next_s` are the seconds to each edge without regard to
    the direction driven at the origin, `bustle` is the weight of each edge for next trips.
    """

    enter_s: Floats
    flow: Floats
    destination: Floats
    next_s: Floats
    bustle: Floats


@dataclass(frozen=True, eq=False)
class _RoadPieces:
    """Short stretches of edges, and the usual seconds to their two ends."""

    edge: Ints32
    from_m: Floats
    to_m: Floats
    from_s: Floats
    to_s: Floats
    is_origin: Flags


def _traffic(graph: RoadGraph, origin: Origin, limit_s: float, hour: float) -> _ExpectedTraffic:
    enter_s, destination, flow = _flows(graph, origin, limit_s, hour)
    next_s, next_destination, next_flow = _flows(graph, replace(origin, way_known=False), limit_s, hour)
    driven = flow + destination / 2 + next_flow + next_destination / 2
    both_ways = np.where(graph.edge_reverse >= 0, np.maximum(driven, driven[graph.edge_reverse]), driven)
    return _ExpectedTraffic(enter_s, flow, destination, next_s, np.sqrt(both_ways))


def _flows(graph: RoadGraph, origin: Origin, limit_s: float, hour: float) -> tuple[Floats, Floats, Floats]:
    """Return, by edge, the usual seconds to it, and the shares of vehicles that end on it and that drive it."""
    tree = QuickestTree.of(graph, origin, limit_s)
    enter_s = tree.enter_s(graph)
    destination = destination_shares(graph, origin, enter_s, hour)
    return enter_s, destination, edge_flows(graph, tree, destination)


def _pieces(graph: RoadGraph, origin: Origin, traffic: _ExpectedTraffic, elapsed_s: float) -> _RoadPieces:
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
    s_per_m = (graph.usual_s / graph.edge_length_m)[joined[which]]
    from_s = start_s[which] + (from_m - low_m[which]) * s_per_m
    return _RoadPieces(joined[which], from_m, from_m + size_m, from_s, from_s + size_m * s_per_m, is_origin[which])


def _mass(graph: RoadGraph, pieces: _RoadPieces, traffic: _ExpectedTraffic, elapsed_s: float, hour: float) -> Floats:
    """Return the share of vehicles on each piece: on the way, at the destination, on a next trip, or astray."""
    edge, length_m = pieces.edge, pieces.to_m - pieces.from_m
    through = np.where(pieces.is_origin, 1.0, traffic.flow[edge] + traffic.destination[edge] / 2)
    not_yet_from, not_yet_to = (
        _not_yet_at(pieces_s, elapsed_s, _earliest_share(graph), hour) for pieces_s in (pieces.from_s, pieces.to_s)
    )
    driving = through * (not_yet_to - not_yet_from)
    has_come = 1 - not_yet_from
    arrived = traffic.destination[edge] * has_come * length_m / graph.edge_length_m[edge]
    left = 1 - np.exp(-elapsed_s / STAY_S)
    in_time = np.maximum(1 - traffic.next_s[edge] / (elapsed_s * NEXT_PACE), 0.0)
    next_trip = _spread_over(arrived.sum() * left, traffic.bustle[edge] * in_time * ~pieces.is_origin * length_m)
    known = driving + arrived * (1 - left) + next_trip
    near = np.isfinite(pieces.from_s) * np.sqrt(through) * length_m
    return np.asarray((1 - ASTRAY_SHARE) * known / known.sum() + _spread_over(ASTRAY_SHARE, near))


def _spread_over(share: float, weight: Floats) -> Floats:
    return np.asarray(share * weight / max(float(weight.sum()), 1e-12))


def _not_yet_at(usual_s: Floats, elapsed_s: float, earliest_share: float, hour: float) -> Floats:
    """Return the share of vehicles that have not yet come as far as one usually comes in these seconds.

    Drives are distributed as between cameras (`travel_time.py`), and the earliest are the same share everywhere.
    """
    spare_s = elapsed_s - earliest_share * usual_s
    unit_s = np.maximum((1 - earliest_share) * usual_s * usual_driving().hours[clock_hours(hour)], LEAST_UNIT_S)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.log(np.where(spare_s > 0, spare_s, np.nan) / unit_s)
    below = np.interp(u, EDGES, np.concatenate([[0.0], np.cumsum(BUILT_IN.share)]))
    return np.where(np.isnan(u), 1.0, 1.0 - below)


def _earliest_share(graph: RoadGraph) -> float:
    return float(graph.edge_s.sum() / SLACK / graph.usual_s.sum())


def _likeliest(pieces: _RoadPieces, mass: Floats, share: float) -> RoadArea:
    """Return the pieces with the most mass per metre that together hold the share."""
    per_m = mass / (pieces.to_m - pieces.from_m)
    order = np.argsort(-per_m, kind="stable")
    needed = int(np.searchsorted(np.cumsum(mass[order]), share * mass.sum())) + 1
    kept = np.sort(order[:needed])
    return RoadArea(pieces.edge[kept], pieces.from_m[kept], pieces.to_m[kept])
