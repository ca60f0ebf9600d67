"""Two calibrations compared by the same questions."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.compare_calibrations import STATISTICS, Answers, row

BEFORE = Answers(
    vehicles=["v1", "v2", "v3"],
    seen=np.array([True, True, False]),
    ranks={
        name: np.array([0.0, 1.0, np.nan]) for name in ("fused hit1", "fused map", "itinerary hit1", "itinerary map")
    },
    shown=np.array([[0.9, 0.2], [0.6, np.nan], [0.5, np.nan]]),
    right=np.array([[True, False], [True, False], [False, False]]),
    one_camera=np.array([[False, True], [False, False], [True, False]]),
    nobody=np.array([0.1, 0.4, 0.3]),
    unseen=np.array([False, False, True]),
)


def _value(name: str, answers: Answers = BEFORE) -> float:
    return STATISTICS[name](answers, np.arange(3))


def test_absent_questions_count_only_where_they_belong() -> None:
    assert _value("fused hit1") == 0.5
    assert _value("absent, accused at 0.5 of a thousand") == 1000.0
    assert _value("absent, accused at 0.9 of a thousand") == 0.0
    assert _value("seen, named at 0.5") == 1.0
    assert _value("seen, named at 0.9") == 0.5
    assert _value("ECE of those shown, vehicles that were seen") == pytest.approx((0.1 + 0.2 + 0.4) / 3)
    assert _value("ECE of those shown, a third absent") == pytest.approx((0.1 + 0.2 + 0.4 + 0.5) / 4)
    assert _value("the same, those of the camera asked about") == pytest.approx((0.2 + 0.5) / 2)
    assert _value("the same, those of other cameras") == pytest.approx((0.1 + 0.4) / 2)
    assert _value("Brier score of nobody") == pytest.approx((0.1**2 + 0.4**2 + 0.7**2) / 3)


def test_a_line_holds_both_figures_and_their_paired_difference() -> None:
    after = replace(BEFORE, nobody=np.array([0.0, 0.0, 1.0]))
    assert row("Brier score of nobody", BEFORE, after).startswith("| Brier score of nobody | 0.220 | 0.000 | -0.220 [")
    assert row("fused map", BEFORE, after).endswith("| 0.500 | 0.500 | +0.000 [+0.000, +0.000] |")
