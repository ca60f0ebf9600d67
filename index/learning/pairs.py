"""Pair the passages of known vehicles past two cameras, and tell which way each drove."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from index.learning.known_passages import KnownPassage, Vehicle
from roadgraph.camera_times import CameraTimes
from roadgraph.travel_time import SLACK

WINDOW_S = 1800.0
"""Who took longer between two cameras was somewhere else meanwhile."""
CLOCK_DOUBT_S = 120.0
"""No clock is off by more."""


@dataclass(frozen=True, slots=True)
class KnownPair:
    """One vehicle past two cameras: seconds between, below 0 where clocks contradict the roads; when at the first."""

    first: str
    second: str
    elapsed_s: float
    at: datetime


def pair_up(vehicles: Sequence[Vehicle], times: CameraTimes, offsets_s: Mapping[str, float]) -> list[KnownPair]:
    """Return, from each passage on, the next past every other camera; clocks are put right by the offsets given."""
    pairs: list[KnownPair] = []
    for vehicle in vehicles:
        on_roads = [_put_right(one, offsets_s) for one in vehicle if one.camera in times.ids]
        ordered = sorted(on_roads, key=lambda one: (one.time, one.sighting))
        for number, passage in enumerate(ordered):
            pairs += [_directed(passage, later, times) for later in _next_elsewhere(passage, ordered[number + 1 :])]
    return _believed(pairs)


def _believed(pairs: Sequence[KnownPair]) -> list[KnownPair]:
    """Believe the clocks again where roads contradict them both ways: no clock is ahead and behind at once."""
    against = {(pair.first, pair.second) for pair in pairs if pair.elapsed_s < 0}
    doubtful = {(first, second) for first, second in against if (second, first) in against}
    return [_turned(pair) if pair.elapsed_s < 0 and (pair.first, pair.second) in doubtful else pair for pair in pairs]


def _turned(pair: KnownPair) -> KnownPair:
    """Return the same two passages in the other order."""
    at = pair.at + timedelta(seconds=pair.elapsed_s)
    return KnownPair(pair.second, pair.first, -pair.elapsed_s, at)


def _put_right(passage: KnownPassage, offsets_s: Mapping[str, float]) -> KnownPassage:
    time = passage.time - timedelta(seconds=offsets_s.get(passage.camera, 0.0))
    return KnownPassage(passage.sighting, passage.camera, time, passage.edge)


def _next_elsewhere(passage: KnownPassage, later: Sequence[KnownPassage]) -> Iterator[KnownPassage]:
    met = {passage.camera}
    for one in later:
        if (one.time - passage.time).total_seconds() > WINDOW_S:
            return
        if one.camera not in met:
            met.add(one.camera)
            yield one


def _directed(early: KnownPassage, late: KnownPassage, times: CameraTimes) -> KnownPair:
    """Return the pair in order of the clocks, unless the roads taken make that impossible and the other way shorter."""
    elapsed_s = (late.time - early.time).total_seconds()
    in_order = KnownPair(early.camera, late.camera, elapsed_s, early.time)
    if elapsed_s < CLOCK_DOUBT_S and early.edge is not None and late.edge is not None:
        forth = times.between(early.camera, late.camera, first_edge=early.edge, second_edge=late.edge)
        back = times.between(late.camera, early.camera, first_edge=late.edge, second_edge=early.edge)
        if elapsed_s < forth.free_s / SLACK and back.free_s < forth.free_s:
            return _turned(in_order)
    return in_order
