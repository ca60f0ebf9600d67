"""From near to distant, over the made map of three cameras in a row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.records import SightingBrief
from index.search import fusion
from index.search.calibration import packaged_calibration
from index.search.drives import Drives
from index.search.fusion import Llrs, near_to_distant, probabilities
from index.search.gallery import Gallery
from index.search.question import Question
from index.search.search import search
from index.search.target import Target
from index.search.travel import fit_from_start, travel_llrs
from reid.arrays import Floats
from roadgraph.travel_time import TravelTimes
from tests.index.search.straight_street import make, others, seen
from tests.index.search.test_travel import matrix

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TARGET = Target(None, "west", NOON, None, None, None, None, None, None, None, None)


def question(confirmed: frozenset[str] = frozenset()) -> Question:
    """A sighting a drive away at "middle", and two at "east": one that fits driving on from there, one that is late."""
    times_s = [75.0, 150.0, 900.0]
    times = [NOON + timedelta(seconds=one) for one in times_s]
    places = ("middle", "east", "east")
    seen = tuple(
        SightingBrief(f"s{row}", camera, t, t, t, None)
        for row, (camera, t) in enumerate(zip(places, times, strict=True))
    )
    missing = np.full(3, np.nan)
    gallery = Gallery(seen, NOON, np.array(times_s), missing, missing, 3)
    return Question(Query(), TARGET, gallery, Drives(TravelTimes(matrix())), packaged_calibration(), confirmed)


def from_start(asked: Question, appearance: list[float]) -> Llrs:
    llrs = replace(Llrs.missing(3), appearance=np.array(appearance))
    return replace(llrs, travel=travel_llrs(asked, fit_from_start(asked)))


def test_a_certain_sighting_becomes_an_anchor_and_the_next_is_measured_from_it() -> None:
    asked = question()
    llrs = from_start(asked, [12.0, 0.0, 0.0])
    assert probabilities(asked, llrs)[0] > 0.95
    after = near_to_distant(asked, llrs, least_probability=0.95, most=6)
    assert after.travel[1] > llrs.travel[1]
    assert after.travel[1] > after.travel[2]


def test_an_anchor_tells_as_much_as_it_is_probable() -> None:
    asked, gained, sure = question(), [], []
    for looks in (0.0, 1.5, 3.0, 12.0):
        llrs = from_start(asked, [looks, -6.0, -6.0])
        sure.append(float(probabilities(asked, llrs)[0]))
        gained.append(near_to_distant(asked, llrs, least_probability=0.3, most=1).travel[1] - llrs.travel[1])
    assert 0.3 < sure[0] < 0.7 < 0.95 < sure[-1]
    assert 0 < gained[0] < gained[1] < gained[2] < gained[3]


def test_two_anchors_are_weighed_as_far_as_both_are_probable(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the second on the first was weighed as certain."""
    asked, weighed, mixed = question(), [], fusion._mixed
    llrs = from_start(asked, [0.5, -6.0, 5.0])

    def noting(own: Floats, otherwise: Floats, probability: float) -> Floats:
        weighed.append(probability)
        return mixed(own, otherwise, probability)

    monkeypatch.setattr(fusion, "_mixed", noting)
    near_to_distant(asked, llrs, least_probability=0.2, most=2)
    assert len(weighed) == 2
    assert weighed[1] < weighed[0] < 0.8


def test_an_anchor_keeps_the_evidence_that_made_it_one() -> None:
    asked = question()
    llrs = from_start(asked, [12.0, 0.0, 0.0])
    assert near_to_distant(asked, llrs, least_probability=0.95, most=6).travel[0] == llrs.travel[0]


def test_without_a_certain_sighting_nothing_changes() -> None:
    asked = question()
    llrs = from_start(asked, [0.0, 0.0, 0.0])
    after = near_to_distant(asked, llrs, least_probability=1.1, most=6)
    np.testing.assert_array_equal(after.travel, llrs.travel)


def test_of_too_many_certain_sightings_none_becomes_an_anchor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether they contradict each other."""
    asked = question()
    llrs = from_start(asked, [12.0, 0.0, 0.0])
    monkeypatch.setattr(fusion, "MOST_COMPARED", 0)
    after = near_to_distant(asked, llrs, least_probability=0.95, most=6)
    np.testing.assert_array_equal(after.travel, llrs.travel)


def test_what_a_person_confirmed_is_an_anchor_however_unlikely() -> None:
    asked = question(frozenset({"s0"}))
    llrs = from_start(asked, [-6.0, 0.0, 0.0])
    after = near_to_distant(asked, llrs, least_probability=1.1, most=6)
    assert after.travel[1] > llrs.travel[1]


def test_without_a_place_to_start_from_an_anchor_tells_what_fits_the_drive(tmp_path: Path) -> None:
    """What was no evidence before the first anchor made that of the anchor none, too."""
    passages = [seen(id_, id_, 70.0 * n, 0, text="AB123C") for n, id_ in enumerate(("c1", "c2", "c3"))]
    with make(tmp_path, [*passages, *others()]) as archive:
        answer = list(search(archive, Query(plate="AB123C"), local_person()))[-1]
    weighed = [one.evidence.travel for one in answer.candidates if one.sighting.id in {"c1", "c2", "c3"}]
    assert sorted(travel is not None and travel > 0 for travel in weighed) == [False, True, True]
