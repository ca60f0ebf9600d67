"""Learn travel times and camera clocks from the passages of vehicles that the archive knows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from index.catalogue import cameras
from index.catalogue.cameras import ClockOffset
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.learning.camera_clocks import estimate_clocks
from index.learning.known_passages import Vehicle, known_vehicles
from index.learning.pairs import WINDOW_S, pair_up
from index.learning.travel_memory import remember
from index.office import access, audit
from index.office.access import Permission
from roadgraph.clocks import OffsetEstimate
from roadgraph.travel_time import ANY, Condition, LearnOptions, PairPassage, TravelTimes

if TYPE_CHECKING:
    from index.archive import Archive

ESTIMATED = "passages"
"""The source of clock offsets that come from here; those from elsewhere are believed and left alone."""
WIDEST_S = 10.0
"""An offset that is known less well would widen windows more than it puts them right."""


@dataclass(frozen=True, slots=True)
class LearnedClock:
    """How far a clock was found to be ahead, and whether that is kept: known well enough, and surely not zero."""

    camera: str
    estimate: OffsetEstimate
    kept: bool


@dataclass(frozen=True, slots=True)
class LearnedRoads:
    """From how many passages how many pairs of cameras taught something, and what is known of the clocks."""

    pairs: int
    passages: int
    clocks: tuple[LearnedClock, ...]


def learn_roads(archive: "Archive", person: Person) -> LearnedRoads:
    """Learn from all that the archive has, instead of what was learned before; without passages nothing changes."""
    access.require(archive, person, Permission.INGEST)
    places = archive.places
    if places is None or places.travel.times is None:
        raise ArchiveError("the archive has no roads: retrace roads import FILE")
    with archive.catalogue.reading() as connection:
        vehicles = known_vehicles(connection)
        before = cameras.offsets(connection)
    given_s = {camera: one.offset_s for camera, one in before.items() if one.source != ESTIMATED}
    pairs = pair_up(vehicles, places.travel.times, given_s)
    if not pairs:
        return LearnedRoads(0, 0, ())
    estimates = estimate_clocks(pairs, places.travel.times, right=given_s)
    clocks = tuple(LearnedClock(camera, one, _matters(one)) for camera, one in sorted(estimates.items()))
    right_s = given_s | {clock.camera: clock.estimate.offset_s for clock in clocks if clock.kept}
    passages = [
        PairPassage(pair.first, pair.second, pair.elapsed_s, pair.at)
        for pair in pair_up(vehicles, places.travel.times, right_s)
        if pair.elapsed_s > 0
    ]
    travel = places.travel.learn(passages, LearnOptions(window_s=WINDOW_S))
    _keep(archive, travel, passages, [_offset(clock, vehicles) for clock in clocks if clock.kept])
    learned = LearnedRoads(len(travel.pairs), len(passages), clocks)
    audit.record(archive, person, "learn roads", {"pairs": learned.pairs, "passages": learned.passages})
    return learned


def _matters(estimate: OffsetEstimate) -> bool:
    """Tell whether an offset is known well enough, and surely not zero."""
    return estimate.high_s - estimate.low_s <= WIDEST_S and not estimate.low_s <= 0 <= estimate.high_s


def _keep(
    archive: "Archive", travel: TravelTimes, passages: Sequence[PairPassage], offsets: Sequence[ClockOffset]
) -> None:
    with archive.catalogue.writing() as connection:
        remember(connection, travel, _counted(travel, passages), datetime.now(UTC))
        cameras.forget_offsets(connection, ESTIMATED)
        for offset in offsets:
            cameras.set_offset(connection, offset)
    archive.place_book.learned()


def _counted(travel: TravelTimes, passages: Sequence[PairPassage]) -> Counter[tuple[str, str, Condition]]:
    counts: Counter[tuple[str, str, Condition]] = Counter()
    for passage in passages:
        counts.update({(passage.first, passage.second, one) for one in {ANY, travel.condition(passage)}})
    return counts


def _offset(clock: LearnedClock, vehicles: Sequence[Vehicle]) -> ClockOffset:
    """Return what is stored: it holds from the first passage that told of it."""
    first = min(one.time for vehicle in vehicles for one in vehicle if one.camera == clock.camera)
    found = clock.estimate
    return ClockOffset(clock.camera, found.offset_s, found.low_s, found.high_s, valid_from=first, source=ESTIMATED)
