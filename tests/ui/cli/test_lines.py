"""The answer as lines of text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from index.answers import Gap, Itinerary, Query, Ranking, Searched, Stage, Stop
from index.records import Window
from ui.cli.documents import ranking_document
from ui.cli.lines import answer_lines
from ui.web.stories import rest_words


def test_that_nobody_saw_the_vehicle_is_said_first_where_it_is_likely() -> None:
    first, *_ = answer_lines(Ranking((), (), nobody=0.82), Query(), 0)
    assert first == "Probably not seen by these cameras in this time: 82 %."
    assert not [line for line in answer_lines(Ranking((), (), nobody=0.3), Query(), 0) if "Probably" in line]
    assert [ranking_document(Query(), Ranking((), (), nobody=p))["nobody"] for p in (0.3, None)] == [0.3, None]


def test_where_nobody_looked_that_is_said_and_not_that_nobody_was_seen() -> None:
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    hour = (Window("north", noon, noon + timedelta(hours=1)),)
    for minutes, said in (
        (60, "Nobody looked: these cameras have no usable footage of this time."),
        (30, "Probably not seen by these cameras in this time: 97 %. Of 50 % of it they have no usable footage."),
        (
            58.8,
            "Mostly nobody looked: of 98 % of this time these cameras have no usable footage. "
            "In the rest it was probably not seen: 97 %.",
        ),
    ):
        gaps = (Gap("north", noon, noon + timedelta(minutes=minutes), "no footage"),)
        ranking = Ranking((), (), nobody=0.97, searched=Searched(1, 0, 9, gaps, 0, hour))
        first, *others = answer_lines(ranking, Query(), 1)
        assert first == said
        assert any("north did not look" in line for line in others)


def test_that_nothing_fits_says_little_where_nobody_looked_most_of_the_time() -> None:
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    gaps = (Gap("north", noon, noon + timedelta(minutes=59), "no footage"),)
    searched = Searched(1, 3, 9, gaps, 3, (Window("north", noon, noon + timedelta(hours=1)),))
    first, *others = answer_lines(Ranking((), (), searched=searched, fitting=0), Query(type="bus"), 1)
    assert first == "Mostly nobody looked: of 98 % of this time these cameras have no usable footage."
    assert "No sighting fits." in others


def test_where_no_camera_was_searched_that_is_said_and_not_that_nobody_was_seen() -> None:
    first, *others = answer_lines(Ranking((), (), searched=Searched(0, 0, 9)), Query(cameras=("north",)), 1)
    assert first == "No camera was searched: nothing is known of whether it was seen."
    assert "No sighting fits." not in others


def test_why_nobody_says_how_likely_it_was_not_seen_is_said() -> None:
    few = Ranking((Stage("itinerary", 0.1, 1, 9),), (), searched=Searched(1, 9, 9, compared=2))
    line = "How likely it was not seen at all is not known: not all sightings were compared"
    for nobody, said in ((None, True), (0.3, False)):
        assert any(one.startswith(line) for one in answer_lines(replace(few, nobody=nobody), Query(), 1)) == said


@pytest.mark.parametrize(("unknown", "said"), [(7, "7 of 9 sightings"), (None, "those")])
def test_of_how_many_nobody_knows_whether_they_fit_is_said(unknown: int | None, said: str) -> None:
    listed = Ranking((), (), fitting=0, unknown=unknown, searched=Searched(5, 9, 9))
    line = f"Not listed, as nobody knows whether they fit: {said} without a read plate, or a sure type or colour."
    assert line in list(answer_lines(listed, Query(plate="XX?99"), 5))
    assert ranking_document(Query(), listed)["unknown"] == unknown
    assert not [one for one in answer_lines(replace(listed, unknown=0), Query(), 5) if "nobody knows" in one]


def test_a_probability_is_said_as_on_the_page() -> None:
    for nobody, said in ((0.82, "82 %"), (0.994, ">99 %"), (1.0, ">99 %")):
        first, *_ = answer_lines(Ranking((), (), nobody=nobody), Query(), 0)
        assert first.endswith(f": {said}.")


def test_that_more_are_likely_than_are_shown_is_said() -> None:
    """Of a plate that was seen sixty times twenty stood there, as if these were all."""
    cut = Ranking((), (), likely=60)
    line = "60 sightings have 50 % or more; these are the first 0 of them (--top)."
    assert line in list(answer_lines(cut, Query(), 0))
    assert ranking_document(Query(), cut)["likely"] == 60
    assert not [one for one in answer_lines(replace(cut, likely=0), Query(), 0) if "--top" in one]


def test_a_story_of_those_compared_alone_says_so() -> None:
    """Of a plate without a time "93 % as a whole" was the whole way in four of seven: others had no plate read."""
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    story = Itinerary((Stop("s", "north", noon, 0.99),), 0.93)
    partly = Ranking((), (), itinerary=story, searched=Searched(3, 900, 900, compared=4))
    line = "Its way (93 % as a whole of the 4 sightings compared; it may have passed others, too):"
    assert line in list(answer_lines(partly, Query(), 3))
    assert rest_words(partly) == "Of 4 sightings that were compared: it may have passed others, too."
    whole = replace(partly, nobody=0.01)
    assert "Its way (93 % as a whole):" in list(answer_lines(whole, Query(), 3))
    assert rest_words(whole) == "All other stories together: 7 %"
