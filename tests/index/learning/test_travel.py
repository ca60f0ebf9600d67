from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import NotAllowedError, local_person
from index.errors import ArchiveError
from index.learning.travel import learn_roads
from index.map.places import Places, current_places, place_book
from index.records import NewChunk, NewSighting
from index.store.archive import Archive
from index.store.catalogue import cases
from index.store.catalogue.cases import Case, Mark
from index.store.catalogue.people import Person
from roadgraph.camera import Camera
from roadgraph.travel_time import TravelTimes
from roadgraph.way_past import road_or_way
from tests.index.conftest import make_sighting
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm

NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)
PLACED = tuple(Camera(name, LAT0 + STEP, LON0 + (i * 8 + 0.5) * STEP, 90.0) for i, name in enumerate("abcd"))
ME = local_person()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Archive]:
    """An archive with four cameras along one street."""
    with Archive.create(tmp_path / "archive") as archive:
        place_book(archive).import_roads(write_osm(tmp_path / "town.osm", rows=3, columns=30))
        place_book(archive).import_cameras(PLACED)
        yield archive


def places_of(archive: Archive) -> Places:
    places = current_places(archive)
    assert places is not None
    return places


def seen(number: int, camera: str, time: datetime, plate: str | None) -> NewSighting:
    made = make_sighting(number, camera=camera, text=plate, shots=1)
    shots = tuple(replace(shot, time=time) for shot in made.shots)
    return replace(made, first=time, best=time, last=time, shots=shots, edge=None)


def drive(
    archive: Archive,
    vehicles: int,
    *,
    slow: float = 1.5,
    clocks: dict[str, float] | None = None,
    start: datetime = NINE,
) -> None:
    """Let vehicles drive the street to and fro, so much slower than usual; clocks are ahead by so many seconds."""
    rng = np.random.default_rng(3)
    times = places_of(archive).travel.times
    assert times is not None
    found: list[NewSighting] = []
    first = round((start - NINE).total_seconds())
    for vehicle in range(vehicles):
        order = "abcd" if vehicle % 2 else "dcba"
        now, last = start + timedelta(seconds=60 * vehicle), order[0]
        for camera in order:
            leg_s = 0.0 if camera == last else times.between(last, camera).usual_s
            now += timedelta(seconds=leg_s * slow * float(rng.lognormal(0, 0.05)))
            shown = now + timedelta(seconds=(clocks or {}).get(camera, 0.0))
            found.append(seen(first + len(found), camera, shown, f"KR{vehicle:05d}"))
            last = camera
    archive.add(NewChunk(None, None, tuple(found)))


def median_s(travel: TravelTimes, first: str = "a", second: str = "b") -> float:
    return travel.quantile(first, second, 0.5, NINE)


def test_learned_travel_times_are_stored_and_used(town: Archive) -> None:
    before = places_of(town).travel
    drive(town, 60)
    learned = learn_roads(town, ME)
    assert learned.pairs == 12
    assert learned.passages == 60 * 6
    after = places_of(town).travel
    assert before.times is not None
    usual_s = before.times.between("a", "b").usual_s
    assert median_s(after) == pytest.approx(1.5 * usual_s, rel=0.05)
    with Archive.open(town.path) as again:
        assert median_s(places_of(again).travel) == median_s(after)
        assert places_of(again).travel.quantile("a", "b", 0.9, NINE) == after.quantile("a", "b", 0.9, NINE)


def test_without_known_vehicles_nothing_changes(town: Archive) -> None:
    town.add(NewChunk(None, None, (seen(1, "a", NINE, None), seen(2, "b", NINE, "KR1"))))
    before = places_of(town)
    learned = learn_roads(town, ME)
    assert (learned.pairs, learned.passages) == (0, 0)
    assert not any(clock.kept for clock in learned.clocks)
    assert places_of(town) is before


def test_travel_times_are_learned_at_true_time(town: Archive) -> None:
    drive(town, 80, slow=1.1, clocks={"c": 14.0})
    learned = learn_roads(town, ME)
    (of_c,) = [clock for clock in learned.clocks if clock.camera == "c"]
    assert of_c.kept
    assert of_c.estimate.offset_s == pytest.approx(14.0, abs=3.0)
    travel = places_of(town).travel
    assert median_s(travel, "b", "c") == pytest.approx(median_s(travel, "c", "b"), abs=4)


def test_learning_twice_gives_the_same(town: Archive) -> None:
    drive(town, 40, clocks={"c": 14.0})
    first, second = learn_roads(town, ME), learn_roads(town, ME)
    assert (first.pairs, first.passages) == (second.pairs, second.passages)
    assert [clock.estimate for clock in first.clocks] == [clock.estimate for clock in second.clocks]


def test_what_a_camera_saw_before_it_was_moved_teaches_nothing(town: Archive) -> None:
    """It stood twice as far away: its clock was learned to be minutes ahead, and its drives as slow."""
    before = places_of(town).travel
    drive(town, 60)
    to_a = Camera("d", LAT0 + STEP, LON0 + 2.5 * STEP, 90.0)
    place_book(town).move_camera(to_a, NINE + timedelta(hours=5))
    learned = learn_roads(town, ME)
    assert not [clock for clock in learned.clocks if clock.camera == "d"]
    assert learned.passages == 60 * 3
    assert ("c", "d") not in places_of(town).travel.pairs
    assert median_s(places_of(town).travel) != median_s(before)


def test_a_text_that_a_reader_writes_again_and_again_is_not_many_vehicles(town: Archive) -> None:
    """100 reads of TEST123, always 100 s apart, set two clocks, each to within seconds for certain."""
    found: list[NewSighting] = []
    for number in range(100):
        at = NINE + timedelta(seconds=400 * number)
        found.append(seen(2 * number, "a", at, "TEST123"))
        found.append(seen(2 * number + 1, "b", at + timedelta(seconds=100), "TEST123"))
    found = [replace(one, vectors={}) for one in found]
    town.add(NewChunk(None, None, tuple(found)))
    learned = learn_roads(town, ME)
    assert not any(clock.kept for clock in learned.clocks)
    assert learned.passages < 10


def test_a_case_verdict_counts_like_a_plate(town: Archive) -> None:
    later = NINE + timedelta(seconds=100)
    town.add(NewChunk(None, None, (seen(1, "a", NINE, None), seen(2, "b", later, None), seen(3, "c", later, None))))
    with town.catalogue.writing() as connection:
        cases.add(connection, Case("2026-17", "", ME.id, NINE))
        for number, verdict in ((1, "yes"), (2, "yes"), (3, "no")):
            cases.mark(connection, Mark("2026-17", f"sighting-{number:05d}", verdict, ME.id, NINE))
    learned = learn_roads(town, ME)
    assert (learned.pairs, learned.passages) == (1, 1)


def counted(archive: Archive) -> dict[tuple[str, str], float]:
    passages = places_of(archive).next_counts.passages
    return {(one.first, one.second): vehicles for one, vehicles in passages.items() if vehicles}


def test_which_camera_follows_which_is_counted_and_kept(town: Archive) -> None:
    drive(town, 60)
    learn_roads(town, ME)
    expected = {tuple(pair): 30.0 for pair in ("ab", "bc", "cd", "dc", "cb", "ba")}
    assert counted(town) == expected
    with Archive.open(town.path) as again:
        assert counted(again) == expected
    place_book(town).import_cameras([Camera("a", LAT0 + STEP, LON0 + 2.5 * STEP, 90.0)])
    assert set(counted(town)) == {tuple(pair) for pair in ("bc", "cd", "dc", "cb")}


def test_learned_times_of_a_moved_camera_are_dropped(town: Archive) -> None:
    drive(town, 60)
    learn_roads(town, ME)
    place_book(town).import_cameras([Camera("a", LAT0 + STEP, LON0 + 2.5 * STEP, 90.0)])
    travel = places_of(town).travel
    assert ("b", "c") in travel.pairs
    assert ("a", "b") not in travel.pairs


def test_without_roads_times_are_learned_from_plates(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "bare") as bare:
        place_book(bare).import_cameras(PLACED[:2])
        place_book(bare).add_cameras(["yard"])
        before = current_places(bare).travel
        sightings = []
        for number in range(12):
            start = NINE + timedelta(minutes=2 * number)
            plate = f"K {number:02d}{number:02d} QX"
            sightings.append(seen(3 * number, "a", start, plate))
            sightings.append(seen(3 * number + 1, "b", start + timedelta(seconds=95 + number % 3), plate))
            sightings.append(seen(3 * number + 2, "yard", start + timedelta(seconds=400 + 5 * (number % 4)), plate))
        bare.add(NewChunk(None, None, tuple(sightings)))
        learned = learn_roads(bare, ME)
        assert learned.passages >= 24
        after = current_places(bare)
        assert after.graph is None
        assert after.known_passages == learned.passages
        ways = {(one.first, one.second, one.first_edge): n for one, n in after.next_counts.passages.items()}
        assert ways["a", "b", way_past_of_made_sightings()] == 12
        for pair, true_s in ((("a", "b"), 96.0), (("a", "yard"), 407.0)):
            assert after.travel.quantile(*pair, 0.5) == pytest.approx(true_s, rel=0.1)
            width = [travel.quantile(*pair, 0.9) - travel.quantile(*pair, 0.1) for travel in (before, after.travel)]
            assert width[1] < width[0] / 2


def way_past_of_made_sightings() -> int | None:
    return road_or_way(None, make_sighting(1).attributes.heading_deg)


def test_learning_needs_cameras_and_permission(town: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotAllowedError, match="may not"):
        learn_roads(town, Person("nobody", "viewer"))
    with Archive.create(tmp_path / "bare") as bare, pytest.raises(ArchiveError, match="no cameras"):
        learn_roads(bare, ME)
