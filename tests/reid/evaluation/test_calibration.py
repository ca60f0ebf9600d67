"""Calibration recovers known densities, and its diagram shows calibrated probabilities on the diagonal."""

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.evaluation.calibration import (
    ALL_VIEWS,
    FOLDS,
    VIEWS,
    ImagePairs,
    calibrate,
    calibrate_by_view,
    check_scale,
    draw_image_pairs,
    fit_scale,
    reliability_diagram,
)
from reid.evaluation.protocols import Labelled


def test_the_scale_is_that_of_the_two_densities_however_many_pairs_of_each() -> None:
    scale = fit_scale(*_pairs(1, 4000))
    # two normal densities of one spread: the ratio is linear, (0.7 - 0.3) / 0.1^2 a unit, nothing in the middle
    assert scale.per_similarity == pytest.approx(40, rel=0.15)
    assert scale.llr(np.array([0.5]))[0] == pytest.approx(0, abs=0.3)


def test_kinds_that_do_not_overlap_give_a_finite_scale() -> None:
    scale = fit_scale(np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, True, False, False]))
    assert 0 < scale.per_similarity < 1e4
    assert scale.probability(np.array([0.9]))[0] > 0.9


def test_one_kind_alone_is_refused() -> None:
    with pytest.raises(SeeingError, match="3 of 3 pairs"):
        fit_scale(np.zeros(3), np.ones(3, np.bool_))


def test_cross_validated_probabilities_are_near_the_truth() -> None:
    rng = np.random.default_rng(2)
    count = 300
    similarity = 0.3 + rng.normal(0, 0.1, (count, count)) + 0.15 * np.eye(count)
    check = check_scale(similarity)
    assert check.error < 0.06
    assert check.brier < check.brier_base == 0.25
    assert check.pairs == 2 * count


def seen(vehicles: int = 12, each: int = 4, dims: int = 8) -> tuple[Labelled, np.ndarray]:
    rng = np.random.default_rng(3)
    vehicle = np.repeat(np.arange(vehicles), each)
    vectors = rng.standard_normal((vehicles, dims))[vehicle] + 0.8 * rng.standard_normal((len(vehicle), dims))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Labelled(unit, vehicle, np.tile(np.arange(each), vehicles)), rng.uniform(0, 360, len(vehicle))


def honest(seed: int, count: int = 6000) -> ImagePairs:
    """Same pairs around 0.7, different ones around 0.4, both normal with spread 0.1; a quarter of each in each view."""
    rng = np.random.default_rng(seed)
    same = rng.random(count) < 0.2
    similarity = np.where(same, 0.7, 0.4) + rng.normal(0, 0.1, count)
    return ImagePairs(similarity, same, rng.uniform(0, 180, count), rng.integers(0, FOLDS, count))


def test_pairs_are_of_two_cameras_and_every_pair_of_one_vehicle_is_there() -> None:
    pictures, heading = seen()
    pairs = draw_image_pairs(pictures, heading)
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


def test_a_calibrated_similarity_has_small_errors() -> None:
    told = calibrate(honest(2))
    assert told.scale.per_similarity == pytest.approx(30, rel=0.2)
    assert told.check.error < 0.04
    assert told.check.brier < 0.5 * told.check.brier_base
    assert told.true.mean() == 0.5


def test_an_uninformative_view_gets_small_llrs() -> None:
    pairs = honest(4)
    blind = pairs.turn_deg >= 120
    similarity = np.where(blind, np.random.default_rng(5).normal(0.5, 0.1, len(blind)), pairs.similarity)
    told = calibrate_by_view(ImagePairs(similarity, pairs.same, pairs.turn_deg, pairs.fold))
    assert told["same view"].check.brier < 0.1
    assert told["other view"].check.brier == pytest.approx(0.25, abs=0.02)
    assert abs(told["other view"].scale.llr(np.array([0.6]))[0]) < 0.5


def blue(picture: np.ndarray) -> np.ndarray:
    return (picture[..., 2].astype(int) - picture[..., 0]) > 100


def test_calibrated_probabilities_lie_on_the_diagonal() -> None:
    rng = np.random.default_rng(0)
    said = rng.random(30_000)
    rows, columns = np.nonzero(blue(reliability_diagram(said, rng.random(30_000) < said, "calibrated")))
    assert np.abs((472 - 56 - rows) - (columns - 56)).max() < 20


def test_certain_outcomes_lie_at_the_top() -> None:
    said = np.linspace(0, 1, 1_000)
    rows, _ = np.nonzero(blue(reliability_diagram(said, np.ones(1_000, bool), "always")))
    assert rows.max() < 56 + 40


def test_few_pairs_are_drawn_too() -> None:
    assert blue(reliability_diagram(np.array([0.2, 0.9]), np.array([False, True]), "two")).any()


def _pairs(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Same pairs around 0.7, twenty times as many different ones around 0.3, both normal with spread 0.1."""
    rng = np.random.default_rng(seed)
    same = np.arange(21 * count) < count
    return np.where(same, 0.7, 0.3) + rng.normal(0, 0.1, len(same)), same
