"""Measure the accuracy of travel times, clocks and areas, on simulated traffic of seeds on which nothing was tuned."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.claim import say
from benchmarks.road_maps import cameras_on_busy_roads, town
from roadgraph.area import RoadArea, reachable_area
from roadgraph.arrays import Floats
from roadgraph.camera import PlacedCamera
from roadgraph.camera_times import CameraTimes, camera_times
from roadgraph.clock_pairs import LikelyPairs, clock_difference
from roadgraph.clocks import solve_clocks
from roadgraph.graph import RoadGraph
from roadgraph.likely_area import LikelyOptions, likely_area
from roadgraph.origin import Origin
from roadgraph.pair_delays import PairScale
from roadgraph.passages import SimulatedPassage, passages, vehicle_whereabouts
from roadgraph.traffic import TrafficOptions, Trip, simulate
from roadgraph.travel_time import PairPassage, TravelTimes

SLACK = 1.3
WINDOW_S = 1800.0
WRONG_SHARE = 0.2
NEAR_M = 30.0
Pair = tuple[str, str]


@dataclass(frozen=True, eq=False)
class World:
    """A town with cameras and traffic of several simulated hours."""

    graph: RoadGraph
    placed: list[PlacedCamera]
    times: CameraTimes
    elapsed_s: dict[Pair, Floats]


def say_all(*, full: bool) -> None:
    """Print the claims of accuracy."""
    graph = town()
    placed = cameras_on_busy_roads(graph, 20, seed=21_000)
    hours = 24 if full else 8
    elapsed_s = elapsed_times(graph, placed, [(21_100 + i, (8.0, 13.0, 17.0, 21.0)[i % 4]) for i in range(hours)])
    world = World(graph, placed, camera_times(graph, placed), elapsed_s)
    say_earliest(world)
    say_intervals(world)
    say_clocks([_midday(graph, seed) for seed in (21_000, 21_010, 21_020)])
    say_area(world, questions=400 if full else 150)


def _midday(graph: RoadGraph, seed: int) -> World:
    """Return a world of one time of day, as passages that are compared for clocks are; each seed moves the cameras."""
    placed = cameras_on_busy_roads(graph, 20, seed=seed)
    elapsed_s = elapsed_times(graph, placed, [(seed + 400 + i, 13.0) for i in range(2)])
    return World(graph, placed, camera_times(graph, placed), elapsed_s)


def elapsed_times(
    graph: RoadGraph, placed: Sequence[PlacedCamera], runs: Sequence[tuple[int, float]]
) -> dict[Pair, Floats]:
    """Return, for each pair of cameras, the seconds from each passage of the first to the next of the second."""
    found: dict[Pair, list[float]] = defaultdict(list)
    for seed, hour in runs:
        trips = simulate(graph, TrafficOptions(vehicles=3000, minutes=60, seed=seed, hour=hour))
        by_vehicle: dict[int, list[SimulatedPassage]] = defaultdict(list)
        for passage in passages(graph, trips, placed):
            by_vehicle[passage.vehicle].append(passage)
        for own in by_vehicle.values():
            for number, first in enumerate(own):
                _add_next(found, first, own[number + 1 :])
    return {pair: np.array(elapsed) for pair, elapsed in sorted(found.items())}


def _add_next(found: dict[Pair, list[float]], first: SimulatedPassage, later: Sequence[SimulatedPassage]) -> None:
    met: set[str] = {first.camera}
    for passage in later:
        elapsed_s = passage.time_s - first.time_s
        if elapsed_s > WINDOW_S:
            return
        if passage.camera not in met:
            met.add(passage.camera)
            found[first.camera, passage.camera].append(elapsed_s)


def say_earliest(world: World) -> None:
    """Claim how many passages come after the earliest time, and how tight that time is."""
    after, total, tightness = 0, 0, []
    for pair, elapsed_s in world.elapsed_s.items():
        earliest_s = world.times.between(*pair).free_s / SLACK
        after, total = after + int((elapsed_s >= earliest_s).sum()), total + len(elapsed_s)
        tightness.append(earliest_s / float(elapsed_s.min()))
    say(f"{total} passages after the earliest time", value=after / total, unit="share", peer="wanted", peer_value=0.999,
        less_is_better=False, correct=after / total >= 0.999)  # fmt: skip
    median = float(np.median(tightness))
    say(f"earliest time beside the fastest true passage, median of {len(tightness)} pairs", value=median, unit="share",
        peer="wanted", peer_value=0.75, less_is_better=False, correct=median >= 0.75)  # fmt: skip


def say_intervals(world: World) -> None:
    """Claim how many held-out passages fall into learned 90 % intervals, and how wide these are against true ones."""
    pairs = {pair: elapsed_s for pair, elapsed_s in world.elapsed_s.items() if len(elapsed_s) >= 400}
    for count, wrong in ((0, 0.0), (3, 0.0), (30, 0.0), (30, WRONG_SHARE), (3000, 0.0), (3000, WRONG_SHARE)):
        held, width = _intervals(world, pairs, count, wrong)
        what = f"90 % intervals of {len(pairs)} pairs, up to {count} passages each, {wrong:.0%} wrong"
        say(f"{what}: held-out passages inside", value=held, unit="share", peer="wanted", peer_value=0.9,
            less_is_better=False, correct=count < 30 or 0.88 <= held <= 0.92)  # fmt: skip
        say(f"{what}: width beside the true interval, median", value=width, unit="times",
            peer="allowed" if count >= 30 else "the true interval, no target", peer_value=1.3 if count >= 30 else 1.0,
            less_is_better=True, correct=count < 30 or width <= 1.3)  # fmt: skip


def _intervals(world: World, pairs: dict[Pair, Floats], count: int, wrong: float) -> tuple[float, float]:
    rng = np.random.default_rng(21_001)
    training: list[PairPassage] = []
    held_out: dict[Pair, Floats] = {}
    for pair, elapsed_s in pairs.items():
        shuffled = rng.permutation(elapsed_s)
        own = shuffled[: min(count, len(shuffled) // 2)]
        held_out[pair] = shuffled[len(own) :]
        own = np.where(rng.random(len(own)) < wrong, rng.uniform(0, WINDOW_S, len(own)), own)
        training += [PairPassage(*pair, float(seconds)) for seconds in own]
    learned = TravelTimes(world.times).learn(training)
    inside, width = [], []
    for pair, elapsed_s in held_out.items():
        low, high = learned.quantile(*pair, 0.05), learned.quantile(*pair, 0.95)
        true_low, true_high = np.quantile(elapsed_s, [0.05, 0.95])
        inside.append(float(((elapsed_s >= low) & (elapsed_s <= high)).mean()))
        width.append((high - low) / (true_high - true_low))
    return float(np.mean(inside)), float(np.median(width))


def say_clocks(worlds: Sequence[World]) -> None:
    """Claim how well clock offsets are found from passages of which a fifth are wrong."""
    near = [
        _PairTimes.of(world, pair)
        for world in worlds
        for pair in world.elapsed_s
        if pair[0] < pair[1] and _is_minute_apart(world, pair)
    ]
    for there, back, what in ((20, 20, "40 passages"), (40, 40, "40 passages each way"), (40, 0, "40 one way only")):
        errors, widths, held = _clock_errors(near, there, back)
        setting = f"clock offset from {what}, {WRONG_SHARE:.0%} wrong, {len(near)} pairs a minute apart"
        worst_s = float(np.quantile(np.abs(errors), 0.95))
        peer = "wanted" if back else "wanted with traffic both ways"
        say(f"{setting}: error that 95 % keep to", value=worst_s, unit="s", peer=peer, peer_value=2.0,
            less_is_better=True, correct=back == 0 or worst_s <= 2.0)  # fmt: skip
        say(f"{setting}: inside the 90 % interval", value=float(np.mean(held)), unit="share", peer="wanted",
            peer_value=0.9, less_is_better=False, correct=float(np.mean(held)) >= 0.88)  # fmt: skip
        say(f"{setting}: width of the interval, median", value=float(np.median(widths)), unit="s",
            peer="3.29 standard deviations of the errors", peer_value=float(3.29 * np.std(errors)),
            less_is_better=True, correct=float(np.mean(held)) >= 0.88)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _PairTimes:
    """Two cameras: the travel scales there and back, and the true times of both ways."""

    scales: tuple[PairScale, PairScale]
    there_s: Floats
    back_s: Floats

    @classmethod
    def of(cls, world: World, pair: Pair) -> "_PairTimes":
        there, back = (world.times.between(*way) for way in (pair, pair[::-1]))
        scales = PairScale.of(there.free_s, there.usual_s), PairScale.of(back.free_s, back.usual_s)
        return cls(scales, world.elapsed_s[pair], world.elapsed_s[pair[1], pair[0]])


def _is_minute_apart(world: World, pair: Pair) -> bool:
    """Return whether the usual time is about a minute both ways, and most vehicles drive directly."""
    for way in (pair, pair[::-1]):
        usual_s = world.times.between(*way).usual_s
        elapsed_s = world.elapsed_s.get((way[0], way[1]), np.zeros(0))
        if not 40 <= usual_s <= 85 or len(elapsed_s) < 100 or (elapsed_s < 2 * usual_s).mean() < 0.6:
            return False
    return True


def _clock_errors(pairs: Sequence[_PairTimes], there: int, back: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(21_002)
    rows = []
    for pair in pairs:
        for _ in range(6):
            offset_s = float(rng.uniform(-60, 60))
            there_s = _sample_times(rng, pair.there_s, there) + offset_s
            back_s = _sample_times(rng, pair.back_s, back) - offset_s
            likely = _likely_pairs(np.concatenate([there_s, -back_s]), *pair.scales)
            found = solve_clocks([clock_difference("first", "second", likely)], {"first"})["second"]
            inside = found.low_s <= offset_s <= found.high_s
            rows.append((found.offset_s - offset_s, found.high_s - found.low_s, inside))
    errors, widths, held = np.array(rows, dtype=np.float64).T
    return errors, widths, held


def _likely_pairs(elapsed_s: Floats, there: PairScale, back: PairScale) -> LikelyPairs:
    """Return passages of which nothing is known but the share of wrong ones."""
    every = np.ones(len(elapsed_s))
    return LikelyPairs(
        elapsed_s=elapsed_s,
        middle_s=0.0 * every,
        odds=every * (1 - WRONG_SHARE) / WRONG_SHARE,
        rival_odds=every * (1 - WRONG_SHARE) / WRONG_SHARE,
        known=every < 0,
        other_density=every / 1200.0,
        there_earliest_s=every * there.earliest_s,
        there_unit_s=every * there.unit_s,
        back_earliest_s=every * back.earliest_s,
        back_unit_s=every * back.unit_s,
    )


def _sample_times(rng: np.random.Generator, elapsed_s: Floats, count: int) -> Floats:
    """Return sampled times within a quarter of an hour, some of them of other vehicles."""
    own = rng.choice(elapsed_s[elapsed_s < 900], size=count)
    return np.where(rng.random(count) < WRONG_SHARE, rng.uniform(-300, 900, size=count), own)


def say_area(world: World, *, questions: int) -> None:
    """Claim how often the area contains the vehicle, and its length of road relative to the isochrone and the map."""
    rng = np.random.default_rng(21_003)
    graph, hour = world.graph, 13.0
    trips = simulate(graph, TrafficOptions(vehicles=3000, minutes=40, seed=21_200, hour=hour))
    of_vehicle: dict[int, list[Trip]] = defaultdict(list)
    for trip in trips:
        of_vehicle[trip.vehicle].append(trip)
    found = passages(graph, trips, world.placed)
    asked = [found[i] for i in rng.choice(len(found), size=questions, replace=False)]
    for minutes in (2, 5, 10):
        rows = [_area_row(graph, hour, passage, of_vehicle[passage.vehicle], minutes * 60.0) for passage in asked]
        likely, isochrone, likely_km, isochrone_km = np.array(rows, dtype=np.float64).T
        what = f"area after {minutes} min, direction known, {questions} questions"
        say(f"{what}: contains", value=float(likely.mean()), unit="share", peer="free-flow isochrone",
            peer_value=float(isochrone.mean()), less_is_better=False, correct=bool(likely.mean() >= 0.95))  # fmt: skip
        say(f"{what}: km of road beside the isochrone", value=float(likely_km.sum() / isochrone_km.sum()), unit="times",
            peer="allowed", peer_value=0.6, less_is_better=True,
            correct=bool(likely_km.sum() <= 0.6 * isochrone_km.sum()))  # fmt: skip
        say(f"{what}: km of road", value=float(likely_km.mean()), unit="km", peer="whole map, which always contains",
            peer_value=graph.km, less_is_better=True, correct=bool(likely.mean() >= 0.95))  # fmt: skip


def _area_row(
    graph: RoadGraph, hour: float, passage: SimulatedPassage, trips: Sequence[Trip], elapsed_s: float
) -> tuple[bool, bool, float, float]:
    along_m = np.array([passage.view.along_m])
    origin = Origin(np.array([passage.view.edge], dtype=np.int32), along_m, along_m, way_known=True)
    where = vehicle_whereabouts(graph, trips, passage.time_s + elapsed_s)
    likely = likely_area(graph, origin, elapsed_s, LikelyOptions(hour=hour))
    isochrone = reachable_area(graph, origin, elapsed_s)
    if where is None:
        return False, False, likely.km(graph), isochrone.km(graph)
    xy = graph.plane.to_xy(where.lat, where.lon)[0]
    return _contains(graph, likely, xy), _contains(graph, isochrone, xy), likely.km(graph), isochrone.km(graph)


def _contains(graph: RoadGraph, area: RoadArea, xy: Floats) -> bool:
    """Return whether a position is within NEAR_M of the area."""
    for point in graph.index.near(xy, NEAR_M):
        on_edge = area.edge == point.edge
        near = (area.from_m - NEAR_M <= point.along_m) & (point.along_m <= area.to_m + NEAR_M)
        if (on_edge & near).any():
            return True
    return False
