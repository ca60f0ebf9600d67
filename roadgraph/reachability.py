"""Say which cameras a vehicle can have reached, and when at the earliest: the hypothesis.

Earlier than the earliest is impossible and is pruned; later than likely is only unlikely, because people stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import shapely

from roadgraph.camera import PlacedCamera
from roadgraph.camera_times import CameraTimes
from roadgraph.errors import RoadError
from roadgraph.geometry import Floats
from roadgraph.graph import RoadGraph
from roadgraph.origin import Origin
from roadgraph.spread import spread
from roadgraph.travel_time import TravelTimes
from roadgraph.turns import Costs

DIRECTIONS = ("after", "before", "both")
SOONEST = itemgetter(2, 0, 1)
"""Orders what is reached: by the earliest time, then by camera, then by direction."""
LIKELY = 0.95
"""Of the vehicles that come, this share has come by the likely latest time."""


@dataclass(frozen=True, slots=True)
class ReachOptions:
    """How far the hypothesis goes and what it forgives.

    `slack` is how many times the limits somebody may drive; `clock_slack_s` how wrong two clocks may be together.
    """

    horizon_s: float = 1800.0
    slack: float = 1.3
    clock_slack_s: float = 2.0
    direction: str = "both"


class Reached(NamedTuple):
    """A camera within the horizon; for "before" the seconds count back from the start, and the way leads to it."""

    camera: str
    direction: str
    earliest_s: float
    likely_latest_s: float
    km: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The cameras, soonest first, and the circle that would have to be searched without a map."""

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
    """Return the hypothesis from a camera (its id; `edge` where the road taken is known) or from elsewhere.

    With `times` a start at a camera is looked up; without, it is searched. `travel` gives the likely latest times.
    """
    options = options or ReachOptions()
    if options.direction not in DIRECTIONS:
        raise RoadError(f"direction {options.direction!r} is unknown: say {', '.join(DIRECTIONS)}")
    if options.slack < 1:
        raise RoadError(f"slack {options.slack} is below 1: 1.3 forgives driving 30 % faster than the limits")
    origin = Origin.at_camera(find_placed(placed, start), edge) if isinstance(start, str) else start
    ways = ("after", "before") if options.direction == "both" else (options.direction,)
    found: list[list[Reached]] = []
    for way in ways:
        if isinstance(start, str) and times is not None:
            legs = _from_matrix(times, start, edge, way)
        else:
            legs = _from_search(graph, placed, origin, options, way)
        found.append(_within(legs, way, options, travel or TravelTimes()))
    cameras = found[0] if len(found) == 1 else merge(*found, key=SOONEST)
    return Hypothesis(tuple(cameras), circle_km2(graph, origin, options))


@dataclass(frozen=True, slots=True)
class _Legs:
    """The ways to all cameras, in order of their ids."""

    cameras: tuple[str, ...]
    free_s: Floats
    usual_s: Floats
    km: Floats


def find_placed(placed: Sequence[PlacedCamera], camera: str) -> PlacedCamera:
    """Return a camera by its id; refuse one that is not on the roads."""
    for one in placed:
        if one.camera.id == camera:
            return one
    raise RoadError(f"camera {camera!r} is not on the roads: `retrace cameras list` shows those that are")


def _from_matrix(times: CameraTimes, camera: str, edge: int | None, way: str) -> _Legs:
    own = times.views_of(camera, edge)
    first = np.searchsorted(times.view_camera, np.arange(len(times.ids)))
    tables = (times.free_s, times.usual_s, times.km)
    rows = [(table[own] if way == "after" else table[:, own].T).min(axis=0) for table in tables]
    return _Legs(times.ids, *(np.minimum.reduceat(row, first) for row in rows))


def earliest_s(
    graph: RoadGraph, placed: Sequence[PlacedCamera], origin: Origin, options: ReachOptions, way: str = "after"
) -> Floats:
    """Return the least seconds from the origin to each camera (before: from it), inf where beyond the horizon."""
    farthest_s = (options.horizon_s + options.clock_slack_s) * options.slack
    return _searched(graph, placed, origin, graph.free_flow, farthest_s, way) / options.slack


def _from_search(
    graph: RoadGraph, placed: Sequence[PlacedCamera], origin: Origin, options: ReachOptions, way: str
) -> _Legs:
    ordered = sorted(placed, key=lambda one: one.camera.id)
    return _Legs(
        cameras=tuple(one.camera.id for one in ordered),
        free_s=earliest_s(graph, ordered, origin, options, way) * options.slack,
        usual_s=_searched(graph, ordered, origin, graph.usual, np.inf, way),
        km=_searched(graph, ordered, origin, graph.distance, np.inf, way) / 1000,
    )


def _searched(
    graph: RoadGraph, placed: Sequence[PlacedCamera], origin: Origin, costs: Costs, limit: float, way: str
) -> Floats:
    """Return the least cost over the views of each camera."""
    views = [(number, view) for number, one in enumerate(placed) for view in one.views]
    edge = np.array([view.edge for _, view in views], dtype=np.int32)
    along_m = np.array([view.along_m for _, view in views])
    first = np.searchsorted(np.array([number for number, _ in views]), np.arange(len(placed)))
    reached = spread(graph, origin, costs, limit=limit, backwards=way == "before")
    return np.minimum.reduceat(reached.at(edge, along_m), first)


def _within(legs: _Legs, way: str, options: ReachOptions, travel: TravelTimes) -> list[Reached]:
    soonest_s = np.maximum(legs.free_s / options.slack - options.clock_slack_s, 0.0)
    order = np.argsort(soonest_s, kind="stable")
    near = order[soonest_s[order] <= options.horizon_s]
    latest_s = travel.prior_quantile(legs.free_s[near], legs.usual_s[near], LIKELY) + options.clock_slack_s
    ids = [legs.cameras[number] for number in near.tolist()]
    columns = (soonest_s[near].tolist(), latest_s.tolist(), legs.km[near].tolist())
    return list(map(Reached._make, zip(ids, repeat(way), *columns, strict=False)))


def circle_km2(graph: RoadGraph, origin: Origin, options: ReachOptions) -> float:
    """Return the area of the circle of the fastest speed, as far as the map goes."""
    fastest_mps = float(graph.edge_speed_kmh.max()) / 3.6 * options.slack
    middle = origin.middle_xy(graph)
    south, west, north, east = graph.bounds
    corners = graph.plane.to_xy([south, north], [west, east])
    circle = shapely.Point(middle).buffer(fastest_mps * options.horizon_s, quad_segs=32)
    return float(circle.intersection(shapely.box(*corners[0], *corners[1])).area / 1e6)
