"""Learn travel times and camera clocks from vehicles known to have passed two cameras."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.access import audit, permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.learning.clocks import estimate_clocks
from index.learning.known_pairs import WINDOW_S, KnownVehicle, known_vehicles, pair_up
from index.map.learned_times import store_learned
from index.map.places import current_places, place_book
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import ClockOffset
from index.store.catalogue.people import Person
from roadgraph.clocks import OffsetEstimate
from roadgraph.travel_time import ANY, Condition, LearnOptions, PairPassage, TravelTimes

ESTIMATED = "passages"
"""The source of clock offsets learned here; offsets of other sources are believed and left as they are."""

WIDEST_S = 10.0
"""An offset with a wider interval would widen search windows more than it corrects them."""


@dataclass(frozen=True, slots=True)
class LearnedClock:
    """How far a camera's clock is ahead; it is stored (`kept`) only if its interval is narrow and excludes zero."""

    camera: str
    estimate: OffsetEstimate
    kept: bool


@dataclass(frozen=True, slots=True)
class LearnedRoads:
    """The number of camera pairs and passages learned from, and the estimate of each clock."""

    pairs: int
    passages: int
    clocks: tuple[LearnedClock, ...]


def learn_roads(archive: Archive, person: Person) -> LearnedRoads:
    """Learn from everything in the archive, replacing what was learned before; without passages nothing changes."""
    permissions.require(archive, person, Permission.INGEST)
    places = current_places(archive)
    if places is None or places.travel.times is None:
        raise ArchiveError("the archive has no roads: retrace roads import FILE")
    with archive.catalogue.reading() as connection:
        vehicles = known_vehicles(connection)
        before = cameras.offsets(connection)
    given_s = {camera: offset.offset_s for camera, offset in before.items() if offset.source != ESTIMATED}
    pairs = pair_up(vehicles, places.travel.times, given_s)
    if not pairs:
        return LearnedRoads(0, 0, ())
    estimates = estimate_clocks(pairs, places.travel.times, known=given_s)
    clocks = tuple(
        LearnedClock(camera, estimate, _is_usable(estimate)) for camera, estimate in sorted(estimates.items())
    )
    offsets_s = given_s | {clock.camera: clock.estimate.offset_s for clock in clocks if clock.kept}
    passages = [
        PairPassage(pair.first, pair.second, pair.elapsed_s, pair.at)
        for pair in pair_up(vehicles, places.travel.times, offsets_s)
        if pair.elapsed_s > 0
    ]
    travel = places.travel.learn(passages, LearnOptions(window_s=WINDOW_S))
    _store(archive, travel, passages, [_offset(clock, vehicles) for clock in clocks if clock.kept])
    learned = LearnedRoads(len(travel.pairs), len(passages), clocks)
    audit.record(archive, person, "learn roads", {"pairs": learned.pairs, "passages": learned.passages})
    return learned


def _is_usable(estimate: OffsetEstimate) -> bool:
    """Return whether the interval of an offset is narrow and excludes zero."""
    return estimate.high_s - estimate.low_s <= WIDEST_S and not estimate.low_s <= 0 <= estimate.high_s


def _store(
    archive: Archive, travel: TravelTimes, passages: Sequence[PairPassage], offsets: Sequence[ClockOffset]
) -> None:
    with archive.catalogue.writing() as connection:
        store_learned(connection, travel, _counts(travel, passages), datetime.now(UTC))
        cameras.forget_offsets(connection, ESTIMATED)
        for offset in offsets:
            cameras.set_offset(connection, offset)
    place_book(archive).reload_times()


def _counts(travel: TravelTimes, passages: Sequence[PairPassage]) -> Counter[tuple[str, str, Condition]]:
    """Return the number of passages of each pair of cameras, at any time and by condition."""
    counts: Counter[tuple[str, str, Condition]] = Counter()
    for passage in passages:
        counts.update({(passage.first, passage.second, condition) for condition in {ANY, travel.condition(passage)}})
    return counts


def _offset(clock: LearnedClock, vehicles: Sequence[KnownVehicle]) -> ClockOffset:
    """Return the offset to store, valid from the camera's first known passage."""
    first = min(passage.time for vehicle in vehicles for passage in vehicle if passage.camera == clock.camera)
    estimate = clock.estimate
    return ClockOffset(
        clock.camera, estimate.offset_s, estimate.low_s, estimate.high_s, valid_from=first, source=ESTIMATED
    )
