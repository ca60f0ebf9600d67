"""The timeline, the steps and the gaps of an answer."""

from datetime import UTC, datetime, timedelta

from index.answers import Gap, Itinerary, Searched, Stage, Stop
from ui.web import story

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_the_timeline_puts_the_question_in_its_place_in_time() -> None:
    stops = tuple(Stop(f"s{n}", camera, NOON + timedelta(minutes=n), 0.9) for n, camera in enumerate("abc"))
    question = story.QuestionStop("depot", NOON + timedelta(seconds=90))
    html = story.timeline(Itinerary(stops, 0.7), question, {"s0": 1}, UTC)
    places = [html.index(f"<b>{place}</b>") for place in ("a", "b", "depot", "c")]
    assert places == sorted(places)


def test_the_timeline_names_the_asked_sighting_once() -> None:
    stops = (Stop("s0", "a", NOON, 1.0), Stop("s1", "b", NOON + timedelta(minutes=1), 0.9))
    html = story.timeline(Itinerary(stops, 0.7), story.QuestionStop("a", NOON, "s0"), {}, UTC)
    assert html.count("<b>a</b>") == 1


def test_what_could_not_be_searched_is_said_by_camera() -> None:
    gaps = tuple(
        Gap(camera, NOON + timedelta(minutes=start), NOON + timedelta(minutes=start + 3), "no footage")
        for camera in "abcdefgh"
        for start in (0, 30)
    )
    html = story.searched(Searched(3, 40, 90, gaps), UTC)
    assert "40 sightings on 3 cameras compared, of 90" in html
    assert "<b>a</b> no footage 12:00:00 to 12:03:00, 12:30:00 to 12:33:00" in html
    assert "times in UTC" in html
    assert "and on 2 more cameras" in html


def test_a_search_without_gaps_says_that_too() -> None:
    assert "covers every place and time" in story.searched(Searched(3, 40, 90), UTC)


def test_a_step_that_is_not_known_here_is_shown_by_its_own_name() -> None:
    assert "sonar" in story.stages([Stage("sonar", 0.1, 1, 2)], finished=True)
