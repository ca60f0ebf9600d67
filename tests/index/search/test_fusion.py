"""Evidence joined into one probability, with its words."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answers import Evidence
from index.search.calibration import ANY_MODEL, AppearanceScale, Calibration, EvidenceWeights, FittedOn
from index.search.fusion import KINDS, Llrs, ReadPlate, explain, log_odds, to_probability

CALIBRATION = Calibration(
    looks={ANY_MODEL: AppearanceScale(0.5, 0.2, -1.0, 0.0, 1.0, 3.0)},
    weights=EvidenceWeights(appearance=0.8, plate=0.9, travel=0.7, direction=0.5),
    drives=1.0,
    errands_per_hour=2.0,
    origin=FittedOn("2026-05-04", (1,), 1, 2, 1),
)


def one(**evidence: float) -> Llrs:
    return replace(Llrs.missing(1), **{kind: np.array([llr]) for kind, llr in evidence.items()})


def probability(llrs: Llrs, gallery_size: float = 10.0, window_s: float = 1800.0) -> float:
    return float(to_probability(log_odds(llrs, np.array([gallery_size]), np.array([window_s]), CALIBRATION))[0])


@given(st.sampled_from(KINDS), st.floats(-20, 20), st.floats(0, 20))
def test_more_evidence_for_is_never_less_probable(kind: str, llr: float, more: float) -> None:
    assert probability(one(**{kind: llr + more})) >= probability(one(**{kind: llr}))


def test_nothing_known_is_the_prior() -> None:
    assert probability(Llrs.missing(1), gallery_size=100.0) == pytest.approx(0.02, rel=0.05)


def test_the_longer_the_window_the_more_passages_are_expected() -> None:
    nothing = Llrs.missing(1)
    assert probability(nothing, window_s=3600.0) > probability(nothing, window_s=60.0)
    assert CALIBRATION.drive_share(np.array([60.0]))[0] > CALIBRATION.drive_share(np.array([3600.0]))[0]


def test_a_larger_gallery_makes_each_less_probable() -> None:
    assert probability(one(appearance=3.0), gallery_size=1000) < probability(one(appearance=3.0), gallery_size=10)


def test_missing_evidence_takes_no_part() -> None:
    assert probability(one(appearance=2.0)) == probability(one(appearance=2.0, plate=float("nan")))


def test_what_is_impossible_has_no_probability() -> None:
    assert probability(one(appearance=9.0, travel=-np.inf)) < 1e-6


def test_words_name_the_weightiest_first_and_say_what_speaks_against() -> None:
    why = explain(Evidence(appearance=1.5, plate=6.0, travel=-1.2, direction=0.1))
    assert why == "plate consistent with the one asked for; looks alike; the time between is unusual for the drive"


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        pytest.param(Evidence(), "nothing to compare", id="all missing"),
        pytest.param(Evidence(appearance=0.2), "nothing speaks strongly for or against", id="all weak"),
        pytest.param(Evidence(direction=-4.0), "drives the wrong way", id="against"),
    ],
)
def test_words_for_little_evidence(evidence: Evidence, words: str) -> None:
    assert explain(evidence) == words


def test_evidence_of_a_row_keeps_missing_as_none() -> None:
    assert one(plate=2.0).of_rows([0]) == [Evidence(plate=2.0)]


@pytest.mark.parametrize(
    ("llr", "differing", "words"),
    [
        pytest.param(5.0, 0, "plate read as KR12AB, which agrees", id="surely"),
        pytest.param(2.0, 0, "plate read as KR12AB, which is consistent", id="rather"),
        pytest.param(5.0, 1, "plate read as KR12AB, one character differs", id="a twin"),
        pytest.param(0.0, 1, "plate read as KR12AB, one character differs", id="a twin that says nothing"),
        pytest.param(-0.5, None, "plate read as KR12AB, of another length", id="shorter or longer"),
        pytest.param(-5.0, 4, "plate read as KR12AB, another one (4 characters differ)", id="surely not"),
    ],
)
def test_only_a_plate_that_agrees_is_said_to_agree(llr: float, differing: int | None, words: str) -> None:
    assert explain(Evidence(plate=llr), ReadPlate("KR12AB", differing)) == words


@pytest.mark.parametrize("llr", [9.0, 2.0, -2.0, -9.0])
def test_of_a_plate_that_nobody_could_read_no_more_is_said_than_consistent(llr: float) -> None:
    assert "consistent" in explain(Evidence(plate=llr))
    assert "same" not in explain(Evidence(plate=llr))
