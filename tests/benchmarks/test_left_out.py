"""Weights fitted in several ways, each city left out in turn."""

import numpy as np

from benchmarks.left_out import Evidence, Fitted, figures, fitted, row, ways

RANDOM = np.random.default_rng(3)
HELD = Fitted(np.array([1.0, 1.0, 0.0, 1.0, 1.0]), 1.0)


def _question() -> Evidence:
    """Return a question where looks and travel times alone tell what is true."""
    same = np.arange(8) == 0
    llrs = RANDOM.normal(size=(8, 5)) + np.outer(same, [2.0, 0.0, 2.0, 0.0, 0.0])
    return Evidence(llrs, same, np.ones(8), np.full(8, 8.0))


CITIES = {name: [_question() for _ in range(30)] for name in ("hard 1", "hard 2", "normal 3")}


def test_the_best_ranked_first_is_a_hit() -> None:
    llrs = np.array([[2.0, 0, 0, 0, 0], [1.0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0]])
    one = Evidence(llrs, np.array([False, True, False]), np.ones(3), np.full(3, 3.0))
    nats, hit, precision = figures(HELD, [one]).tolist()
    assert (hit, precision) == (0.0, 0.5)
    assert nats < 0


def test_evidence_that_tells_nothing_gets_the_least_weight_unless_it_is_held() -> None:
    questions = CITIES["hard 1"]
    assert fitted(questions).weights[[0, 2]].min() > 2 * fitted(questions).weights[[1, 3, 4]].max()
    plate_held = ways(HELD)["plate held"]("normal 3", CITIES)
    assert np.isclose(plate_held.weights[1], HELD.weights[1], atol=1e-3)
    assert plate_held.weights[3] < 0.5


def test_the_city_that_is_left_out_is_not_fitted_on() -> None:
    way = ways(HELD)["on cities of its preset"]
    assert np.allclose(way("hard 1", CITIES).weights, fitted(CITIES["hard 2"]).weights)
    assert row("all fitted", CITIES, HELD, ways(HELD)["all fitted"]).startswith("| all fitted | +")
