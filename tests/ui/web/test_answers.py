"""A search whose visitor has left lets go of the archive; a kept answer is shown while it is still right."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import streamlit as st

from index.answers import Ranking, Stage
from index.errors import ArchiveError
from index.search.question import SearchOptions
from index.store.catalogue.sightings_state import SightingsState
from ui.web import answers, uploads, visit
from ui.web.answers import PageAnswer
from ui.web.context import PageContext
from ui.web.question import PageQuestion, PicturePart

STARTED = Ranking(stages=(), candidates=())


def steps(ended: threading.Event) -> Iterator[Ranking]:
    try:
        for name in ("hypothesis", "appearance", "itinerary"):
            yield Ranking(stages=(Stage(name, 0.0, 0, 0),), candidates=())
    finally:
        ended.set()


def test_a_search_that_nobody_goes_on_with_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its transaction would keep the rows that a purge deletes, and the purge would fail."""
    monkeypatch.setattr(answers, "REST_S", 0.05)
    ended = threading.Event()
    answer = PageAnswer(STARTED, steps(ended))
    answer.advance()
    assert ended.wait(10)
    assert answer.abandoned
    assert not answer.is_complete


def test_a_search_that_goes_on_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "REST_S", 0.05)
    ended = threading.Event()
    answer = PageAnswer(STARTED, steps(ended))
    while not answer.is_complete:
        answer.advance()
    assert ended.wait(1)
    assert not answer.abandoned
    assert answer.ranking.stages[-1].name == "itinerary"


def test_a_search_that_failed_is_no_answer() -> None:
    """The server ended its session: what was found until then was shown as the answer, "No sighting fits"."""

    def broken() -> Iterator[Ranking]:
        yield Ranking(stages=(Stage("hypothesis", 0.0, 0, 0),), candidates=())
        raise ArchiveError("the server ended a session")

    answer = PageAnswer(STARTED, broken())
    answer.advance()
    with pytest.raises(ArchiveError):
        answer.advance()
    answer.advance()
    assert not answer.is_complete
    assert answer.abandoned


def test_of_a_question_that_is_refused_no_picture_stays_in_the_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """It had no row in the audit."""

    def refuse(*_: object) -> None:
        raise ArchiveError("a reason holds U+001B, which nobody sees: leave it out")

    kept: list[object] = []
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(answers, "search", refuse)
    monkeypatch.setattr(answers, "_marks_now", lambda *_: "")
    monkeypatch.setattr(answers, "keep_pictures", lambda *picture: kept.append(picture))
    monkeypatch.setattr(answers, "load_settings", lambda _: SimpleNamespace(search=SearchOptions()))
    monkeypatch.setattr(uploads, "pixels", lambda _: np.zeros((32, 32, 3), np.uint8))
    question = PageQuestion(pictures=(PicturePart("0" * 64),), case="7", reason="\x1b", asked=True)
    context = SimpleNamespace(archive=SimpleNamespace(path=None), person=None, state=None)
    with pytest.raises(ArchiveError):
        answers.answer_to(cast("PageContext", context), question)
    assert kept == []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., PageAnswer]:
    """Ask a question at a state of the archive, in one visit; each search gives an answer of its own."""
    visit_state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", visit_state)
    monkeypatch.setattr(
        answers, "search", lambda *_: iter([Ranking(stages=(Stage("fusion", 0.0, 0, 0),), candidates=())])
    )
    monkeypatch.setattr(answers, "load_settings", lambda _: SimpleNamespace(search=SearchOptions()))

    def ask(state: SightingsState, plate: str = "KR1") -> PageAnswer:
        context = SimpleNamespace(archive=SimpleNamespace(path=None), person=None, state=state)
        answer = answers.answer_to(cast("PageContext", context), PageQuestion(plate=plate, asked=True))
        answer.advance()
        return answer

    return ask


BEFORE = SightingsState(number=10, newest=3, removals=0)


def test_an_answer_is_kept_while_nothing_changes(asked: Callable[..., PageAnswer]) -> None:
    first = asked(BEFORE)
    assert asked(BEFORE) is first
    visit.leave()
    assert asked(BEFORE) is first


@pytest.mark.parametrize(
    "after", [SightingsState(9, 3, 0), SightingsState(10, 4, 1)], ids=["fewer", "others in their place"]
)
def test_what_was_forgotten_since_is_not_shown_once_more(
    asked: Callable[..., PageAnswer], after: SightingsState
) -> None:
    first = asked(BEFORE)
    assert asked(after) is not first


def test_what_came_in_since_counts_when_the_question_is_asked_again(
    asked: Callable[..., PageAnswer],
) -> None:
    """Somebody who asked in the morning would else still be told that nobody was seen; it stays while they look."""
    first, later = asked(BEFORE), SightingsState(11, 4, 0)
    assert asked(later) is first
    visit.leave()
    assert asked(later) is not first


def test_a_mark_of_its_case_counts_in_answers_of_before(
    asked: Callable[..., PageAnswer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a mark in the next question, or on the page of the case, Back showed the answer without it."""
    marks = iter(("one", "one", "another"))
    monkeypatch.setattr(answers, "_marks_now", lambda *_: next(marks))
    first = asked(BEFORE)
    assert asked(BEFORE) is first
    assert asked(BEFORE) is not first


def test_a_hundred_questions_keep_the_answers_to_the_last_few(asked: Callable[..., PageAnswer]) -> None:
    threads = threading.active_count()
    found = [asked(BEFORE, f"KR{number}") for number in range(100)]
    last = [f"KR{number}" for number in range(100 - answers.MOST, 100)]
    assert [asked(BEFORE, plate) for plate in last] == found[-answers.MOST :]
    assert len(cast("dict[str, PageAnswer]", st.session_state[answers._ANSWERS])) == answers.MOST
    assert threading.active_count() == threads


def test_after_a_mark_the_plates_that_were_looked_at_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memories: list[object] = []

    def keep_memory(*asked: object) -> Iterator[Ranking]:
        memories.append(cast("SearchOptions", asked[-1]).plate_memory)
        return steps(threading.Event())

    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(answers, "search", keep_memory)
    monkeypatch.setattr(answers, "_marks_now", lambda *_: "")
    monkeypatch.setattr(answers, "load_settings", lambda _: SimpleNamespace(search=SearchOptions()))
    context = cast("PageContext", SimpleNamespace(archive=SimpleNamespace(path=None), person=None, state=None))
    question, other = (PageQuestion(plate=plate, asked=True) for plate in ("B AB 123", "B CD 456"))
    answers.answer_to(context, question)
    answers.replace_answer(context, question)
    answers.answer_to(context, other)
    assert memories[0] is memories[1] is not None
    assert memories[2] is not memories[0]
