"""Travel from what was confirmed, over the made map of three cameras in a row."""

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
from index.search.fusion import Llrs, from_anchors, probabilities
from index.search.gallery import Gallery
from index.search.question import Question
from index.search.search import search
from index.search.target import Target
from index.search.travel import fit_from_start, travel_llrs
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


def test_what_a_person_confirmed_keeps_its_own_evidence() -> None:
    asked = question(frozenset({"s0"}))
    llrs = from_start(asked, [12.0, 0.0, 0.0])
    assert from_anchors(asked, llrs).travel[0] == llrs.travel[0]


def test_of_too_many_likely_sightings_none_becomes_an_anchor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether they contradict each other."""
    asked = replace(question(), target=replace(TARGET, camera=None))
    llrs = replace(Llrs.missing(3), appearance=np.array([12.0, 0.0, 0.0]))
    assert from_anchors(asked, llrs).travel[1] > 0
    monkeypatch.setattr(fusion, "MOST_COMPARED", 0)
    assert np.isnan(from_anchors(asked, llrs).travel).all()


def test_a_likely_anchor_tells_as_much_as_it_is_probable() -> None:
    asked, gained, sure = replace(question(), target=replace(TARGET, camera=None)), [], []
    for looks in (5.0, 6.0, 12.0):
        llrs = replace(Llrs.missing(3), appearance=np.array([looks, -6.0, -6.0]))
        sure.append(float(probabilities(asked, llrs)[0]))
        gained.append(from_anchors(asked, llrs).travel[1])
    assert 0.6 < sure[0] < sure[-1]
    assert 0 < gained[0] < gained[1] < gained[2]


def test_where_nothing_was_confirmed_nothing_changes() -> None:
    asked = question()
    llrs = from_start(asked, [0.0, 0.0, 0.0])
    after = from_anchors(asked, llrs)
    np.testing.assert_array_equal(after.travel, llrs.travel)


def test_travel_is_measured_from_what_a_person_confirmed_however_unlikely() -> None:
    asked = question(frozenset({"s0"}))
    llrs = from_start(asked, [-6.0, 0.0, 0.0])
    after = from_anchors(asked, llrs)
    assert after.travel[1] > llrs.travel[1]


def test_without_a_place_to_start_from_what_was_confirmed_tells_what_fits_the_drive(tmp_path: Path) -> None:
    """What was no evidence before the first anchor made that of the anchor none, too."""
    passages = [seen(id_, id_, 70.0 * n, 0, text="AB123C") for n, id_ in enumerate(("c1", "c2", "c3"))]
    with make(tmp_path, [*passages, *others()]) as archive:
        answer = list(search(archive, Query(plate="AB123C"), local_person()))[-1]
    weighed = [one.evidence.travel for one in answer.candidates if one.sighting.id in {"c1", "c2", "c3"}]
    assert sorted(travel is not None and travel > 0 for travel in weighed) == [False, True, True]
