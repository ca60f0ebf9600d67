"""A question sees the archive as it was at one moment, and costs the same however much lies outside its windows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.records import NewChunk, NewSighting
from index.search.question import SearchOptions
from index.search.search import search
from index.store.archive import Archive
from tests.index.conftest import EIGHT, make_sighting

ASKED = Query(sighting="sighting-00004", top=50)
DESCRIBED = Query(type="car", colour="red", camera="a", time=EIGHT, top=50)


def fill(archive: Archive, numbers: range) -> None:
    archive.add(NewChunk(None, None, tuple(make_sighting(number, text=f"KR{number}") for number in numbers)))


def answer(archive: Archive, query: Query, between: Callable[[], object] = lambda: None) -> Ranking:
    steps = search(archive, query, local_person(), SearchOptions())
    next(steps)
    between()
    *_, last = steps
    return last


def compared(ranking: Ranking) -> list[tuple[str, float | None]]:
    return [(candidate.sighting.id, candidate.probability) for candidate in ranking.candidates]


@pytest.mark.parametrize("query", [ASKED, DESCRIBED])
def test_what_is_forgotten_between_two_steps_changes_nothing(archive_on_each: Archive, query: Query) -> None:
    archive = archive_on_each
    fill(archive, range(20))
    before = answer(archive, query)
    gone = [f"sighting-{number:05d}" for number in (2, 3, 7)]
    during = answer(archive, query, lambda: archive.forget(gone))
    assert [id_ for id_, _ in compared(during)] == [id_ for id_, _ in compared(before)]
    # Products of single rows are summed in another order than those of a slice.
    chances = [[probability or 0.0 for _, probability in compared(answered)] for answered in (during, before)]
    assert chances[0] == pytest.approx(chances[1], rel=1e-5)
    assert not set(gone) & {id_ for id_, _ in compared(answer(archive, query))}


@pytest.mark.parametrize("query", [ASKED, DESCRIBED])
def test_what_comes_in_between_two_steps_changes_nothing(archive_on_each: Archive, query: Query) -> None:
    archive = archive_on_each
    fill(archive, range(20))
    before = answer(archive, query)
    during = answer(archive, query, lambda: fill(archive, range(20, 40)))
    assert compared(during) == compared(before)
    assert during.searched == before.searched
    assert len(compared(answer(archive, query))) == len(compared(before)) + 20


def test_a_question_that_is_left_ends_its_transaction(archive: Archive) -> None:
    fill(archive, range(20))
    steps = search(archive, ASKED, local_person(), SearchOptions())
    next(steps)
    assert archive.catalogue.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    del steps
    assert archive.catalogue.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def a_month_later(number: int) -> NewSighting:
    return make_sighting(300_000 + number, shots=1)


@pytest.mark.parametrize("query", [ASKED, DESCRIBED])
def test_the_cost_of_a_question_does_not_grow_with_what_lies_outside(archive: Archive, query: Query) -> None:
    fill(archive, range(20))
    query_in_time = Query(**{**_fields(query), "horizon_s": timedelta(minutes=10).total_seconds()})
    answer(archive, query_in_time)
    with work_of(archive) as small:
        few = answer(archive, query_in_time)
    for start in range(0, 4000, 500):
        archive.add(NewChunk(None, None, tuple(a_month_later(number) for number in range(start, start + 500))))
    answer(archive, query_in_time)
    with work_of(archive) as large:
        many = answer(archive, query_in_time)
    assert compared(few) == compared(many)
    assert many.searched.of == few.searched.of + 4000
    assert large[0] <= 1.2 * small[0]


def _fields(query: Query) -> dict[str, object]:
    return {name: getattr(query, name) for name in Query.__dataclass_fields__}


@contextmanager
def work_of(archive: Archive) -> Iterator[list[int]]:
    """Count the thousands of instructions that SQLite runs on new connections, in a list of one number."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    def listen(connection: object, _: object) -> None:
        connection.set_progress_handler(count, 20)  # type: ignore[attr-defined]

    engine = archive.catalogue.engine
    engine.dispose()
    event.listen(engine, "connect", listen)
    try:
        yield counted
    finally:
        event.remove(engine, "connect", listen)
        engine.dispose()
