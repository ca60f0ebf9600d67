"""Find sightings that surely show one vehicle, by plates read alike or by the verdicts in cases, and pair them up."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from index.records import Sighting
from index.store.catalogue import Connection, cases, plates, sightings
from index.store.catalogue.clocks import TRUE_CLOCK, CameraClock
from reid.plates.likelihood import text_llrs
from roadgraph.camera_times import CameraTimes
from roadgraph.next_counts import NextPassage
from roadgraph.pair_delays import SLACK
from roadgraph.way_past import road_or_way

LEAST_CONFIDENCE = 0.8

LEAST_CHARACTERS = 5
"""Shorter texts are often parts of plates, and equal by chance."""

MOST_PASSAGES = 8
"""So many of a plate's passages teach, the newest: a text that a reader writes again and again is not many vehicles."""

WINDOW_S = 1800.0
"""A vehicle that takes longer between two cameras went somewhere else meanwhile."""

LARGEST_CLOCK_ERROR_S = 120.0
"""No clock is off by more."""


@dataclass(frozen=True, slots=True)
class KnownPassage:
    """A sighting of a known vehicle: its camera, the time on that camera's clock, and the road or the way it took."""

    sighting: str
    camera: str
    time: datetime
    edge: int | None


KnownVehicle = tuple[KnownPassage, ...]
"""The passages of one vehicle. Their order means nothing: clocks may be off."""


@dataclass(frozen=True, slots=True)
class KnownPair:
    """One vehicle past two cameras: `at` is its time at the first, `elapsed_s` the seconds until the second.

    `elapsed_s` is negative if the roads taken show that the clocks have the wrong order. The roads taken past both are
    None where they are not known.
    """

    first: str
    second: str
    elapsed_s: float
    at: datetime
    first_edge: int | None = None
    second_edge: int | None = None


MOST_CONFIRMED = 100
"""Of more sightings that a case confirms, the last of them are learned from."""

SURELY_ANOTHER = -3.0
"""Below this llr two readings are not of one plate: 20 to 1."""


def known_vehicles(connection: Connection, of: Collection[str] | None = None) -> list[KnownVehicle]:
    """Return the vehicles seen at two cameras or more; the verdicts in cases take precedence over plates.

    With `of`, only the plates of these sightings are compared.
    """
    by_case = list(_by_case(connection))
    sightings_in_cases = {passage.sighting for vehicle in by_case for passage in vehicle}
    vehicles = [*by_case, *_by_plate(connection, sightings_in_cases, of)]
    return [vehicle for vehicle in vehicles if len({passage.camera for passage in vehicle}) > 1]


def pair_up(vehicles: Sequence[KnownVehicle], times: CameraTimes, clocks: Mapping[str, CameraClock]) -> list[KnownPair]:
    """Pair each passage with the next one at every other camera, after putting the clocks right."""
    pairs: list[KnownPair] = []
    for vehicle in vehicles:
        on_map = [_corrected(passage, clocks) for passage in vehicle if passage.camera in times.ids]
        ordered = sorted(on_map, key=lambda passage: (passage.time, passage.sighting))
        for number, passage in enumerate(ordered):
            pairs += [_directed(passage, later, times) for later in _next_elsewhere(passage, ordered[number + 1 :])]
    return _without_contradictions(pairs)


def next_passages(pairs: Iterable[KnownPair]) -> Counter[NextPassage]:
    """Count which camera saw each vehicle next: of the pairs that begin with one passage, the one that ends first."""
    following: dict[tuple[str, datetime], KnownPair] = {}
    for pair in pairs:
        start = (pair.first, pair.at)
        if pair.elapsed_s > 0 and (start not in following or pair.elapsed_s < following[start].elapsed_s):
            following[start] = pair
    return Counter(
        NextPassage(pair.first, pair.second, pair.first_edge, pair.second_edge) for pair in following.values()
    )


def _by_plate(connection: Connection, excluded: set[str], of: Collection[str] | None) -> Iterator[KnownVehicle]:
    reads = plates.confident_reads(
        connection, least_confidence=LEAST_CONFIDENCE, least_characters=LEAST_CHARACTERS, of=of
    )
    for _, same_text in groupby(reads, key=attrgetter("text")):
        # Reads of one text come in the order of time.
        newest = [read for read in same_text if read.sighting not in excluded][-MOST_PASSAGES:]
        yield tuple(
            KnownPassage(read.sighting, read.camera, read.time, road_or_way(read.edge, read.heading_deg))
            for read in newest
        )


def _by_case(connection: Connection) -> Iterator[KnownVehicle]:
    for case in cases.listing(connection):
        confirmed = [mark.sighting for mark in cases.marks_of(connection, case.id) if mark.verdict == "yes"]
        vehicle = sightings.by_ids(connection, confirmed[-MOST_CONFIRMED:])
        if _are_several(vehicle):
            continue
        yield tuple(
            KnownPassage(
                sighting.id,
                sighting.camera,
                sighting.best,
                road_or_way(sighting.edge, sighting.attributes.heading_deg),
            )
            for sighting in vehicle
        )


def _are_several(confirmed: Sequence[Sighting]) -> bool:
    """Tell whether plates surely differ: a case about two vehicles does not say which of both a sighting is."""
    read = [one.plate for one in confirmed if one.plate is not None and one.plate.characters]
    return any(text_llrs(one, read).min() < SURELY_ANOTHER for one in read)


def _corrected(passage: KnownPassage, clocks: Mapping[str, CameraClock]) -> KnownPassage:
    clock = clocks.get(passage.camera, TRUE_CLOCK)
    time = passage.time - timedelta(seconds=clock.ahead_s(passage.time))
    return KnownPassage(passage.sighting, passage.camera, time, passage.edge)


def _next_elsewhere(passage: KnownPassage, later: Sequence[KnownPassage]) -> Iterator[KnownPassage]:
    """Yield the first of the later passages at each other camera, within the window."""
    visited = {passage.camera}
    for other in later:
        if (other.time - passage.time).total_seconds() > WINDOW_S:
            return
        if other.camera not in visited:
            visited.add(other.camera)
            yield other


def _directed(early: KnownPassage, late: KnownPassage, times: CameraTimes) -> KnownPair:
    """Return the pair in the order of the clocks, or reversed if the roads rule that order out and that way is shorter.

    A reversed pair has negative `elapsed_s`.
    """
    elapsed_s = (late.time - early.time).total_seconds()
    in_order = KnownPair(early.camera, late.camera, elapsed_s, early.time, early.edge, late.edge)
    on_roads = min(-1 if edge is None else edge for edge in (early.edge, late.edge)) >= 0
    if elapsed_s < LARGEST_CLOCK_ERROR_S and on_roads:
        forth = times.between(early.camera, late.camera, first_edge=early.edge, second_edge=late.edge)
        back = times.between(late.camera, early.camera, first_edge=late.edge, second_edge=early.edge)
        if elapsed_s < forth.free_s / SLACK and back.free_s < forth.free_s:
            return _reversed(in_order)
    return in_order


def _reversed(pair: KnownPair) -> KnownPair:
    """Return the same two passages in the other order."""
    at = pair.at + timedelta(seconds=pair.elapsed_s)
    return KnownPair(pair.second, pair.first, -pair.elapsed_s, at, pair.second_edge, pair.first_edge)


def _without_contradictions(pairs: Sequence[KnownPair]) -> list[KnownPair]:
    """Undo the reversals between two cameras if they occur both ways: no clock is ahead and behind at once."""
    negative = {(pair.first, pair.second) for pair in pairs if pair.elapsed_s < 0}
    both_ways = {(first, second) for first, second in negative if (second, first) in negative}
    return [
        _reversed(pair) if pair.elapsed_s < 0 and (pair.first, pair.second) in both_ways else pair for pair in pairs
    ]
