"""Simulate how fast vehicles drive: drivers, hours, weather, traffic lights, queues, and jams that spread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Bytes, Floats, Ints32
from roadgraph.graph import RoadGraph
from roadgraph.network import ROAD_CLASSES, SIGNAL_S
from roadgraph.pair_delays import SLACK
from roadgraph.travel_time import clock_hours
from roadgraph.turns import costs_from
from roadgraph.usual_driving import usual_driving

WEATHERS = {"dry": 1.0, "rain": 0.9, "snow": 0.7}
"""The share of the usual speed that is driven in each weather."""
MAJOR_ROADS = tuple(ROAD_CLASSES.index(name) for name in ("motorway", "trunk", "primary", "secondary"))
FASTEST_SHARE = 1.28
"""Nobody drives at more than this times the limit; reachability allows for 1.3."""
JAM_REACH_M = 2500.0
JAM_GROWS_MPS = 1.5
RED_SHARE = 0.45
RED_S = 45.0
CALM_SHARE = 0.93
"""The share of the limit at which most people drive where nothing holds them up."""
LIGHT_SHARE, LIGHT_JUNCTION_S = 0.85, 1.5
"""Where traffic is light drivers expect this share of the limit, and these seconds at each junction."""
QUEUE_SHAPE = 0.5
"""Waiting in queues has a gamma distribution of this shape: mostly short, sometimes long."""
QUEUE_CELL_M = 500.0
"""Roads within cells of this size are equally crowded: whole quarters and arteries are, not single junctions."""
QUEUE_SPREAD = 0.4
"""The standard deviation of the logarithm of how much longer one is delayed in some cells."""


@dataclass(frozen=True, eq=False)
class Jam:
    """A jam that grows from one edge back along the roads to it, then dissolves; speeds in it are cut to `share`.

    `away_m` is the distance from the end of each edge to the jam.
    """

    start_s: float
    end_s: float
    share: float
    away_m: Floats

    def speed_share(self, edge: Ints32, at_s: Floats) -> Floats:
        """Return the share of the speed that is left on edges at times."""
        grown_m = JAM_GROWS_MPS * np.minimum(at_s - self.start_s, self.end_s - at_s)
        return np.where(self.away_m[edge] < grown_m, self.share, 1.0)


@dataclass(frozen=True, eq=False)
class Timing:
    """When each edge of many trips is entered and when its end is reached; the trips stand one after the other."""

    enter_s: Floats
    exit_s: Floats


def make_jams(graph: RoadGraph, rng: np.random.Generator, count: int, until_s: float) -> list[Jam]:
    """Return jams at random times, most of them on major roads."""
    major = np.isin(graph.edge_class, MAJOR_ROADS)
    weight = np.where(major, 5.0, 1.0) * graph.edge_length_m
    jams = []
    for edge in rng.choice(graph.edges, size=count, p=weight / weight.sum()).tolist():
        start_s = float(rng.uniform(-600, until_s))
        to_jam_m = costs_from(graph.distance.backwards, [(int(graph.turns.entry[edge]), 0.0)], limit=JAM_REACH_M)
        away_m = to_jam_m[graph.turns.exit]
        away_m[edge] = 0.0
        jams.append(Jam(start_s, start_s + float(rng.uniform(600, 2400)), float(rng.uniform(0.12, 0.5)), away_m))
    return jams


def hour_share(graph: RoadGraph, hour: float) -> Floats:
    """Return the share of the limit that is driven on each edge at this hour: major roads fill at the peaks."""
    peak = max(np.exp(-(((hour - 8) / 1.2) ** 2)), np.exp(-(((hour - 17.25) / 1.5) ** 2)))
    return np.asarray(1.0 - np.where(np.isin(graph.edge_class, MAJOR_ROADS), 0.25, 0.1) * peak)


def delay_s(graph: RoadGraph, rng: np.random.Generator, hour: float) -> Floats:
    """Return the usual seconds of each edge beyond the earliest, as counted traffic has them at this hour.

    They are fitted (`usual_driving.py`), without traffic lights; some quarters are more crowded than others.
    """
    usual_s = graph.usual_s - SIGNAL_S * graph.edge_signals
    xy = graph.plane.to_xy(graph.node_lat[graph.edge_to], graph.node_lon[graph.edge_to])
    cells, cell = np.unique(np.floor(xy / QUEUE_CELL_M), axis=0, return_inverse=True)
    crowded = rng.lognormal(-(QUEUE_SPREAD**2) / 2, QUEUE_SPREAD, size=len(cells))
    return np.asarray(
        usual_driving().hours[clock_hours(hour)] * (usual_s - graph.edge_s / SLACK) * crowded[cell.ravel()]
    )


def light_s(graph: RoadGraph) -> Floats:
    """Return the seconds that drivers expect of each edge where traffic is light."""
    return np.asarray(graph.edge_s / LIGHT_SHARE + SIGNAL_S * graph.edge_signals + LIGHT_JUNCTION_S)


def driver_shares(rng: np.random.Generator, count: int, hasty_share: float) -> Floats:
    """Return each driver's speed as a share of the limit: a little below 1 for most, above 1 for hasty ones."""
    calm = rng.normal(CALM_SHARE, 0.08, size=count)
    hasty = rng.uniform(1.08, 1.22, size=count)
    return np.clip(np.where(rng.random(count) < hasty_share, hasty, calm), 0.6, FASTEST_SHARE)


def drive(
    graph: RoadGraph,
    rng: np.random.Generator,
    *,
    edges: Ints32,
    length_m: Floats,
    trip: Ints32,
    start_s: Floats,
    driver: Floats,
    road_share: Floats,
    jams: Sequence[Jam],
    delays_s: Floats | None = None,
) -> Timing:
    """Time trips that stand one after the other: `trip` is the trip of each edge; `start_s` and `driver` are per trip.

    `delays_s` are those of `delay_s` for each edge of the roads, None where traffic is light: what vehicles need beyond
    the time at their own speed, they wait in a queue at the end of the edge.

    Which jams a vehicle meets depends on when it reaches an edge, and that on the jams before: two passes are enough.
    """
    steady = rng.normal(1.0, 0.05, size=len(edges))
    share = np.clip(driver[trip] * road_share[edges] * steady, 0.3, FASTEST_SHARE)
    running_s = length_m / (graph.edge_speed_kmh[edges] / 3.6 * share)
    waiting_s = _waits(rng, graph.edge_signals[edges], len(edges))
    if delays_s is not None:
        part = length_m / graph.edge_length_m[edges]
        free_s = graph.edge_s[edges] * (1 / CALM_SHARE - 1 / SLACK)
        waiting_s = waiting_s + _queued_s(rng, delays_s[edges] * part, free_s * part, trip)
    timing = _timed(running_s, waiting_s, trip, start_s)
    for _ in range(2 if jams else 0):
        jammed = np.minimum.reduce([jam.speed_share(edges, timing.enter_s) for jam in jams])
        timing = _timed(running_s / jammed, waiting_s, trip, start_s)
    return timing


def _waits(rng: np.random.Generator, signals: Bytes, count: int) -> Floats:
    red = rng.random(count) < 1 - (1 - RED_SHARE) ** signals
    return np.where(red, rng.uniform(0, RED_S, size=count), 0.0) + rng.exponential(1.0, size=count)


def _queued_s(rng: np.random.Generator, delays_s: Floats, free_s: Floats, trip: Ints32) -> Floats:
    """Return the seconds in the queue of each edge, where `free_s` of its delay are driven, not waited.

    Delays of trips scatter as counted ones do: most are usual, some trips are held up all the way.
    """
    share, centre, spread = np.array(usual_driving().delays).T
    kind = rng.choice(len(share), size=int(trip[-1]) + 1, p=share / share.sum())
    times_usual = np.exp(rng.normal(centre[kind], spread[kind]))
    mean_s = np.maximum(delays_s * times_usual[trip] - free_s, 0.0)
    return np.asarray(rng.gamma(QUEUE_SHAPE, mean_s / QUEUE_SHAPE))


def _timed(running_s: Floats, waiting_s: Floats, trip: Ints32, start_s: Floats) -> Timing:
    through_s = np.cumsum(running_s + waiting_s)
    before_s = through_s - running_s - waiting_s
    first = np.searchsorted(trip, np.arange(len(start_s)))
    enter_s = start_s[trip] + before_s - before_s[first][trip]
    return Timing(enter_s, enter_s + running_s)
