import json

import numpy as np
import pytest

from roadgraph.delay_shape import BUILT_IN, GRID, DelayShape, ShapeTable, learn_shape


def test_a_shape_is_kept_as_plain_numbers() -> None:
    u = np.random.default_rng(1).normal(0.2, 0.3, size=300)
    learned = learn_shape(BUILT_IN, u, np.zeros(300), 0.0)
    again = DelayShape.from_content(json.loads(json.dumps(learned.as_content())))
    assert again.share.sum() == pytest.approx(1)
    assert again.share == pytest.approx(learned.share, abs=2e-6)
    assert [again.quantile(share) for share in (0.05, 0.5, 0.95)] == pytest.approx(
        [learned.quantile(share) for share in (0.05, 0.5, 0.95)], abs=0.01
    )


def test_learning_from_no_delays_leaves_the_shape_unchanged() -> None:
    assert learn_shape(BUILT_IN, np.zeros(0), np.zeros(0), 0.2) is BUILT_IN
    assert len(BUILT_IN.share) == len(GRID)


def test_a_table_of_shapes_agrees_with_each_shape() -> None:
    rng = np.random.default_rng(2)
    shapes = [BUILT_IN, learn_shape(BUILT_IN, rng.normal(0.5, 0.2, size=50), np.zeros(50), 0.0)]
    row, u = rng.integers(2, size=400), rng.uniform(-9, 11, size=400)
    slowly = [float(shapes[number].log_density(np.array([delay]))[0]) for number, delay in zip(row, u, strict=True)]
    assert ShapeTable.of(shapes).log_density(row, u) == pytest.approx(slowly, abs=1e-9)


@pytest.mark.parametrize("spread", [0.01, 0.3])
def test_a_density_sums_to_one_between_its_steps_too(spread: float) -> None:
    """Few passages make a narrow peak, which runs through fewer steps than it is high."""
    delays = np.random.default_rng(4).normal(0.2, spread, 12)
    shape = learn_shape(BUILT_IN, delays, np.zeros(12), 0.0)
    fine = np.arange(GRID[0], GRID[-1], 0.001)
    assert np.exp(shape.log_density(fine)).sum() * 0.001 == pytest.approx(1.0, abs=0.002)


def test_a_table_of_no_shapes_has_no_rows() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert ShapeTable.of([]).log_density(none, np.zeros(0)).shape == (0,)
