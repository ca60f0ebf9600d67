"""Two processes change one archive on PostgreSQL at once, where SQLite would let one wait from its beginning."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from index.access.cases import mark_sighting, open_case
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest import footage_changes
from index.ingest.footage_changes import move_footage, remove_footage
from index.learning import reembedding
from index.map.places import place_book
from index.records import Coverage, CropRef, NewChunk
from index.store.archive import Archive
from index.store.catalogue import (
    cameras,
    footage,
    models,
    plate_index,
    road_numbers,
    row_digests,
    sighting_writing,
    vectors,
)
from index.store.catalogue import sightings as sightings_of
from index.store.catalogue.footage import Footage
from index.store.catalogue.models import StoredModel
from index.store.catalogue.plates import all_plates
from index.store.catalogue.tables import marks, plate_rotations, sightings
from index.upkeep.derived import edited_rows
from index.upkeep.new_key import renew_key
from index.upkeep.rebuild import rebuild
from index.upkeep.retention import purge
from roadgraph.camera import Camera
from tests.index.conftest import EIGHT, MODEL, make_sighting, two_cameras
from tests.index.store.catalogue.editing import damaged

ME = local_person()
FILM = "f" * 64
A_MOMENT_S = 0.4
"""So long one of both is waited for who must wait for the other."""


@pytest.fixture
def both(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Archive, Archive]]:
    """One archive, opened twice, with one sighting and one case."""
    with Archive.create(tmp_path / "archive", postgres_url) as one, Archive.open(one.path) as other:
        with one.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())
        one.add(NewChunk(None, None, (make_sighting(1),)))
        open_case(one, ME, "7", "")
        yield one, other


class Doing:
    """Something that is done in a thread; `problem` is what ArchiveError said."""

    def __init__(self, do: Callable[[], Any]) -> None:
        self.problem = ""
        self.thread = threading.Thread(target=self._run, args=(do,))
        self.thread.start()

    def _run(self, do: Callable[[], Any]) -> None:
        try:
            do()
        except ArchiveError as error:
            self.problem = str(error)

    def join(self, timeout_s: float = 60.0) -> None:
        self.thread.join(timeout_s)


def test_what_is_marked_during_a_purge_is_not_forgotten_all_the_same(
    both: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case kept the mark, and the sighting was found by nobody any more."""
    one, other = both
    choose, marking = sighting_writing.unmarked_before, []

    def mark_meanwhile(*args: Any) -> list[str]:
        chosen = choose(*args)
        marking.append(Doing(lambda: mark_sighting(other, ME, "7", "sighting-00001", "yes")))
        marking[0].join(A_MOMENT_S)
        return chosen

    monkeypatch.setattr(sighting_writing, "unmarked_before", mark_meanwhile)
    assert purge(one, EIGHT + timedelta(days=1), ME).sightings == 1
    marking[0].join()
    assert marking[0].problem
    with one.catalogue.reading() as connection:
        assert connection.execute(select(marks.c.sighting)).all() == []
        assert connection.execute(select(sightings.c.id)).all() == []


def test_two_imports_of_a_new_day_leave_its_coverage_whole(
    both: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each made the digest of the day without the rows of the other, and `verify` named an edit for ever."""
    look, together = row_digests._whole, threading.Barrier(2)

    def look_together(*args: Any, **options: Any) -> set[str]:
        found = look(*args, **options)
        with suppress(threading.BrokenBarrierError):
            together.wait(A_MOMENT_S)
        return found

    monkeypatch.setattr(row_digests, "_whole", look_together)
    hour = timedelta(hours=1)
    parts = [NewChunk(None, None, (), (Coverage("a", EIGHT + n * hour, EIGHT + (n + 1) * hour),)) for n in range(2)]
    adding = [Doing(partial(where.add, part)) for where, part in zip(both, parts, strict=True)]
    for one in adding:
        one.join()
    assert [one.problem for one in adding] == ["", ""]
    assert damaged(both[0]) == []


def test_with_the_key_of_before_nothing_is_written(both: tuple[Archive, Archive]) -> None:
    """A page that was open went on with it: `verify` named all that it wrote as edited."""
    one, page = both
    renew_key(one, ME)
    for change in (lambda: open_case(page, ME, "8", ""), lambda: mark_sighting(page, ME, "7", "sighting-00001", "yes")):
        with pytest.raises(ArchiveError, match="new key"):
            change()
    assert damaged(one) == []
    open_case(one, ME, "8", "")


def test_cameras_are_moved_and_imported_at_once(both: tuple[Archive, Archive]) -> None:
    """Each held what the other wanted: one of them, or an ingester beside them, had to begin anew."""
    one, other = both

    def put(archive: Archive) -> None:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, two_cameras())

    with one.catalogue.writing() as connection:
        cameras.hold(connection, ["a"])
        importing = Doing(lambda: put(other))
        importing.join(A_MOMENT_S)
        cameras.put(connection, two_cameras())
    importing.join()
    assert importing.problem == ""


def test_a_camera_that_is_moved_while_it_is_imported_stands_at_one_place_at_a_time(
    both: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import had not heard of the move, and gave the first place no end."""
    one, other = both
    look, moving = cameras.first_moves, []

    def move_meanwhile(*args: Any) -> Any:
        found = look(*args)
        moving.append(Doing(lambda: place_book(other).move_camera(Camera("a", 48.5, 15.6), EIGHT)))
        moving[0].join(A_MOMENT_S)
        return found

    monkeypatch.setattr(cameras, "first_moves", move_meanwhile)
    place_book(one).import_cameras([Camera("a", 48.4, 15.6)])
    moving[0].join()
    assert moving[0].problem == ""
    with one.catalogue.reading() as connection:
        ends = [(place.valid_from, place.valid_to) for place in cameras.places(connection, "a")]
    assert ends == [(cameras.ALWAYS, EIGHT), (EIGHT, None)]
    assert damaged(one) == []


def test_a_road_and_a_picture_of_one_sighting_change_at_once(both: tuple[Archive, Archive]) -> None:
    """The purge moved pictures while roads were taken again, and `verify` named an edit for ever."""
    one, other = both
    with one.catalogue.reading() as connection:
        (pack,) = one.crops.sizes()
        pictures = dict(sighting_writing.pictures_in(connection, pack))

    def move_pictures() -> None:
        with other.catalogue.writing() as connection:
            sighting_writing.move_pictures(connection, {key: _behind(ref) for key, ref in pictures.items()})

    with one.catalogue.writing() as connection:
        road_numbers.put(connection, ["sighting-00001"], 99)
        moving = Doing(move_pictures)
        moving.join(A_MOMENT_S)
    moving.join()
    assert moving.problem == ""
    assert edited_rows(one) == []


def test_a_purge_beside_a_rebuild_leaves_no_plate(
    both: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of plates was just made again, and kept what the purge deleted."""
    one, other = both
    one.add(NewChunk(None, None, (make_sighting(2, text="KR1AB"),)))
    purging = []

    def purge_meanwhile(*args: Any) -> Iterator[Sequence[Any]]:
        yield from all_plates(*args)
        purging.append(Doing(lambda: purge(other, EIGHT + timedelta(days=1), ME)))
        purging[0].join(A_MOMENT_S)

    monkeypatch.setattr(plate_index, "all_plates", purge_meanwhile)
    rebuild(one)
    purging[0].join()
    assert purging[0].problem == ""
    with one.catalogue.reading() as connection:
        assert connection.execute(select(plate_rotations.c.rotation)).all() == []


def test_footage_that_is_removed_as_a_chunk_of_it_is_written_stays_removed(
    both: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the chunk showed was found again, of footage that nobody had any more."""
    one, other = both
    _add_film(one, "a")
    add, removing = sighting_writing.add, []

    def remove_meanwhile(*args: Any, **options: Any) -> None:
        removing.append(Doing(lambda: remove_footage(other, ME, FILM)))
        removing[0].join(A_MOMENT_S)
        add(*args, **options)

    monkeypatch.setattr(sighting_writing, "add", remove_meanwhile)
    one.add(NewChunk(FILM, 0, (make_sighting(4, camera="a"),), (), filmed=("a", EIGHT)))
    removing[0].join()
    assert removing[0].problem == ""
    with one.catalogue.reading() as connection:
        assert sightings_of.by_ids(connection, ["sighting-00004"]) == []
    assert damaged(one) == []


def test_footage_that_two_move_at_once_is_moved_by_one(
    both: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second held the camera of before, so that a chunk was written while its footage went elsewhere."""
    one, other = both
    _add_film(one, "a")
    find = footage_changes.find_footage

    def move_meanwhile(*args: Any) -> Any:
        found = find(*args)
        monkeypatch.setattr(footage_changes, "find_footage", find)
        move_footage(other, ME, FILM, camera="b")
        return found

    monkeypatch.setattr(footage_changes, "find_footage", move_meanwhile)
    with pytest.raises(ArchiveError, match="just given to camera 'b'"):
        move_footage(one, ME, FILM, start=EIGHT + timedelta(hours=1))


def test_a_model_is_put_to_use_only_when_all_that_is_being_written_has_its_vectors(
    both: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk that was being written came in with vectors of the model before alone, and no question compared it."""
    one, other = both
    with one.catalogue.writing() as connection:
        models.prepare(connection, StoredModel("adapted-1", "appearance", 16), at=EIGHT)
        vectors.add(connection, "adapted-1", {"sighting-00001": make_sighting(1).vectors[MODEL]}, at=EIGHT)
    add, using = sighting_writing.add, []

    def use_meanwhile(*args: Any, **options: Any) -> None:
        using.append(Doing(lambda: reembedding._put_to_use_if_complete(other, "adapted-1")))
        using[0].join(A_MOMENT_S)
        add(*args, **options)

    monkeypatch.setattr(sighting_writing, "add", use_meanwhile)
    one.add(NewChunk(None, None, (make_sighting(3),)))
    using[0].join()
    with one.catalogue.reading() as connection:
        used = models.in_use(connection, "appearance")
    assert used is not None
    assert used.id == MODEL


def _add_film(archive: Archive, camera: str) -> None:
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage(FILM, "/a.mp4", camera, EIGHT, 60.0, chunk_s=60.0), at=EIGHT)
        footage.plan_chunks(connection, FILM, [0])


def _behind(ref: CropRef) -> CropRef:
    return replace(ref, offset=ref.offset + 1)
