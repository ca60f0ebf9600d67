"""The first projection: directions along which vehicles differ, not those along which pictures of one vehicle do."""

import numpy as np
import pytest

pytest.importorskip("torch")

from reid.arrays import Floats32, Ints
from reid.training.appearance.first_projection import discriminants


def _features(vehicles: int = 40, each: int = 5) -> tuple[Floats32, Ints]:
    """Two numbers tell the vehicles apart, the third varies far more and tells nothing."""
    rng = np.random.default_rng(3)
    vehicle = np.repeat(np.arange(vehicles), each)
    own = rng.normal(0, 1, (vehicles, 2))[vehicle] + rng.normal(0, 0.1, (len(vehicle), 2))
    nuisance = rng.normal(0, 5, (len(vehicle), 1))
    return np.concatenate([own, nuisance, rng.normal(0, 0.2, (len(vehicle), 3))], axis=1).astype(np.float32), vehicle


def test_what_varies_within_vehicles_is_overlooked() -> None:
    features, vehicle = _features()
    directions = discriminants(features, vehicle, 2)
    assert directions.shape == (2, 6)
    shares = np.abs(directions) * features.std(axis=0)
    assert shares[:, :2].sum() > 5 * shares[:, 2:].sum()


def test_projected_vehicles_are_nearer_to_themselves() -> None:
    features, vehicle = _features()
    projected = features @ discriminants(features, vehicle, 2).T
    nearest = [_nearest(values, vehicle) for values in (features, projected)]
    assert nearest[1] > 2 * nearest[0]


def test_the_same_features_give_the_same_directions() -> None:
    features, vehicle = _features()
    assert np.array_equal(discriminants(features, vehicle, 3), discriminants(features, vehicle, 3))


def _nearest(features: Floats32, vehicle: Ints) -> float:
    """Return how often the nearest other picture is one of the same vehicle."""
    distances = np.linalg.norm(features[:, None] - features[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float((vehicle[distances.argmin(axis=1)] == vehicle).mean())
