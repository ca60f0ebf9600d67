"""Learn travel times and camera clocks from vehicles known to have passed two cameras."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.access import permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.learning.clocks import learn_clocks
from index.learning.known_pairs import WINDOW_S, known_vehicles, next_passages, pair_up
from index.learning.learned_clock import LearnedClock
from index.learning.sure_looks import sure_looks
from index.map.learned_times import StoredNext, store_learned
from index.map.places import current_places, place_book, placements_of
from index.store.archive import Archive
from index.store.catalogue import audit, footage
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.clocks import all_offsets, by_camera
from index.store.catalogue.people import Person
from roadgraph.pair_delays import ANY, Condition
from roadgraph.travel_time import LearnOptions, PairPassage, TravelTimes


@dataclass(frozen=True, slots=True)
class LearnedRoads:
    """The number of camera pairs and passages learned from, and the estimate of each clock."""

    pairs: int
    passages: int
    clocks: tuple[LearnedClock, ...]


def learn_roads(archive: Archive, person: Person) -> LearnedRoads:
    """Learn the clocks, then from everything in the archive the travel times, replacing those learned before.

    Without passages of known vehicles the travel times stay as they are. What a camera saw before it was moved teaches
    nothing.
    """
    permissions.require(archive, person, Permission.INGEST)
    places = current_places(archive)
    if places.travel.times is None or not places.ids:
        raise ArchiveError("the archive has no cameras: retrace cameras import FILE, or retrace cameras add ID...")
    clocks = learn_clocks(archive, person)
    since = placements_of(archive).standing_since()
    with archive.catalogue.reading() as connection:
        vehicles = known_vehicles(connection)
        clocks_known = by_camera(all_offsets(connection))
        alike = sure_looks(connection, places, clocks_known, since)
    known = pair_up(vehicles, places.travel.times, clocks_known)
    stood_here = [pair for pair in known if all(pair.at >= since.get(id_, ALWAYS) for id_ in (pair.first, pair.second))]
    pairs = [pair for pair in (*stood_here, *alike.pairs) if pair.elapsed_s > 0]
    with archive.catalogue.reading() as connection:
        weathers = footage.weather_at(connection, [pair.at for pair in pairs])
    passages = [
        PairPassage(pair.first, pair.second, pair.elapsed_s, pair.at, weather)
        for pair, weather in zip(pairs, weathers, strict=True)
    ]
    if not passages:
        return LearnedRoads(0, 0, clocks)
    wrong_share = alike.wrong_share * len(alike.pairs) / len(passages) if alike.pairs else None
    travel = places.travel.learn(passages, LearnOptions(window_s=WINDOW_S, wrong_share=wrong_share))
    learned = LearnedRoads(len(travel.pairs), len(passages), clocks)
    with archive.catalogue.writing() as connection:
        now, following = datetime.now(UTC), StoredNext(next_passages(pairs), places.map_mark)
        store_learned(connection, travel, _counts(travel, passages), now, following)
        detail = {"pairs": learned.pairs, "passages": learned.passages}
        audit.append(connection, at=now, person=person.id, action="learn roads", detail=detail)
    place_book(archive).reload_times()
    return learned


def _counts(travel: TravelTimes, passages: Sequence[PairPassage]) -> Counter[tuple[str, str, Condition]]:
    """Return the number of passages of each pair of cameras, at any time and by condition."""
    counts: Counter[tuple[str, str, Condition]] = Counter()
    for passage in passages:
        counts.update({(passage.first, passage.second, condition) for condition in {ANY, travel.condition(passage)}})
    return counts
