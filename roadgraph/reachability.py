"""Find the cameras that a vehicle can have reached, and the earliest time at each: the hypothesis of a search.

A camera cannot be reached before its earliest time, so earlier sightings are ruled out. Sightings after the likely
latest time are only unlikely, because people stop on the way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import shapely

from roadgraph.arrays import Floats
from roadgraph.camera import PlacedCamera
from roadgraph.camera_times import CameraTimes
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.origin import Origin, least_costs
from roadgraph.travel_time import TravelTimes
from roadgraph.turns import EdgeCosts

DIRECTIONS = ("after", "before", "both")
SOONEST = itemgetter(2, 0, 1)
"""The sort key of reached cameras: the earliest time, then the camera, then the direction."""
LIKELY = 0.95
"""The share of the vehicles that come at all and have come by the likely latest time."""


@dataclass(frozen=True, slots=True)
class ReachOptions:
    """How far the hypothesis reaches in time, and how much it tolerates.

    A driver may go `slack` times as fast as the limits; two clocks together may be `clock_slack_s` wrong.
    """

    horizon_s: float = 1800.0
    slack: float = 1.3
    clock_slack_s: float = 2.0
    direction: str = "both"


class Reached(NamedTuple):
    """A camera within the horizon; for "before" the seconds count back, and the way leads to the start.

    `usual_s` are those of the median drive.
    """

    camera: str
    direction: str
    earliest_s: float
    likely_latest_s: float
    km: float
    usual_s: float


@dataclass(frozen=True, eq=False)
class Arrivals:
    """The earliest seconds at each camera ("before": back from it), (n,); inf beyond the horizon or not asked for."""

    cameras: tuple[str, ...]
    before_s: Floats
    after_s: Floats


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The cameras, soonest first, and the area of the circle that would have to be searched without a map."""

    cameras: tuple[Reached, ...]
    circle_km2: float


def reach(
    graph: RoadGraph,
    placed: Sequence[PlacedCamera],
    start: str | Origin,
    options: ReachOptions | None = None,
    *,
    edge: int | None = None,
    times: CameraTimes | None = None,
    travel: TravelTimes | None = None,
) -> Hypothesis:
    """Return the hypothesis from a camera, given by its id (and the `edge` taken where it is known), or from an origin.

    From a camera, travel times are looked up in `times` if given, else searched on the roads. `travel` gives the
    likely latest times.
    """
    options = options or ReachOptions()
    origin = Origin.at_camera(find_placed(placed, start), edge) if isinstance(start, str) else start
    found = [
        _within(legs, direction, options, travel or TravelTimes())
        for direction, legs in _legs_by_direction(graph, placed, start, options, edge, times)
    ]
    cameras = found[0] if len(found) == 1 else merge(*found, key=SOONEST)
    return Hypothesis(tuple(cameras), circle_km2(graph, origin, options))


def earliest_arrivals(
    graph: RoadGraph,
    placed: Sequence[PlacedCamera],
    start: str | Origin,
    options: ReachOptions,
    *,
    times: CameraTimes | None = None,
) -> Arrivals:
    """Return the earliest seconds at every camera on the roads, which are those of `reach`; all that a search needs."""
    legs_of = dict(_legs_by_direction(graph, placed, start, options, None, times))
    soonest_s = {direction: _soonest_s(legs, options) for direction, legs in legs_of.items()}
    cameras = next(iter(legs_of.values())).cameras
    never_s = np.full(len(cameras), np.inf)
    sides = (soonest_s.get(direction, never_s) for direction in ("before", "after"))
    return Arrivals(cameras, *(np.where(every_s <= options.horizon_s, every_s, np.inf) for every_s in sides))


def find_placed(placed: Sequence[PlacedCamera], camera: str) -> PlacedCamera:
    """Return a camera by its id; refuse one that is not on the roads."""
    for candidate in placed:
        if candidate.id == camera:
            return candidate
    raise RoadError(f"camera {camera!r} is not on the roads: `retrace cameras list` shows those that are")


def earliest_s(
    graph: RoadGraph, placed: Sequence[PlacedCamera], origin: Origin, options: ReachOptions, direction: str = "after"
) -> Floats:
    """Return the least seconds from the origin to each camera ("before": from each camera), inf beyond the horizon."""
    farthest_s = (options.horizon_s + options.clock_slack_s) * options.slack
    return _searched(graph, placed, origin, graph.free_flow, farthest_s, direction) / options.slack


def circle_km2(graph: RoadGraph, origin: Origin, options: ReachOptions) -> float:
    """Return the area of the circle that the fastest vehicle reaches within the horizon, as far as the map goes."""
    radius_m = float(graph.edge_speed_kmh.max()) / 3.6 * options.slack * options.horizon_s
    middle = origin.middle_xy(graph)
    south, west, north, east = graph.bounds
    corners = graph.plane.to_xy([south, north], [west, east])
    circle = shapely.Point(middle).buffer(radius_m, quad_segs=32)
    return float(circle.intersection(shapely.box(*corners[0], *corners[1])).area / 1e6)


@dataclass(frozen=True, slots=True)
class _Legs:
    """The quickest and the shortest ways to all cameras, in order of their ids; inf where there is no way."""

    cameras: tuple[str, ...]
    free_s: Floats
    usual_s: Floats
    km: Floats


def _legs_by_direction(
    graph: RoadGraph,
    placed: Sequence[PlacedCamera],
    start: str | Origin,
    options: ReachOptions,
    edge: int | None,
    times: CameraTimes | None,
) -> Iterator[tuple[str, _Legs]]:
    """Yield each direction that the options ask for, with its legs: looked up from a camera, else searched."""
    if options.direction not in DIRECTIONS:
        raise RoadError(f"direction {options.direction!r} is unknown: choose {', '.join(DIRECTIONS)}")
    if options.slack < 1:
        raise RoadError(f"slack {options.slack} is below 1: 1.3 forgives driving 30 % faster than the limits")
    for direction in ("after", "before") if options.direction == "both" else (options.direction,):
        if isinstance(start, str) and times is not None:
            yield direction, _from_matrix(times, start, edge, direction)
        else:
            origin = Origin.at_camera(find_placed(placed, start), edge) if isinstance(start, str) else start
            yield direction, _from_search(graph, placed, origin, options, direction)


def _soonest_s(legs: _Legs, options: ReachOptions) -> Floats:
    """Return the least seconds to each camera that the options allow."""
    return np.maximum(legs.free_s / options.slack - options.clock_slack_s, 0.0)


def _from_matrix(times: CameraTimes, camera: str, edge: int | None, direction: str) -> _Legs:
    own = times.rows[times.views_of(camera, edge)]
    tables = (times.free_s, times.usual_s, times.km)
    costs = [(table[own] if direction == "after" else table[:, own].T).min(axis=0) for table in tables]
    return _Legs(times.ids, *map(times.of_cameras, costs))


def _from_search(
    graph: RoadGraph, placed: Sequence[PlacedCamera], origin: Origin, options: ReachOptions, direction: str
) -> _Legs:
    ordered = sorted(placed, key=lambda camera: camera.id)
    return _Legs(
        cameras=tuple(camera.id for camera in ordered),
        free_s=earliest_s(graph, ordered, origin, options, direction) * options.slack,
        usual_s=_searched(graph, ordered, origin, graph.usual, np.inf, direction),
        km=_searched(graph, ordered, origin, graph.distance, np.inf, direction) / 1000,
    )


def _searched(
    graph: RoadGraph, placed: Sequence[PlacedCamera], origin: Origin, costs: EdgeCosts, limit: float, direction: str
) -> Floats:
    """Return the least cost to reach each camera, over its views."""
    views = [(number, view) for number, camera in enumerate(placed) for view in camera.views]
    edge = np.array([view.edge for _, view in views], dtype=np.int32)
    along_m = np.array([view.along_m for _, view in views])
    first = np.searchsorted(np.array([number for number, _ in views]), np.arange(len(placed)))
    reached = least_costs(graph, origin, costs, limit=limit, backwards=direction == "before")
    return np.minimum.reduceat(reached.at(edge, along_m), first)


def _within(legs: _Legs, direction: str, options: ReachOptions, travel: TravelTimes) -> list[Reached]:
    soonest_s = _soonest_s(legs, options)
    order = np.argsort(soonest_s, kind="stable")
    near = order[soonest_s[order] <= options.horizon_s]
    free_s, usual_s = legs.free_s[near], legs.usual_s[near]
    latest_s = travel.prior_quantile(free_s, usual_s, LIKELY) + options.clock_slack_s
    median_s = travel.prior_quantile(free_s, usual_s, 0.5)
    ids = [legs.cameras[number] for number in near.tolist()]
    columns = (soonest_s[near].tolist(), latest_s.tolist(), legs.km[near].tolist(), median_s.tolist())
    return list(map(Reached._make, zip(ids, repeat(direction), *columns, strict=False)))
