"""What a report says of the answer without marks: not seen is not the same as not looked."""

from datetime import UTC, datetime, timedelta

import pytest

from index.answers import Candidate, Evidence, Gap, NamedSighting, NamedSightings, Ranking, Reason, Searched
from index.records import Sighting, Window
from index.search.reasons import DIFFERENT_PLATES, RULED_OUT
from reid.vehicle import Attributes, Box
from ui.report import document
from ui.report.findings import alone_sentence, doubt_sentences

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = (Window("north", NOON, NOON + timedelta(hours=1)),)
KEPT = (Gap("north", NOON, NOON + timedelta(minutes=58.8), "no footage"),)
DARK = (Gap("north", NOON, NOON + timedelta(hours=1), "no footage"),)


def candidate(probability: float) -> Candidate:
    sighting = Sighting("s", "north", None, NOON, NOON, NOON, Box(0, 0, 9, 9), Attributes({}, {}), None, None, ())
    return Candidate(sighting, NOON, probability, Evidence())


@pytest.mark.parametrize(
    ("ranking", "said"),
    [
        pytest.param(Ranking((), (), searched=Searched(1, 0, 9, DARK, 0, HOUR)), "Nobody looked", id="not looked"),
        pytest.param(Ranking((), (), searched=Searched(0, 0, 9)), "nothing was searched", id="not searched"),
        pytest.param(Ranking((), (), searched=Searched(3, 5, 9)), "found no sighting that fits", id="none fits"),
        pytest.param(
            Ranking((), (), fitting=0, unknown=7, searched=Searched(3, 9, 9)),
            "Of 7 other sightings the plate, type or colour asked for is not known",
            id="not known",
        ),
        pytest.param(
            Ranking((), (candidate(0.02),), nobody=0.97, searched=Searched(3, 5, 9)),
            "probably none of them answers the question of section 2 (97 %)",
            id="not seen",
        ),
        pytest.param(
            Ranking((), (candidate(0.02),), nobody=0.97, searched=Searched(1, 1, 9, KEPT, 1, HOUR)),
            "Mostly nobody looked: of 98 % of the time of the question",
            id="not seen in what a purge left",
        ),
        pytest.param(
            Ranking((), (), searched=Searched(1, 1, 9, KEPT, 1, HOUR)),
            "Mostly nobody looked",
            id="none fits what is left",
        ),
        pytest.param(
            Ranking((), (candidate(0.8),), nobody=0.1, searched=Searched(3, 5, 9)),
            "the sighting at north for the surest (80 %)",
            id="seen",
        ),
    ],
)
def test_not_seen_not_searched_and_not_looked_are_three_things(ranking: Ranking, said: str) -> None:
    assert said in alone_sentence(ranking)


def test_what_to_look_at_in_marks_and_question_is_said() -> None:
    """A report told contradicting marks with over 99 % each, without the doubt that the page and the lines say."""
    named = NamedSightings((NamedSighting("a", "north", NOON), NamedSighting("b", "south", NOON)), ("c",))
    doubts = (Reason(DIFFERENT_PLATES.text, {"sightings": named}), RULED_OUT)
    told = DIFFERENT_PLATES.text.format(sightings="E2 (north), south (b), c")
    assert doubt_sentences(Ranking((), (), doubts=doubts), {"a": "E2"}) == (
        f" Look at the marks: {told} Look at the question: {doubts[1]}."
    )


def test_a_story_in_which_marks_took_no_part_does_not_take_them_as_true() -> None:
    assert document._by_marks(Ranking((), (), doubts=(RULED_OUT,))).startswith("of another vehicle than")
    assert document._by_marks(Ranking((), ())) == "taking the marks as true"
