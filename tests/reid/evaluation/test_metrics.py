import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.evaluation import metrics

_rankings = st.lists(st.booleans(), max_size=30)
_scored = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40).filter(
    lambda pairs: 0 < sum(same for _, same in pairs) < len(pairs)
)
_believed = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80)


def _split(pairs: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([score for score, _ in pairs], float), np.array([same for _, same in pairs], bool)


def _slow_average_precision(right: list[bool], relevant: int) -> float:
    precisions = [sum(right[: i + 1]) / (i + 1) for i, is_right in enumerate(right) if is_right]
    return sum(precisions) / relevant


@given(_rankings, st.integers(0, 5))
def test_average_precision_is_the_mean_precision_at_each_right_answer(right: list[bool], missed: int) -> None:
    relevant = sum(right) + missed
    value = metrics.average_precision(np.array(right, bool), relevant)
    if relevant == 0:
        assert math.isnan(value)
    else:
        assert value == pytest.approx(_slow_average_precision(right, relevant))


def test_average_precision_refuses_fewer_relevant_than_found() -> None:
    with pytest.raises(ValueError, match="relevant is 1 but 2"):
        metrics.average_precision(np.array([True, True]), 1)


@given(_rankings, st.integers(1, 10))
def test_hit_at_looks_at_the_first_k_only(right: list[bool], k: int) -> None:
    assert metrics.hit_at(np.array(right, bool), k) == float(any(right[:k]))


@given(st.lists(_rankings, min_size=1, max_size=8), st.integers(1, 10))
def test_cumulative_match_is_the_mean_hit_at_each_rank(rankings: list[list[bool]], k: int) -> None:
    curve = metrics.cumulative_match([np.array(right, bool) for right in rankings], k)
    expected = [np.mean([any(right[: rank + 1]) for right in rankings]) for rank in range(k)]
    assert curve == pytest.approx(expected)


@given(_scored)
def test_roc_auc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[float, bool]]) -> None:
    scores, same = _split(pairs)
    wins = [(a > b) + 0.5 * (a == b) for a in scores[same] for b in scores[~same]]
    assert metrics.roc_auc(scores, same) == pytest.approx(float(np.mean(wins)))


@given(_scored, st.floats(0, 1))
def test_true_rate_at_tries_every_threshold(pairs: list[tuple[float, bool]], false_rate: float) -> None:
    scores, same = _split(pairs)
    allowed = [(scores[same] >= t).mean() for t in [*scores, math.inf] if (scores[~same] >= t).mean() <= false_rate]
    assert metrics.true_rate_at(scores, same, false_rate) == pytest.approx(max(allowed))


def test_roc_needs_both_kinds_of_pairs() -> None:
    with pytest.raises(ValueError, match="0 different"):
        metrics.roc_auc(np.array([1.0]), np.array([True]))


@given(_believed)
def test_brier_is_the_mean_square(pairs: list[tuple[float, bool]]) -> None:
    probabilities, true = _split(pairs)
    expected = sum((p - t) ** 2 for p, t in pairs) / len(pairs)
    assert metrics.brier(probabilities, true) == pytest.approx(expected)


@given(_believed, st.integers(1, 20))
def test_calibration_error_sums_the_gaps_of_equal_bins(pairs: list[tuple[float, bool]], bins: int) -> None:
    probabilities, true = _split(pairs)
    ordered = sorted(pairs, key=lambda pair: pair[0])
    n, used = len(ordered), min(bins, len(ordered))
    chunks = [ordered[int(i * n / used) : int((i + 1) * n / used)] for i in range(used)]
    gaps = [abs(sum(p - t for p, t in chunk)) for chunk in chunks]
    assert metrics.calibration_error(probabilities, true, bins) == pytest.approx(sum(gaps) / n)


def test_a_calibrated_forecast_has_a_small_error_and_a_bold_one_a_large() -> None:
    rng = np.random.default_rng(1)
    probabilities = rng.uniform(size=20_000)
    true = rng.uniform(size=20_000) < probabilities
    assert metrics.calibration_error(probabilities, true) < 0.02
    assert metrics.calibration_error((probabilities > 0.5).astype(float), true) > 0.2
