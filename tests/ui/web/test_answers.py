"""A search whose visitor has left lets go of the archive."""

import threading
from collections.abc import Iterator

import pytest

from index.answers import Ranking, Stage
from ui.web import answers
from ui.web.answers import PageAnswer

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
