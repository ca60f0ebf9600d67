from datetime import UTC, datetime, timedelta

import pytest

from index.archive import Archive, NewChunk
from index.catalogue import Catalogue, cases, chunks, footage, sightings
from index.catalogue.cases import Case, Mark
from index.catalogue.chunks import Coverage
from index.catalogue.footage import Footage
from index.errors import ArchiveError
from index.sighting import Window
from tests.index.conftest import EIGHT, MODEL, make_sighting

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FILE = Footage(id="f" * 64, path="north.mp4", camera="a", start=EIGHT, duration_s=600.0, fps=12.0, chunk_s=60.0)


def test_footage_comes_back_as_it_went_in(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        footage.add(connection, FILE, at=NOW)
    with catalogue.reading() as connection:
        assert footage.get(connection, FILE.id) == FILE
        assert footage.listing(connection, camera="b") == []


def test_a_chunk_is_claimed_by_one_worker_until_it_is_stale(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        footage.add(connection, FILE, at=NOW)
        chunks.plan(connection, FILE.id, 3)
        chunks.plan(connection, FILE.id, 3)
        assert chunks.claim(connection, FILE.id, 0, "one", at=NOW)
        assert not chunks.claim(connection, FILE.id, 0, "two", at=NOW)
        assert chunks.claim(connection, FILE.id, 0, "two", at=NOW + timedelta(seconds=chunks.STALE_S + 1))
        chunks.release(connection, "two")
        assert chunks.claim(connection, FILE.id, 0, "one", at=NOW)
        chunks.finish(connection, FILE.id, 0, [], sightings=4, at=NOW)
        assert not chunks.claim(connection, FILE.id, 0, "one", at=NOW)
        assert chunks.pending(connection, FILE.id) == [1, 2]
        assert chunks.sightings_of(connection, FILE.id) == 4


def test_coverage_of_a_chunk_is_written_once(catalogue: Catalogue) -> None:
    seen = Coverage("a", EIGHT, EIGHT + timedelta(seconds=60))
    dark = Coverage("a", EIGHT + timedelta(seconds=60), EIGHT + timedelta(seconds=90), "too dark")
    with catalogue.writing() as connection:
        footage.add(connection, FILE, at=NOW)
        for _ in range(2):
            chunks.finish(connection, FILE.id, 0, [seen, dark], sightings=0, at=NOW)
    with catalogue.reading() as connection:
        assert chunks.covered(connection, "a", EIGHT, EIGHT + timedelta(hours=1)) == [seen, dark]
        assert chunks.covered(connection, "a", EIGHT, EIGHT + timedelta(seconds=60)) == [seen]
        assert chunks.covered(connection, "b", EIGHT, EIGHT + timedelta(hours=1)) == []


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
        assert sightings.in_windows(connection, [old]) == []
        found = sightings.in_windows(connection, [new])
        assert chunks.covered(connection, "b", later, later + timedelta(hours=1)) != []
    assert [s.id for s in found] == [f"sighting-{n:05d}" for n in range(4)]
    assert found[0].best == make_sighting(0).best + timedelta(hours=2)
    assert found[0].shots[1].time == make_sighting(0).shots[1].time + timedelta(hours=2)
    assert archive.vectors.search(MODEL, query, [old], 1) == []
    assert archive.vectors.search(MODEL, query, [new], 1)[0].sighting == "sighting-00002"
    assert archive.verify() == []


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
        assert chunks.covered(connection, "a", EIGHT, EIGHT + timedelta(hours=1)) == []
    assert archive.vectors.all_scores(MODEL, make_sighting(0).vectors[MODEL], None) == {}
    fill(archive)
    with archive.catalogue.reading() as connection:
        assert sightings.count(connection) == 4
    assert len(archive.vectors.all_scores(MODEL, make_sighting(0).vectors[MODEL], None)) == 4
    assert archive.verify() == []


def test_unknown_footage_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ArchiveError, match="no footage 'x'"), catalogue.writing() as connection:
        footage.move(connection, "x", camera="b")
