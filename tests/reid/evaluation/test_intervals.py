import math

import numpy as np
import pytest

from reid.evaluation.intervals import NOTHING, Figure, as_json, figure, share


def test_a_share_is_the_sum_of_parts_over_the_sum_of_wholes() -> None:
    assert share(["a", "a", "b"], [1, 0, 2], [1, 1, 4]).value == pytest.approx(0.5)


def test_nothing_to_measure_is_null_and_never_zero() -> None:
    assert share([], []) == NOTHING
    assert share(["a"], [0], [0]) == NOTHING
    assert as_json(recall=NOTHING) == {"recall": None, "recall_ci": None}


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        groups = [f"v{i}" for i in range(60)]
        measured = share(groups, rng.random(60) < 0.7)
        covered += measured.low is not None and measured.high is not None and measured.low <= 0.7 <= measured.high
    assert 0.88 <= covered / 200 <= 0.99


def test_vehicles_are_drawn_whole() -> None:
    alike = [f"v{i // 10}" for i in range(100)]
    alone = [f"v{i}" for i in range(100)]
    right = [(i // 10) % 2 for i in range(100)]
    together, apart = share(alike, right), share(alone, right)
    assert _width(together) > 2 * _width(apart)


def test_a_resample_without_an_answer_is_left_out() -> None:
    measured = figure(["a", "b"], lambda drawn: math.nan if 0 not in drawn else 1.0)
    assert measured == Figure(1.0, 1.0, 1.0)


def _width(measured: Figure) -> float:
    assert measured.low is not None
    assert measured.high is not None
    return measured.high - measured.low
