"""Two networks in one file: its similarity is the mean of theirs."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import onnx

from benchmarks.joined_weights import joined, shortened
from reid.appearance.embedders import EmbedderOptions, OnnxEmbedder
from reid.training.onnx_file import write_onnx_card
from reid.weights import Weights, find_weights, read_card

TRANSFER = Path(__file__).parents[2] / "benchmarks" / "weights" / "transfer.onnx"


def test_the_similarity_is_the_mean_of_both(tmp_path: Path) -> None:
    packaged = find_weights("appearance")
    other = Weights(read_card(TRANSFER.with_suffix(".json")), TRANSFER, packaged=False)
    path = tmp_path / "joined.onnx"
    onnx.save(joined(onnx.load(packaged.path), onnx.load(other.path)), path)
    card = write_onnx_card(
        path, name="joined", task="appearance", source="both", picture=packaged.card.picture, output="vector"
    )
    pictures = list(np.random.default_rng(3).integers(0, 255, (4, 90, 120, 3)).astype(np.uint8))
    first, second, both = (
        OnnxEmbedder(weights, EmbedderOptions(threads=1)).appearance(pictures)
        for weights in (packaged, other, Weights(card, path, packaged=False))
    )
    mean = (first.vectors @ first.vectors.T + second.vectors @ second.vectors.T) / 2
    assert both.vectors @ both.vectors.T == pytest.approx(mean, abs=1e-5)
    assert both.types == pytest.approx(first.types, abs=1e-5)


def test_shorter_vectors_are_the_projected_ones(tmp_path: Path) -> None:
    packaged = find_weights("appearance")
    directions = np.linalg.qr(np.random.default_rng(1).normal(size=(256, 8)))[0].astype(np.float32)
    path = tmp_path / "short.onnx"
    onnx.save(shortened(onnx.load(packaged.path), directions), path)
    card = write_onnx_card(
        path, name="short", task="appearance", source="packaged", picture=packaged.card.picture, output="vector"
    )
    pictures = list(np.random.default_rng(3).integers(0, 255, (3, 90, 120, 3)).astype(np.uint8))
    long, short = (
        OnnxEmbedder(weights, EmbedderOptions(threads=1)) for weights in (packaged, Weights(card, path, packaged=False))
    )
    projected = long.embed(pictures) @ directions
    assert short.dims == 8
    assert short.embed(pictures) == pytest.approx(
        projected / np.linalg.norm(projected, axis=1, keepdims=True), abs=1e-4
    )
