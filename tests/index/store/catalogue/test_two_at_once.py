"""Two processes change one archive on PostgreSQL at once, where SQLite would let one wait from its beginning."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from index.access.cases import mark_sighting, open_case
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.records import Coverage, NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras, row_digests, sighting_writing
from index.store.catalogue.tables import marks, sightings
from index.upkeep.new_key import renew_key
from index.upkeep.retention import purge
from tests.index.conftest import EIGHT, make_sighting, two_cameras
from tests.index.store.catalogue.editing import damaged

ME = local_person()
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
