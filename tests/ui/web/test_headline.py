"""The headline says what is believed, not what was asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from index.answers import (
    Candidate,
    Evidence,
    Gap,
    Itinerary,
    NamedSighting,
    NamedSightings,
    Ranking,
    Reason,
    Searched,
    Stop,
)
from index.records import Sighting, Window
from index.search.reasons import LEFT_OUT, OTHER_PLATES
from reid.vehicle import Attributes, Box
from ui.web.headline import headline

TEN = datetime(2026, 5, 4, 10, 1, 34, tzinfo=UTC)
SEARCHED = Searched(3, 40, 900, (), 40)


def candidate(camera: str, probability: float) -> Candidate:
    sighting = Sighting(
        f"at-{camera}", camera, None, TEN, TEN, TEN, Box(0, 0, 9, 9), Attributes({}, {}), None, None, ()
    )
    return Candidate(sighting, TEN, probability, Evidence())


def stop(camera: str) -> Stop:
    return Stop(f"at-{camera}", camera, TEN, 0.9)


@pytest.mark.parametrize(
    ("ranking", "belief"),
    [
        pytest.param(
            Ranking((), tuple(candidate(name, p) for name, p in (("cam02", 0.99), ("cam03", 0.8), ("cam04", 0.1)))),
            "Seen again 2 times, surest: cam02, Mon 4 May 2026 10:01:34 (99 %)",
            id="several",
        ),
        pytest.param(
            Ranking((), (candidate("cam02", 0.7),)), "Seen again: cam02, Mon 4 May 2026 10:01:34 (70 %)", id="one"
        ),
        pytest.param(
            Ranking((), (candidate("cam02", 0.1),), nobody=0.82),
            "Probably not seen by these cameras in this time (82 %)",
            id="nobody",
        ),
        pytest.param(
            Ranking((), (candidate("cam02", 0.4),), Itinerary((stop("cam02"),), 0.5), nobody=0.3),
            "Not sure: the likeliest is cam02, Mon 4 May 2026 10:01:34 (40 %)",
            id="not sure",
        ),
        pytest.param(Ranking((), (), searched=SEARCHED), "No sighting fits", id="nothing like it"),
        pytest.param(
            Ranking((), (), searched=Searched(3, 0, 900)),
            "Nothing was seen where and when the vehicle can have been",
            id="nothing",
        ),
        pytest.param(
            Ranking((), (), searched=Searched(0, 0, 900)),
            "No camera was searched: nothing is known of whether it was seen",
            id="no camera",
        ),
    ],
)
def test_the_belief_is_one_sentence(ranking: Ranking, belief: str) -> None:
    assert headline(ranking, UTC).belief == belief


def test_the_passage_that_was_asked_about_is_not_seen_again() -> None:
    """A frame of the archive's own footage was answered with itself."""
    asked = Window("cam04", TEN - timedelta(seconds=3), TEN + timedelta(seconds=3))
    itself, other = candidate("cam04", 0.99), candidate("cam02", 0.8)
    assert (
        headline(Ranking((), (itself, other)), UTC, asked).belief == "Seen again: cam02, Mon 4 May 2026 10:01:34 (80 %)"
    )
    assert headline(Ranking((), (itself,)), UTC, asked).belief == (
        "Only the passage that was asked about is found: cam04, Mon 4 May 2026 10:01:34 (99 %)"
    )


def test_those_that_are_not_shown_count_among_those_that_were_seen() -> None:
    ranking = Ranking((), (candidate("cam04", 0.99), candidate("cam02", 0.8)), likely=700)
    assert headline(ranking, UTC).belief.startswith("Seen again 700 times, surest: cam04")


def test_where_nobody_looked_nothing_is_said_of_who_was_seen() -> None:
    """Without any footage of the time, the answer was "probably not seen: 99 %"."""
    hour = (Window("cam04", TEN, TEN + timedelta(hours=1)),)
    dark = (Gap("cam04", TEN, TEN + timedelta(hours=1), "no footage"),)
    assert headline(Ranking((), (), searched=Searched(1, 0, 900, dark, 0, hour)), UTC).belief == (
        "Nobody looked: these cameras have no usable footage of this time"
    )
    half = (Gap("cam04", TEN, TEN + timedelta(minutes=30), "no footage"),)
    partly = Ranking((), (candidate("cam02", 0.1),), nobody=0.82, searched=Searched(1, 9, 900, half, 9, hour))
    assert headline(partly, UTC).belief == (
        "Probably not seen by these cameras in this time (82 %); of 50 % of it they have no usable footage"
    )
    kept = replace(partly.searched, gaps=(Gap("cam04", TEN, TEN + timedelta(minutes=58.8), "no footage"),))
    assert headline(replace(partly, searched=kept), UTC).belief == (
        "Mostly nobody looked: of 98 % of this time these cameras have no usable footage; "
        "in the rest it was probably not seen (82 %)"
    )
    assert headline(replace(partly, candidates=(), nobody=None, searched=kept), UTC).belief.endswith(
        "no usable footage; in the rest no sighting fits"
    )


def test_the_basis_says_how_much_was_compared_and_what_was_not() -> None:
    gaps = tuple(Gap("cam04", TEN, TEN + timedelta(minutes=n), "no footage") for n in (1, 2))
    said = headline(Ranking((), (candidate("cam02", 0.7),), searched=Searched(3, 9, 900, gaps, 1)), UTC)
    assert said.basis == "1 sighting on 3 cameras compared; footage is missing on 1 camera"


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        (0, "of 9 sightings on 5 cameras"),
        (7, "of 9 sightings on 5 cameras; 7 sightings of unknown plate, type or colour may fit, too"),
        (None, "of 9 sightings on 5 cameras; those of unknown plate, type or colour are not listed"),
    ],
)
def test_of_how_many_nobody_knows_whether_they_fit_is_said(unknown: int | None, said: str) -> None:
    assert headline(Ranking((), (), fitting=2, unknown=unknown, searched=Searched(5, 9, 9)), UTC).basis == said


def test_no_camera_in_reach_is_said_without_numbers() -> None:
    assert headline(Ranking((), (), searched=Searched(0, 0, 52)), UTC).basis.startswith("The question leaves all")


@pytest.mark.parametrize("cameras", [0, 3])
def test_settings_that_are_not_as_usual_are_said(cameras: int) -> None:
    ranking = Ranking((), (), searched=Searched(cameras, 9, 900), settings=("slack = 2 (else 1.3)",))
    assert headline(ranking, UTC).basis.endswith("; not searched as usual: slack = 2 (else 1.3)")


def test_doubts_about_the_marks_are_said() -> None:
    ranking = Ranking((), (), searched=Searched(3, 9, 900), doubts=(Reason(LEFT_OUT.text, {"sightings": "s1"}),))
    assert headline(ranking, UTC).basis.endswith("; look at the marks: " + LEFT_OUT.text.format(sightings="s1"))
    two = Reason(OTHER_PLATES.text, {"others": "AB123C", "plate": "ZZ999Z"})
    assert headline(replace(ranking, doubts=(two,)), UTC).basis.endswith(f"; look at the question: {two}")


def test_a_list_that_is_cut_off_says_how_many_it_has() -> None:
    listed = tuple(replace(candidate(name, 0.0), probability=None) for name in ("cam02", "cam03"))
    for fitting, cut in ((568, "; the first 2 are listed"), (2, "")):
        ranking = Ranking((), listed, fitting=fitting, unknown=0, searched=Searched(5, 900, 900))
        assert headline(ranking, UTC).basis == f"of 900 sightings on 5 cameras{cut}"


def test_a_doubt_names_the_sightings_of_the_answer_by_camera_and_time() -> None:
    """An investigator knows none of them by its id."""
    named = (NamedSighting("at-bridge", "bridge", TEN), NamedSighting("other", "mill", TEN + timedelta(days=1)))
    doubt = Reason(LEFT_OUT.text, {"sightings": NamedSightings(named, ("x",), 2)})
    found = (candidate("bridge", 0.9),)
    basis = headline(Ranking((), found, searched=Searched(3, 9, 900), doubts=(doubt,)), UTC).basis
    assert "bridge 10:01:34, mill Tue 5 May 2026 10:01:34, x (+2)" in basis
