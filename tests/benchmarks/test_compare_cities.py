"""A question of a city, ranked by looks alone."""

import numpy as np
import pytest

from benchmarks.compare_cities import ranked
from index.search.measured import Measured
from index.simulation.calibrate import MeasuredQuestion


def _question(similarity: list[float], same: list[bool]) -> MeasuredQuestion:
    nothing = np.full(len(same), np.nan)
    ids = tuple(f"s{row}" for row in range(len(same)))
    measured = Measured(ids, "net", np.array(similarity), *[nothing] * 7, same, nothing, nothing)
    return MeasuredQuestion(measured, np.array(same))


def test_the_most_similar_comes_first_and_what_has_no_picture_last() -> None:
    precision, hit = ranked(_question([0.2, 0.9, np.nan, 0.5], [True, False, True, True]))
    assert hit == 0.0
    assert precision == pytest.approx((1 / 2 + 2 / 3 + 3 / 4) / 3)
    assert ranked(_question([0.2, 0.9], [False, True])) == (1.0, 1.0)
