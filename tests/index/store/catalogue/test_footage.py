from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from index.errors import ArchiveError
from index.records import Coverage, NewChunk, Window
from index.store.archive import Archive
from index.store.catalogue import Catalogue, cases, footage, sightings
from index.store.catalogue.cases import Case, Mark
from index.store.catalogue.footage import Footage
from index.store.catalogue.sightings import SightingFilter
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT, MODEL, coverage_of, make_sighting, scores_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FILE = Footage(id="f" * 64, path="north.mp4", camera="a", start=EIGHT, duration_s=600.0, fps=12.0, chunk_s=60.0)


def test_footage_comes_back_as_it_went_in(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        footage.add(connection, FILE, at=NOW)
    with catalogue.reading() as connection:
        assert footage.get(connection, FILE.id) == FILE
        assert footage.listing(connection, camera="b") == []


def test_the_latest_start_is_that_of_the_footage_there_is(catalogue: Catalogue) -> None:
    later = replace(FILE, id="e" * 64, start=EIGHT + timedelta(hours=1))
    with catalogue.writing() as connection:
        assert footage.latest_start(connection) is None
        footage.add(connection, later, at=NOW)
        footage.add(connection, FILE, at=NOW)
        assert footage.latest_start(connection) == later.start
        footage.remove(connection, later.id, at=NOW)
        assert footage.latest_start(connection) == EIGHT


def test_a_chunk_is_claimed_by_one_worker_until_it_is_stale(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        footage.add(connection, FILE, at=NOW)
        footage.plan_chunks(connection, FILE.id, range(3))
        footage.plan_chunks(connection, FILE.id, range(3))
        assert footage.claim_chunk(connection, FILE.id, 0, "one", at=NOW)
        assert not footage.claim_chunk(connection, FILE.id, 0, "two", at=NOW)
        assert footage.claim_chunk(connection, FILE.id, 0, "two", at=NOW + timedelta(seconds=footage.STALE_S + 1))
        footage.release_chunks(connection, "two")
        assert footage.claim_chunk(connection, FILE.id, 0, "one", at=NOW)
        footage.finish_chunk(connection, FILE.id, 0, [], sightings=4, at=NOW)
        assert not footage.claim_chunk(connection, FILE.id, 0, "one", at=NOW)
        assert footage.pending_chunks(connection, FILE.id) == [1, 2]
        assert footage.chunk_states(connection, [FILE.id])[FILE.id] == [(0, 4), (1, None), (2, None)]


def test_coverage_of_a_chunk_is_written_once(catalogue: Catalogue) -> None:
    seen = Coverage("a", EIGHT, EIGHT + timedelta(seconds=60))
    dark = Coverage("a", EIGHT + timedelta(seconds=60), EIGHT + timedelta(seconds=90), "too dark")
    with catalogue.writing() as connection:
        footage.add(connection, FILE, at=NOW)
        for _ in range(2):
            footage.finish_chunk(connection, FILE.id, 0, [seen, dark], sightings=0, at=NOW)
    with catalogue.reading() as connection:
        assert coverage_of(connection, "a", EIGHT, EIGHT + timedelta(hours=1)) == [seen, dark]
        assert coverage_of(connection, "a", EIGHT, EIGHT + timedelta(seconds=60)) == [seen]
        assert coverage_of(connection, "b", EIGHT, EIGHT + timedelta(hours=1)) == []


def fill(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        footage.add(connection, FILE, at=NOW)
    news = tuple(make_sighting(n, camera="a") for n in range(4))
    archive.add(NewChunk(FILE.id, 0, news, (Coverage("a", EIGHT, EIGHT + timedelta(seconds=60)),)))


def test_moved_footage_takes_its_sightings_and_vectors_along(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    later = EIGHT + timedelta(hours=2)
    query = make_sighting(2).vectors[MODEL][:1]
    old, new = (Window(camera, at, at + timedelta(hours=1)) for camera, at in (("a", EIGHT), ("b", later)))
    assert archive.vectors.search(MODEL, query, [old], 1)[0].sighting == "sighting-00002"
    with archive.catalogue.writing() as connection:
        moved = footage.move(connection, FILE.id, camera="b", start=later)
    assert (moved.camera, moved.start) == ("b", later)
    with archive.catalogue.reading() as connection:
        assert list(sightings.listing(connection, SightingFilter(windows=(old,)))) == []
        found = list(sightings.listing(connection, SightingFilter(windows=(new,))))
        assert coverage_of(connection, "b", later, later + timedelta(hours=1)) != []
    assert [s.id for s in found] == [f"sighting-{n:05d}" for n in range(4)]
    assert found[0].best == make_sighting(0).best + timedelta(hours=2)
    assert found[0].shots[1].time == make_sighting(0).shots[1].time + timedelta(hours=2)
    assert archive.vectors.search(MODEL, query, [old], 1) == []
    assert archive.vectors.search(MODEL, query, [new], 1)[0].sighting == "sighting-00002"
    assert verify(archive) == []


def test_removed_footage_can_come_back_and_is_seen_anew(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    with archive.catalogue.writing() as connection:
        cases.add(connection, Case("1", "", "x", NOW))
        cases.mark(connection, Mark("1", "sighting-00001", "yes", "x", NOW))
        assert footage.remove(connection, FILE.id, at=NOW) == 4
    with archive.catalogue.reading() as connection:
        assert footage.get(connection, FILE.id) is None
        assert sightings.count(connection) == 0
        assert coverage_of(connection, "a", EIGHT, EIGHT + timedelta(hours=1)) == []
    assert scores_of(archive, make_sighting(0).vectors[MODEL]) == {}
    fill(archive)
    with archive.catalogue.reading() as connection:
        assert sightings.count(connection) == 4
    assert len(scores_of(archive, make_sighting(0).vectors[MODEL])) == 4
    assert verify(archive) == []


def test_what_a_case_marked_follows_removed_footage_to_the_camera_that_is_said_when_it_comes_back(
    archive_on_each: Archive,
) -> None:
    """It stayed at the wrong camera and hour, as everything else of the file was right."""
    archive = archive_on_each
    fill(archive)
    with archive.catalogue.writing() as connection:
        cases.add(connection, Case("1", "", "x", NOW))
        cases.mark(connection, Mark("1", "sighting-00001", "yes", "x", NOW))
        had = sightings.get(connection, "sighting-00001")
        footage.remove(connection, FILE.id, at=NOW)
        moved = replace(FILE, camera="b", start=FILE.start + timedelta(hours=1))
        assert footage.add(connection, moved, at=NOW)
        now = sightings.get(connection, "sighting-00001")
        assert (now.camera, now.best) == ("b", had.best + timedelta(hours=1))
        assert footage.get(connection, FILE.id) == moved
    assert verify(archive) == []


def test_what_was_forgotten_of_a_file_is_not_counted(archive: Archive) -> None:
    """`ingest` told of a file that it knew how many sightings it once gave, those of a purge included."""
    fill(archive)
    archive.forget(["sighting-00001"])
    with archive.catalogue.reading() as connection:
        assert footage.count_sightings(connection, FILE.id) == 3


def test_unknown_footage_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ArchiveError, match="no footage 'x'"), catalogue.writing() as connection:
        footage.move(connection, "x", camera="b")


def test_long_coverage_is_found_from_any_window_inside(catalogue: Catalogue) -> None:
    day = Coverage("a", EIGHT, EIGHT + timedelta(hours=23, minutes=30))
    with catalogue.writing() as connection:
        footage.add_coverage(connection, [day])
    middle = Window("a", EIGHT + timedelta(hours=11, minutes=20), EIGHT + timedelta(hours=12, minutes=10))
    other = Window("b", middle.start, middle.end)
    with catalogue.reading() as connection:
        found = footage.coverage_in_windows(connection, [middle, other])
        assert footage.coverage_in_windows(connection, []) == {}
    hours = [EIGHT + timedelta(hours=hour) for hour in (11, 12, 13)]
    assert found == {"a": [Coverage("a", hours[0], hours[1]), Coverage("a", hours[1], hours[2])]}


def test_the_weather_at_a_time_is_what_most_footage_of_it_says(catalogue: Catalogue) -> None:
    start = datetime(2026, 5, 4, 8, tzinfo=UTC)
    said = [("a" * 64, 0, "rain"), ("b" * 64, 1, "rain"), ("c" * 64, 2, "dry"), ("d" * 64, 3, None)]
    with catalogue.writing() as connection:
        for id_, minutes, weather in said:
            new = Footage(id_, f"{id_[0]}.mp4", "a", start + timedelta(minutes=minutes), 600.0, weather=weather)
            footage.add(connection, new, at=start)
        times = [start, start + timedelta(minutes=5), start + timedelta(minutes=11.5), start - timedelta(days=3)]
        assert footage.weather_at(connection, times) == ["rain", "rain", "dry", None]
        footage.set_weather(connection, "c" * 64, "fog")
        assert footage.weather_at(connection, [start + timedelta(minutes=11.5)]) == ["fog"]
        assert footage.weather_at(connection, []) == []
