"""Attributes are fitted, written and read again."""

from pathlib import Path

import numpy as np
import pytest

from reid.appearance.embedders import HistogramEmbedder
from reid.appearance.marks import AttributeNetwork
from reid.training.attributes import recipe
from reid.training.attributes.heads import HeadOptions
from reid.training.attributes.marked_crops import BODIES, MARKS, MarkedOptions, MarkedVectors, can_have
from reid.weights import weights_at

CAMERAS = 5


def made_up(options: MarkedOptions, _embedder: object, report: object) -> MarkedVectors:
    """Vectors that say the body, and whether there is a taxi sign."""
    rng = np.random.default_rng(options.seed)
    count = options.vehicles
    body = rng.integers(0, len(BODIES), count)
    carry = np.array([[can_have(mark, BODIES[one]) for mark in MARKS] for one in body])
    marks = carry & (rng.random((count, len(MARKS))) < 0.3)
    vectors = rng.normal(0, 0.1, (count, 32)).astype(np.float32)
    vectors[np.arange(count), body] += 1
    vectors[:, 20] += marks[:, MARKS.index("taxi sign")]
    numbers = np.arange(count)
    turns, size = rng.uniform(0, 360, count), rng.choice([40.0, 100.0, 100.0], count)
    return MarkedVectors(vectors, numbers, numbers % CAMERAS, body, numbers * 0, turns, size, marks, carry)


def test_what_was_fitted_is_told_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "marked_vectors", made_up)
    sets = MarkedOptions(1, 900), MarkedOptions(2, 700), MarkedOptions(10_021, 500)
    how = recipe.AttributesRecipe(sets[:1], sets[1], sets[2], HeadOptions(hidden=16, epochs=8))
    card, figures = recipe.train_attributes(how, HistogramEmbedder(), tmp_path, tmp_path / "c", lambda *_: None)
    assert "least_px" in figures["marks"]["taxi sign"]
    assert "least_px" not in figures["marks"]["dent"]
    network = AttributeNetwork(weights_at(tmp_path / "attributes.onnx"))
    assert (network.appearance_model, card.task) == ("histogram-1", "attributes")
    taxi = np.zeros((1, 32), np.float32)
    taxi[0, [BODIES.index("sedan"), 20]] = 1
    told = network.tell(taxi, np.array([100.0]), {})
    assert told.marks["taxi sign"] > 10 * network.tell(-taxi, np.array([100.0]), {}).marks["taxi sign"]


def test_parts_keep_their_vehicles_and_cameras_apart() -> None:
    part = made_up(MarkedOptions(1, 20), None, None)
    both = recipe.join([part, part])
    assert (len(np.unique(both.vehicle)), len(np.unique(both.camera))) == (40, 2 * CAMERAS)
