import numpy as np
import pytest

from reid.evaluation.intervals import figure
from reid.evaluation.metrics import roc_auc, true_rate_at
from reid.evaluation.separation import FALSE_RATE, told_apart

PLATES = 40


@pytest.mark.parametrize("ties", [False, True])
def test_figures_and_intervals_are_those_of_the_slow_way(ties: bool) -> None:
    rng = np.random.default_rng(0)
    same, different = rng.normal(1.5, 1, 3 * PLATES), rng.normal(-1, 1, 5 * PLATES)
    if ties:
        same, different = np.round(same), np.round(different)
    told = told_apart(same, different, PLATES)
    ratios, truth = np.concatenate([same, different]), np.arange(8 * PLATES) < 3 * PLATES
    groups = [f"{number % PLATES:03}" for number in (*range(3 * PLATES), *range(5 * PLATES))]
    slow = {
        "auc": figure(groups, lambda rows: roc_auc(ratios[rows], truth[rows])),
        "tpr": figure(groups, lambda rows: true_rate_at(ratios[rows], truth[rows], FALSE_RATE)),
    }
    for name, expected in slow.items():
        found = getattr(told, name)
        assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))


def test_figures_by_hand() -> None:
    told = told_apart(np.array([2.0, 1.0, -1.0, 3.0]), np.array([-2.0, -1.0, 0.5, -3.0]), 4)
    assert told.auc.value == pytest.approx((16 - 1 - 0.5) / 16)
    assert told.error.value == pytest.approx(0.25)
    assert told.tpr.value == pytest.approx(0.75)
    assert told.negatives == 4


def test_ratios_that_say_nothing_are_worth_nothing() -> None:
    told = told_apart(np.zeros(20), np.zeros(20), 10)
    assert told.auc.value == 0.5
    assert told.error.value == 0.5
    assert told.tpr.value == 0
