"""Evidence joined into one probability, with its words."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answers import Evidence
from index.search.calibration import ANY_MODEL, AppearanceScale, Calibration, EvidenceWeights, FittedOn
from index.search.fusion import KINDS, Llrs, log_odds, to_probability

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


def test_evidence_of_a_row_keeps_missing_as_none() -> None:
    assert one(plate=2.0).of_rows([0]) == [Evidence(plate=2.0)]
