import numpy as np
import pytest

from reid.evaluation.protocols import Labelled
from reid.evaluation.view_calibration import ALL_VIEWS, FOLDS, VIEWS, Pairs, pairs_of, tell, tell_by_view


def seen(vehicles: int = 12, each: int = 4, dims: int = 8) -> tuple[Labelled, np.ndarray]:
    rng = np.random.default_rng(3)
    vehicle = np.repeat(np.arange(vehicles), each)
    vectors = rng.standard_normal((vehicles, dims))[vehicle] + 0.8 * rng.standard_normal((len(vehicle), dims))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Labelled(unit, vehicle, np.tile(np.arange(each), vehicles)), rng.uniform(0, 360, len(vehicle))


def honest(seed: int, count: int = 6000) -> Pairs:
    """Same pairs around 0.7, different ones around 0.4, both normal with spread 0.1; a quarter of each in each view."""
    rng = np.random.default_rng(seed)
    same = rng.random(count) < 0.2
    similarity = np.where(same, 0.7, 0.4) + rng.normal(0, 0.1, count)
    return Pairs(similarity, same, rng.uniform(0, 180, count), rng.integers(0, FOLDS, count))


def test_pairs_are_of_two_cameras_and_every_pair_of_one_vehicle_is_there() -> None:
    pictures, heading = seen()
    pairs = pairs_of(pictures, heading)
    assert pairs.same.sum() == 12 * 6
    assert (~pairs.same).sum() == 10 * 12 * 6
    first = int(np.flatnonzero(pairs.same)[0])
    assert pairs.similarity[first] == pytest.approx(float(pictures.vectors[0] @ pictures.vectors[1]))
    assert pairs.turn_deg[first] == pytest.approx(abs((heading[0] - heading[1] + 180) % 360 - 180))
    assert (pairs.fold[pairs.same] >= 0).all()


def test_every_pair_is_of_one_view() -> None:
    pairs = honest(1)
    counts = [len(pairs.of_view(view).same) for view in VIEWS]
    assert sum(counts) == len(pairs.same) == len(pairs.of_view(ALL_VIEWS).same)
    assert pairs.of_view("other view").turn_deg.min() >= 120


def test_an_honest_similarity_is_told_truly() -> None:
    told = tell(honest(2))
    assert told.scale.per_similarity == pytest.approx(30, rel=0.2)
    assert told.check.error < 0.04
    assert told.check.brier < 0.5 * told.check.brier_base
    assert told.true.mean() == 0.5


def test_a_view_that_tells_nothing_is_not_believed() -> None:
    pairs = honest(4)
    blind = pairs.turn_deg >= 120
    similarity = np.where(blind, np.random.default_rng(5).normal(0.5, 0.1, len(blind)), pairs.similarity)
    told = tell_by_view(Pairs(similarity, pairs.same, pairs.turn_deg, pairs.fold))
    assert told["same view"].check.brier < 0.1
    assert told["other view"].check.brier == pytest.approx(0.25, abs=0.02)
    assert abs(told["other view"].scale.ratio(np.array([0.6]))[0]) < 0.5
