"""Simulate vehicles that drive over the roads, stop, park and drive on; one seed gives one traffic."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats, Ints32
from roadgraph.driving_speed import WEATHERS, Jam, delay_s, drive, driver_shares, hour_share, light_s, make_jams
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.land_use import TripEnds, trip_ends
from roadgraph.routes import Router

TASTES = 6
"""Drivers have this many tastes in roads: each taste has its own errors about the costs of edges."""
TASTE_SPREAD = 0.2
"""The standard deviation of the logarithm of these errors."""
SHORTEST_EDGE_M = 1e-3


@dataclass(frozen=True, slots=True)
class TrafficOptions:
    """The traffic to simulate; `hour` is the local hour at second 0.

    Drives take as long as counted ones do (`usual_driving.py`); where the traffic is `light`, little holds them up.
    `detour_share` and `stop_share` are shares of trips, `hasty_share` is a share of drivers.
    """

    vehicles: int = 100
    minutes: float = 30.0
    seed: int = 0
    hour: float = 8.0
    weather: str = "dry"
    jams: int = 3
    detour_share: float = 0.08
    stop_share: float = 0.15
    hasty_share: float = 0.1
    parked_median_s: float = 420.0
    trips_each: int | None = None
    light: bool = False


@dataclass(frozen=True, eq=False)
class Trip:
    """One drive of one vehicle: when it enters each edge, and when it reaches its end, where it may wait at lights.

    It begins `from_m` along the first edge and ends `to_m` along the last.
    """

    vehicle: int
    edges: Ints32
    enter_s: Floats
    exit_s: Floats
    from_m: float
    to_m: float

    @property
    def start_s(self) -> float:
        """Return when the vehicle sets off."""
        return float(self.enter_s[0])

    @property
    def end_s(self) -> float:
        """Return when the vehicle arrives."""
        return float(self.exit_s[-1])


def simulate(graph: RoadGraph, options: TrafficOptions) -> list[Trip]:
    """Return all trips that set off within the simulated time, in order of vehicle and time."""
    blocks = simulate_blocks(graph, options, at_once=max(options.vehicles, 1))
    return [trip for block in blocks for trip in block]


def simulate_blocks(graph: RoadGraph, options: TrafficOptions, *, at_once: int) -> Iterator[list[Trip]]:
    """Yield the trips of blocks of `at_once` vehicles, in order of vehicle and time, so that any number fits in memory.

    Jams and tastes are the same for all blocks. Each block has its own random numbers: the trips depend on `at_once`.
    """
    if options.weather not in WEATHERS:
        raise RoadError(f"weather {options.weather!r} is unknown: choose {', '.join(WEATHERS)}")
    rng = np.random.default_rng(options.seed)
    jams = make_jams(graph, rng, options.jams, options.minutes * 60)
    drivers = _Drivers.random(rng, min(at_once, options.vehicles), options)
    world = _World.of(graph, options, jams, rng)
    for first in range(0, options.vehicles, at_once):
        if first:
            rng = np.random.default_rng([options.seed, first])
            drivers = _Drivers.random(rng, min(at_once, options.vehicles - first), options)
        yield _BlockSimulation(world, options, drivers, first, rng).run()


@dataclass(frozen=True, eq=False)
class _World:
    """What all vehicles share: the roads, trip ends, jams, a router for each taste, speeds and delays of edges."""

    graph: RoadGraph
    ends: TripEnds
    jams: Sequence[Jam]
    routers: Sequence[Router]
    road_share: Floats
    delays_s: Floats | None

    @classmethod
    def of(cls, graph: RoadGraph, options: TrafficOptions, jams: Sequence[Jam], rng: np.random.Generator) -> "_World":
        """Return the world at the hour and in the weather of the options."""
        costs = light_s(graph) if options.light else graph.usual_s
        tastes = rng.lognormal(0.0, TASTE_SPREAD, size=(TASTES, graph.edges))
        delays_s = None if options.light else delay_s(graph, rng, options.hour)
        by_hour = hour_share(graph, options.hour) if options.light else np.ones(graph.edges)
        routers = [Router(graph, costs * taste) for taste in tastes]
        road_share = by_hour * WEATHERS[options.weather]
        return cls(graph, trip_ends(graph, options.hour), jams, routers, road_share, delays_s)


@dataclass(frozen=True, eq=False)
class _Drivers:
    """The drivers of a block of vehicles: their speeds as shares of the limit, and the index of their tastes."""

    speed_share: Floats
    taste: Ints32

    @classmethod
    def random(cls, rng: np.random.Generator, count: int, options: TrafficOptions) -> "_Drivers":
        """Return random drivers."""
        return cls(driver_shares(rng, count, options.hasty_share), rng.integers(TASTES, size=count).astype(np.int32))


@dataclass(frozen=True, eq=False)
class _Departures:
    """The vehicles that set off in one round: which, when, and from where."""

    vehicle: Ints32
    start_s: Floats
    edge: Ints32
    along_m: Floats


class _BlockSimulation:
    """Simulates one block of vehicles in rounds: in each, every vehicle that has time left makes one trip."""

    def __init__(
        self, world: _World, options: TrafficOptions, drivers: _Drivers, first_vehicle: int, rng: np.random.Generator
    ) -> None:
        self.world, self.graph, self.options, self.rng = world, world.graph, options, rng
        self.drivers, self.first_vehicle = drivers, first_vehicle
        self.until_s = options.minutes * 60

    def run(self) -> list[Trip]:
        """Return the trips of all rounds."""
        departures = self._first_departures()
        trips: list[Trip] = []
        rounds = 0
        while len(departures.vehicle) and (self.options.trips_each is None or rounds < self.options.trips_each):
            driven = self._round(departures)
            trips += driven
            departures = self._next_departures(driven)
            rounds += 1
        return sorted(trips, key=lambda trip: (trip.vehicle, trip.start_s))

    def _first_departures(self) -> _Departures:
        count = len(self.drivers.taste)
        edge = self.world.ends.pick(self.rng, count)
        start_s = self.rng.uniform(0, self.until_s, size=count) * self.rng.beta(1.0, 2.0, size=count)
        along_m = self.rng.uniform(0.1, 0.9, size=count) * self.graph.edge_length_m[edge]
        vehicle = self.first_vehicle + np.arange(count, dtype=np.int32)
        return _Departures(vehicle, start_s, edge, along_m)

    def _next_departures(self, driven: Sequence[Trip]) -> _Departures:
        """Return the vehicles that set off again after a short stop or after parking."""
        count = len(driven)
        short = self.rng.random(count) < self.options.stop_share
        parked_s = self.rng.lognormal(np.log(self.options.parked_median_s), 0.8, size=count)
        stopped_s = self.rng.lognormal(np.log(60.0), 0.7, size=count)
        start_s = np.array([trip.end_s for trip in driven]) + np.where(short, stopped_s, parked_s)
        again = np.flatnonzero(start_s < self.until_s).tolist()
        return _Departures(
            np.array([driven[i].vehicle for i in again], dtype=np.int32),
            start_s[again],
            np.array([driven[i].edges[-1] for i in again], dtype=np.int32),
            np.array([driven[i].to_m for i in again], dtype=np.float64),
        )

    def _round(self, departures: _Departures) -> list[Trip]:
        routes = self._routes(departures)
        made = [i for i, route in enumerate(routes) if route]
        edges = np.concatenate([np.asarray(routes[i], dtype=np.int32) for i in made] or [np.zeros(0, dtype=np.int32)])
        sizes = np.array([len(routes[i]) for i in made], dtype=np.int64)
        if not len(edges):
            return []
        trip = np.repeat(np.arange(len(made), dtype=np.int32), sizes)
        last = np.cumsum(sizes) - 1
        first = last - sizes + 1
        length_m = self.graph.edge_length_m[edges].copy()
        to_m = self.rng.uniform(0.1, 0.9, size=len(made)) * length_m[last]
        from_m = np.minimum(departures.along_m[made], length_m[first] - SHORTEST_EDGE_M)
        length_m[last] = to_m
        length_m[first] -= from_m
        timing = drive(
            self.graph,
            self.rng,
            edges=edges,
            length_m=length_m,
            trip=trip,
            start_s=departures.start_s[made],
            driver=self.drivers.speed_share[departures.vehicle[made] - self.first_vehicle],
            road_share=self.world.road_share,
            jams=self.world.jams,
            delays_s=self.world.delays_s,
        )
        parts = [slice(a, b + 1) for a, b in zip(first.tolist(), last.tolist(), strict=True)]
        return [
            Trip(int(departures.vehicle[i]), edges[part], timing.enter_s[part], timing.exit_s[part], float(a), float(b))
            for i, part, a, b in zip(made, parts, from_m, to_m, strict=True)
        ]

    def _routes(self, departures: _Departures) -> list[list[int]]:
        """Return the edges of each trip, empty where there is no way; trips of one start and taste share a search."""
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        tastes = self.drivers.taste[departures.vehicle - self.first_vehicle].tolist()
        for number, (taste, edge) in enumerate(zip(tastes, departures.edge.tolist(), strict=True)):
            groups[edge, taste].append(number)
        routes: list[list[int]] = [[] for _ in departures.vehicle]
        for (edge, taste), numbers in sorted(groups.items()):
            router = self.world.routers[taste]
            cost, before = router.tree(edge)
            goals = self.world.ends.pick_from(self.rng, self.graph.edge_xy(edge)[0], len(numbers))
            for number, goal in zip(numbers, goals.tolist(), strict=True):
                routes[number] = self._route(router, edge, goal, cost, before)
        return routes

    def _route(self, router: Router, edge: int, goal: int, cost: Floats, before: Ints32) -> list[int]:
        """Return the edges to the goal, sometimes with a detour past a random place."""
        if goal == edge:
            return []
        if self.rng.random() >= self.options.detour_share:
            return list(router.edges_to(goal, edge, cost, before) or ())
        via = int(self.world.ends.pick_from(self.rng, self.graph.edge_xy(edge)[0], 1)[0])
        there = router.edges_to(via, edge, cost, before)
        if not there or via in (edge, goal):
            return list(router.edges_to(goal, edge, cost, before) or ())
        onward = router.edges_to(goal, via, *router.tree(via))
        return [*there, *onward[1:]] if onward else []
