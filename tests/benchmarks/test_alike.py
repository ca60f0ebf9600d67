"""How much alike different vehicles look at one camera and at two."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.alike import Pairs, best_pairs, lines, pairs_of
from index.simulation.options import CityOptions
from index.simulation.synthetic.sightings import make_sightings
from index.store.archive import Archive
from tests.index.simulation.synthetic.noises import PERFECT


def test_strangers_and_pairs_of_one_vehicle_are_told_by_camera_and_heading() -> None:
    pairs = Pairs(
        similarity=np.array([0.9, 0.2, 0.8, 0.4, 0.6]),
        same=np.array([True, False, True, False, False]),
        one_camera=np.array([False, False, True, True, True]),
        turn_deg=np.array([0.0, 0.0, 170.0, 10.0, np.nan]),
        another=np.array([1.0, 1.0, 1.0, 0.0, np.nan]),
    )
    two, one, near, back = lines(pairs)
    assert two == "  two cameras: 0.20 / 0.20; 0.90 (1 pairs of one vehicle, 500.0 of a thousand)"
    assert one == "  one camera: 0.60 / 0.60; 0.80 (1 pairs of one vehicle, 333.3 of a thousand)"
    assert near.endswith("too few")
    assert back == "  1 of 1 that came back past a camera took another road"


def test_the_most_similar_shots_count() -> None:
    shots = [np.eye(3, dtype=np.float32)[:2], np.eye(3, dtype=np.float32)[1:], np.array([[0.6, 0, 0.8]], np.float32)]
    assert best_pairs(shots)[0] == pytest.approx([1.0, 1.0, 0.6])


def test_all_pairs_of_a_city_are_compared(tmp_path: Path) -> None:
    city = tmp_path / "town"
    with Archive.create(city / "archive") as archive:
        make_sightings(city, CityOptions(seed=5, cameras=3, vehicles=20, minutes=3, preset="easy"), archive, PERFECT)
    pairs = pairs_of(city)
    assert pairs.same.any()
    assert pairs.similarity[pairs.same].mean() > pairs.similarity[~pairs.same].mean() + 0.3
