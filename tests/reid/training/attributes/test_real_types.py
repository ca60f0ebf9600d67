"""Real vehicles whose type people told are cut from streets and pairs, and teach types."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from reid.appearance.embedders import HistogramEmbedder
from reid.errors import SeeingError
from reid.images import encode_jpeg
from reid.render.vehicles.bodies import TYPE_OF_BODY
from reid.training.attributes.heads import HeadNetwork, HeadOptions, fit_heads, type_logits
from reid.training.attributes.marked_crops import BODIES, MarkedOptions
from reid.training.attributes.real_types import VARIANTS, TypedVectors, typed_vectors
from reid.training.detector.real_streets import PLACES
from reid.training.detector.streets import UNKNOWN, StoredStreet
from reid.vehicle import VEHICLE_TYPES
from tests.reid.training.attributes.test_recipe import made_up

VAN, BUS = VEHICLE_TYPES.index("van"), VEHICLE_TYPES.index("bus")


def street(*boxes: tuple[float, ...]) -> StoredStreet:
    pictures = np.random.default_rng(0).integers(0, 255, (2, 90, 160, 4)).astype(np.uint8)
    return StoredStreet(pictures, np.array(boxes, np.float32))


def test_vehicles_of_known_types_are_cut_several_times(tmp_path: Path) -> None:
    street((0, 10, 10, 60, 50, VAN, 1), (0, 70, 10, 120, 50, UNKNOWN, 1)).save(tmp_path / "scene-a.npy")
    street((0, 10, 10, 60, 50, BUS, 1), (0, 0, 0, 60, 8, BUS, 1), (0, 70, 9, 120, 50, VAN, 0)).save(
        tmp_path / "scene-b.npy"
    )
    (tmp_path / PLACES).write_text(json.dumps({"scene": ["scene-a"], "held": ["scene-b"]}))
    found = typed_vectors(tmp_path, None, HistogramEmbedder())
    assert found.type.tolist() == [VAN] * VARIANTS + [BUS] * VARIANTS, "not the small one, nor the disputed"
    assert found.held.tolist() == [False] * VARIANTS + [True] * VARIANTS
    assert found.take(found.held).vectors.shape[0] == VARIANTS
    assert len(np.unique(found.vectors[found.held], axis=0)) == VARIANTS


def test_a_folder_without_typed_vehicles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeeingError, match=r"places\.json"):
        typed_vectors(tmp_path, None, HistogramEmbedder())
    (tmp_path / PLACES).write_text("{}")
    with pytest.raises(SeeingError, match="no vehicle of a known type"):
        typed_vectors(tmp_path, None, HistogramEmbedder())


def test_pairs_teach_types_but_for_those_of_reports(tmp_path: Path) -> None:
    for number in range(30):
        for camera in (1, 2):
            image = np.random.default_rng(number).integers(0, 255, (40, 30, 3)).astype(np.uint8)
            (tmp_path / f"bus_{number:04d}_cam{camera}.jpg").write_bytes(encode_jpeg(image))
    found = typed_vectors(None, tmp_path, HistogramEmbedder())
    assert set(found.type) == {BUS}
    assert 10 < len(found.type) < 50
    assert 0 < found.held.sum() < len(found.type) / 2


def test_a_type_is_as_likely_as_its_bodies_together() -> None:
    logits = torch.randn(4, len(BODIES))
    types = type_logits(logits).exp()
    bodies = logits.softmax(dim=1)
    of_vans = [at for at, body in enumerate(BODIES) if TYPE_OF_BODY[body] == "van"]
    assert torch.allclose(types[:, VAN], bodies[:, of_vans].sum(dim=1), atol=1e-6)
    assert torch.allclose(types.sum(dim=1), torch.ones(4), atol=1e-5)


def test_real_vehicles_turn_what_drawn_ones_taught() -> None:
    train, validation = (made_up(MarkedOptions(seed, 600), None, None) for seed in (1, 2))
    rng = np.random.default_rng(0)
    real = np.zeros((400, 32), np.float32)
    real[:, 30] = 1
    real += rng.normal(0, 0.05, real.shape).astype(np.float32)
    typed = TypedVectors(real, np.full(400, 60.0), np.full(400, BUS), np.arange(400) % 4 == 0)
    options = HeadOptions(hidden=16, epochs=20, batch=64)

    def said(network: HeadNetwork) -> float:
        with torch.no_grad():
            of_body, _ = network(torch.from_numpy(real[:50]), torch.full((50,), 60.0))
        return float((type_logits(of_body).argmax(dim=1) == BUS).float().mean())

    assert said(fit_heads(train, validation, options)) < 0.9 < said(fit_heads(train, validation, options, typed))
