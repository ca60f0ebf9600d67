"""Marks are told by stored vectors, each with a probability, and not where pictures are too small."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reid.appearance import marks
from reid.appearance.embedders import make_embedder
from reid.appearance.marks import AttributeNetwork, NamedAttributes, installed_attributes, side_px
from reid.weights import find_weights


@pytest.fixture(scope="module")
def network() -> AttributeNetwork:
    found = installed_attributes()
    assert found is not None
    return found


def some_vectors(count: int = 3) -> np.ndarray:
    vectors = np.random.default_rng(0).normal(0, 1, (count, 256)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_packaged_attributes_are_for_the_packaged_appearance(network: AttributeNetwork) -> None:
    assert network.appearance_model == find_weights("appearance").model_id
    assert make_embedder("histogram").model_id != network.appearance_model


def test_a_mark_is_no_likelier_than_a_body_that_can_have_it(network: AttributeNetwork) -> None:
    told = network.tell(some_vectors(), np.full(3, 100.0), {"motorcycle": 1.0})
    assert told.marks["roof box"] == 0


def test_what_is_too_small_to_see_is_not_told(network: AttributeNetwork) -> None:
    told = network.tell(some_vectors(1), np.array([12.0]), {})
    assert (told.marks, told.likely) == ({}, [])
    assert network.tell(some_vectors(2), np.array([12.0, 100.0]), {}).marks


def test_nothing_is_told_without_vectors(network: AttributeNetwork) -> None:
    assert network.tell(np.zeros((0, 256), np.float32), np.zeros(0), {}).likely == []


def test_marks_are_shown_where_they_are_likely_likeliest_first() -> None:
    told = NamedAttributes({"ladder": 0.92, "roof box": 0.95, "taxi sign": 0.89})
    assert told.likely == [("roof box", 0.95), ("ladder", 0.92)]


def test_the_side_of_a_picture_is_that_of_a_square_of_its_area() -> None:
    assert side_px([(90, 40), (16, 16)]).tolist() == [60, 16]


@pytest.mark.parametrize("other", ["missing", "appearance"])
def test_a_network_that_cannot_be_used_tells_nothing(
    other: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = find_weights("attributes")
    unusable = replace(own, path=tmp_path / "missing.onnx")
    if other == "appearance":
        looks = find_weights("appearance")
        unusable = replace(looks, card=replace(looks.card, task=own.card.task))
    monkeypatch.setattr(marks, "list_weights", lambda: [unusable])
    assert installed_attributes.__wrapped__() is None
