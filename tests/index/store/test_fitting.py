"""Footage is moved, or its beginning refused, while it is analysed: what comes in is by what is known of it by then."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from index.access.permissions import local_person
from index.ingest.footage_changes import move_footage
from index.map.sighting_roads import roads_taken
from index.records import Coverage, NewChunk, Window
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, purges, sighting_writing, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.footage import Footage
from index.upkeep.derived import edited_rows
from tests.index.conftest import EIGHT, MODEL, coverage_of, make_sighting, scores_of

ME = local_person()
HOUR = timedelta(hours=1)
FILM = "f" * 64
NINE = EIGHT + HOUR
VIEW = {"along_m": 1.0, "heading_deg": 180.0, "roads": "a map"}


@pytest.fixture
def chunk(archive_on_each: Archive) -> NewChunk:
    """What was seen in the first minute of footage, which the archive knows."""
    with archive_on_each.catalogue.writing() as connection:
        footage.add(connection, Footage(FILM, "/a.mp4", "a", EIGHT, 60.0, chunk_s=60.0), at=EIGHT)
        footage.plan_chunks(connection, FILM, [0])
        places = [
            StoredCamera(id_, 48.4, 15.6, 90.0, views=({"edge": edge} | VIEW,)) for id_, edge in (("a", 7), ("b", 9))
        ]
        cameras.put(connection, places)
    seen = (make_sighting(2, camera="a"), make_sighting(4, camera="a"))
    return NewChunk(FILM, 0, seen, (Coverage("a", EIGHT, EIGHT + timedelta(minutes=1)),), filmed=("a", EIGHT))


def _move(archive: Archive) -> None:
    move_footage(archive, ME, FILM, camera="b", start=NINE)


def _meanwhile(archive: Archive, do: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something once, between the look at the footage and the writing of what it shows."""
    append, left = archive.crops.append, [do]

    def first_do(pictures: Sequence[bytes]) -> Any:
        while left:
            left.pop()()
        return append(pictures)

    monkeypatch.setattr(archive.crops, "append", first_do)


@pytest.mark.parametrize("late", [pytest.param(False, id="before"), pytest.param(True, id="as it is written")])
def test_what_is_analysed_while_its_footage_is_moved_follows(
    archive_on_each: Archive, chunk: NewChunk, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """A start or camera that was corrected during a long file held for what was done, and not for the hours to come."""
    if late:
        _meanwhile(archive_on_each, lambda: _move(archive_on_each), monkeypatch)
    else:
        _move(archive_on_each)
    assert archive_on_each.add(chunk, record=roads_taken(chunk.sightings)) == 2
    with archive_on_each.catalogue.reading() as connection:
        for new in chunk.sightings:
            stored = sightings.get(connection, new.id)
            assert (stored.camera, stored.best, stored.edge) == ("b", new.best + HOUR, 9)
            assert [shot.time for shot in stored.shots] == [shot.time + HOUR for shot in new.shots]
        assert coverage_of(connection, "a", EIGHT, NINE) == []
        (part,) = coverage_of(connection, "b", NINE, NINE + HOUR)
        assert (part.start, part.end) == (NINE, NINE + timedelta(minutes=1))
    assert edited_rows(archive_on_each) == []


def test_a_beginning_that_is_refused_as_it_is_written_does_not_come(
    archive_on_each: Archive, chunk: NewChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited for the purge wrote what it had just refused, and its pictures stayed."""
    later = chunk.sightings[1]

    def refuse() -> None:
        with archive_on_each.catalogue.writing() as connection:
            purges.refuse_beginnings(connection, later.best)

    _meanwhile(archive_on_each, refuse, monkeypatch)
    assert archive_on_each.add(replace(chunk, filmed=("a", EIGHT))) == 1
    with archive_on_each.catalogue.reading() as connection:
        ids = [new.id for new in chunk.sightings]
        assert sighting_writing.known_ids(connection, ids) == {later.id}
    stored = b"".join(path.read_bytes() for path in archive_on_each.crops.folder.glob("*.pack"))
    assert chunk.sightings[0].shots[0].jpeg not in stored
    assert later.shots[0].jpeg in stored


def test_what_is_moved_before_its_vectors_are_written_is_searched_where_it_is(
    archive_on_each: Archive, chunk: NewChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vectors lay under the camera and hour of before: no question about the right ones found the vehicle."""
    archive, add = archive_on_each, archive_on_each.vectors.add

    def move_first(*args: Any) -> None:
        _move(archive)
        add(*args)

    monkeypatch.setattr(archive.vectors, "add", move_first)
    archive.add(chunk)
    (new, _) = chunk.sightings
    asked = [Window("b", NINE, NINE + HOUR)]
    assert set(scores_of(archive, new.vectors[MODEL], asked)) == {new.id for new in chunk.sightings}
    assert archive.vectors.problems() == []
