import numpy as np
import pytest

from index.learning.adapting import FEWEST_VEHICLES, ShotVectors, compare
from index.learning.labels import Labels
from reid.evaluation.metrics import average_precision

IDS = tuple(f"v{n:02d}{camera}" for n in range(8) for camera in "ab")


def labels(held_out: int = 8) -> Labels:
    own = tuple((f"v{n:02d}a", f"v{n:02d}b") for n in range(held_out))
    count = len(IDS)
    return Labels(IDS, tuple(id_[-1] for id_ in IDS), np.arange(count), np.zeros((count, count), bool), own)


def vectors_with(noise: float, seed: int = 1) -> ShotVectors:
    """One direction a vehicle and noise; two or three pictures of each sighting."""
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((8, 16))
    found = {}
    for row, id_ in enumerate(IDS):
        shots = own[row // 2] + noise * rng.standard_normal((2 + row % 2, 16))
        found[id_] = (shots / np.linalg.norm(shots, axis=1, keepdims=True)).astype(np.float32)
    return found


def slow_map(vectors: ShotVectors) -> float:
    precisions = []
    for asked in IDS:
        gallery = [id_ for id_ in IDS if id_[-1] != asked[-1]]
        scores = {id_: max(float(p @ q) for p in vectors[id_] for q in vectors[asked]) for id_ in gallery}
        ranked = sorted(gallery, key=lambda id_: (-scores[id_], id_))
        precisions.append(average_precision(np.array([id_[:-1] == asked[:-1] for id_ in ranked]), 1))
    return float(np.mean(precisions))


def test_map_equals_the_slow_search_one_by_one() -> None:
    before, after = vectors_with(1.5), vectors_with(0.8)
    found = compare(labels(), before, after)
    assert found.before.value == pytest.approx(slow_map(before))
    assert found.after.value == pytest.approx(slow_map(after))
    assert (found.vehicles, found.questions, found.gallery) == (8, 16, 16)


@pytest.mark.parametrize(
    ("before", "after", "held_out", "expected"),
    [
        pytest.param(1.5, 0.3, 8, True, id="better"),
        pytest.param(0.3, 1.5, 8, False, id="worse"),
        pytest.param(0.8, 0.8, 8, False, id="no better"),
        pytest.param(1.5, 0.3, FEWEST_VEHICLES - 1, False, id="too few to tell"),
    ],
)
def test_only_a_model_that_ranks_better_is_better(before: float, after: float, held_out: int, expected: bool) -> None:
    assert compare(labels(held_out), vectors_with(before), vectors_with(after)).is_better is expected


def test_without_held_out_vehicles_nothing_is_measured() -> None:
    found = compare(labels(0), vectors_with(1.0), vectors_with(0.5))
    assert found.gain.value is None
    assert not found.is_better
