import numpy as np
import pytest

from reid.errors import SeeingError
from reid.evaluation.likelihood import check_scale, fit_scale


def _pairs(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Same pairs around 0.7, twenty times as many different ones around 0.3, both normal with spread 0.1."""
    rng = np.random.default_rng(seed)
    same = np.arange(21 * count) < count
    return np.where(same, 0.7, 0.3) + rng.normal(0, 0.1, len(same)), same


def test_the_scale_is_that_of_the_two_densities_however_many_pairs_of_each() -> None:
    scale = fit_scale(*_pairs(1, 4000))
    # two normal densities of one spread: the ratio is linear, (0.7 - 0.3) / 0.1^2 a unit, nothing in the middle
    assert scale.per_similarity == pytest.approx(40, rel=0.15)
    assert scale.ratio(np.array([0.5]))[0] == pytest.approx(0, abs=0.3)


def test_kinds_that_do_not_overlap_give_a_finite_scale() -> None:
    scale = fit_scale(np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, True, False, False]))
    assert 0 < scale.per_similarity < 1e4
    assert scale.probability(np.array([0.9]))[0] > 0.9


def test_one_kind_alone_is_refused() -> None:
    with pytest.raises(SeeingError, match="3 of 3 pairs"):
        fit_scale(np.zeros(3), np.ones(3, np.bool_))


def test_checked_probabilities_of_an_honest_similarity_are_near_the_truth() -> None:
    rng = np.random.default_rng(2)
    count = 300
    similarity = 0.3 + rng.normal(0, 0.1, (count, count)) + 0.15 * np.eye(count)
    check = check_scale(similarity)
    assert check.error < 0.06
    assert check.brier < check.brier_base == 0.25
    assert check.pairs == 2 * count
