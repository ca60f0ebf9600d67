"""A passage in pieces is told once: in one row, as one stop, and in one story."""

from dataclasses import replace
from datetime import timedelta

import pytest

from index.answers import Candidate, Evidence, Itinerary, Ranking, Stop
from index.records import Sighting
from index.search.one_row import in_one_row
from tests.index.search.straight_street import NOON, seen

PIECES = {"first": ("second",)}


def row(id_: str, after_s: float, probability: float) -> Candidate:
    new = seen(id_, "c3", after_s, 0)
    found = Sighting(
        id_, new.camera, None, new.first, new.best, new.last, new.box, new.attributes, plate=None, edge=None, shots=()
    )
    return Candidate(found, NOON + timedelta(seconds=after_s), probability, Evidence())


ROWS = (row("first", 140, 0.9), row("second", 142.6, 0.8), row("later", 200, 0.7))


def story(probability: float, *ids: str) -> Itinerary:
    stops = {one.sighting.id: Stop(one.sighting.id, "c3", one.time, one.probability or 0.0) for one in ROWS}
    return Itinerary(tuple(stops[id_] for id_ in ids), probability)


def told(best: Itinerary, *others: Itinerary, rivals: int = 0) -> Ranking:
    return in_one_row(Ranking((), ROWS, best, others, likely=3, rivals=rivals), PIECES)


def ids(story: Itinerary | None) -> list[str]:
    return [] if story is None else [stop.sighting for stop in story.stops]


@pytest.mark.parametrize("claimed", [("first",), ("second",), ("first", "second")], ids=["first", "second", "both"])
def test_whichever_piece_a_story_claims_its_stop_is_the_row_of_the_passage(claimed: tuple[str, ...]) -> None:
    answer = told(story(0.5, *claimed, "later"))
    assert [one.sighting.id for one in answer.candidates] == ["first", "later"]
    assert answer.candidates[0].pieces == ("second",)
    assert ids(answer.itinerary) == ["first", "later"]
    assert answer.itinerary is not None
    assert answer.itinerary.stops[0].probability == 0.9
    assert answer.likely == 2


def test_stories_that_differ_only_in_pieces_are_one() -> None:
    answer = told(story(0.4, "first", "second"), story(0.3, "second"), story(0.1, "first", "later"), story(0.1))
    assert answer.itinerary is not None
    assert ids(answer.itinerary) == ["first"]
    assert answer.itinerary.probability == pytest.approx(0.7)
    assert [(ids(one), one.probability) for one in answer.alternatives] == [(["first", "later"], 0.1), ([], 0.1)]


@pytest.mark.parametrize(
    ("claimed", "rivals"),
    [(("first", "second"), 0), (("first",), 0), (("second",), 0), (("later",), 1)],
    ids=["both", "first", "second", "another"],
)
def test_a_piece_of_a_passage_that_the_story_has_is_no_rival_of_it(claimed: tuple[str, ...], rivals: int) -> None:
    best = story(0.5, *claimed, *(["later"] if "later" not in claimed else []))
    assert told(best, rivals=3 - len(best.stops)).rivals == rivals


def test_an_answer_without_a_story_stays_without_one() -> None:
    answer = in_one_row(replace(told(story(0.5)), candidates=ROWS, itinerary=None), PIECES)
    assert answer.itinerary is None
    assert answer.alternatives == ()


def test_a_piece_has_no_place_of_its_own_in_the_order() -> None:
    answer = in_one_row(Ranking((), ROWS, order=("first", "second", "later", "unlikely"), likely=3), PIECES)
    assert answer.order == ("first", "later", "unlikely")
