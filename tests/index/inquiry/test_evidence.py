"""Evidence as log-likelihood ratios."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.inquiry.calibration import LooksScale
from index.inquiry.evidence import (
    add,
    appearance_llr,
    direction_llr,
    drive_ratio,
    looks_llr,
    standing,
    travel_llr,
    usual_shares,
)
from index.sighting import Look

SCALE = LooksScale(usual=0.4, spread=0.1, bias=-6.0, per_similarity=2.0, per_standing=1.5, limit=6.0)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=40))
def test_the_more_alike_the_greater_the_ratio(similarities: list[float]) -> None:
    ordered = np.sort(np.array(similarities))
    ratios = appearance_llr(ordered, SCALE)
    assert (np.diff(ratios) >= 0).all()
    assert (np.abs(ratios) <= SCALE.limit).all()


def test_the_same_likeness_says_more_in_a_crowd_of_strangers() -> None:
    rng = np.random.default_rng(0)
    among_alike = np.append(rng.normal(0.8, 0.05, 200), 0.9)
    among_strangers = np.append(rng.normal(0.3, 0.05, 200), 0.9)
    assert standing(among_strangers, SCALE)[-1] > standing(among_alike, SCALE)[-1] + 3


def test_one_lonely_sighting_is_held_against_what_is_usual() -> None:
    assert standing(np.array([0.7]), SCALE)[0] == pytest.approx(3.0, abs=0.3)


def test_missing_likeness_stays_missing() -> None:
    assert np.isnan(appearance_llr(np.array([np.nan, 0.5]), SCALE)).tolist() == [True, False]
    assert np.isnan(standing(np.array([np.nan]), SCALE)).all()


def test_a_usual_arrival_speaks_for_and_a_late_one_little_against() -> None:
    log_density = np.log(np.array([1 / 60, 1 / 100_000]))
    on_time, late = travel_llr(drive_ratio(log_density, np.array([1800.0, 1800.0])), np.zeros(2), np.array([0.5, 0.5]))
    assert on_time == pytest.approx(np.log(0.5 * 30 + 0.5))
    assert late == pytest.approx(np.log(0.5), abs=0.02)


def test_an_impossible_arrival_is_minus_infinity_and_an_unknown_one_missing() -> None:
    ratios = travel_llr(np.array([-np.inf, np.nan]), np.array([-np.inf, np.nan]), np.array([0.5, 0.5]))
    assert ratios[0] == -np.inf
    assert np.isnan(ratios[1])


def test_the_road_that_leads_there_speaks_for_the_other_against() -> None:
    towards, away, unknown = direction_llr(np.array([1.0, 0.0, np.nan]), np.array([0.5, 0.5, 0.5]))
    assert towards > 0.5
    assert away < -2
    assert np.isnan(unknown)


def test_a_rare_type_that_is_seen_speaks_louder_than_a_common_one() -> None:
    car, bus = Look({"car": 1.0}, {}), Look({"bus": 1.0}, {})
    crowd = [car] * 9 + [bus]
    assert looks_llr(crowd, wanted_type="bus", wanted_colour=None)[-1] > 2
    assert 0 < looks_llr(crowd, wanted_type="car", wanted_colour=None)[0] < 0.5


def test_type_and_colour_add_up_and_a_look_that_tells_nothing_is_missing() -> None:
    looks = [Look({"car": 1.0}, {"red": 1.0}), Look({"car": 1.0}, {"blue": 1.0}), Look({}, {})]
    both = looks_llr(looks, wanted_type="car", wanted_colour="red")
    assert both[0] > both[1]
    assert np.isnan(both[2])


def test_shares_leave_out_those_that_do_not_tell() -> None:
    assert usual_shares([{"red": 1.0}, {"red": 0.5, "blue": 0.5}, {}]) == {"red": 0.75, "blue": 0.25}


def test_sum_is_missing_only_where_both_are() -> None:
    total = add(np.array([np.nan, 1.0, 1.0]), np.array([np.nan, np.nan, 2.0]))
    assert np.isnan(total[0])
    assert total[1:].tolist() == [1.0, 3.0]
