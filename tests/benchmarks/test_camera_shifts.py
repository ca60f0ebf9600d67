"""The shift of a camera's vectors: believed where cameras differ, not where only the vehicles do."""

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks.camera_shifts import shifts
from reid.appearance.embedders import Vectors, unit_vectors


def _vectors(count: int, seed: int, offset: float = 0.0) -> Vectors:
    drawn = np.random.default_rng(seed).normal(0, 1, (count, 64)).astype(np.float32)
    drawn[:, 0] += offset
    return unit_vectors(drawn)


def test_a_difference_between_cameras_is_shared_by_both_shifts() -> None:
    first, second = _vectors(300, 1, offset=4.0), _vectors(300, 2, offset=-4.0)
    one, two, weight = shifts(first, second)
    assert weight > 0.95
    moved = (first + one).mean(axis=0), (second + two).mean(axis=0)
    assert moved[0] == pytest.approx(moved[1], abs=0.02)


def test_a_difference_between_vehicles_is_not_believed() -> None:
    weights = [shifts(_vectors(20, seed), _vectors(20, 100 + seed))[2] for seed in range(20)]
    assert np.mean(weights) < 0.15
