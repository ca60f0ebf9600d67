"""A training can begin with the weights of a served file, whose norms are parts of convolutions."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

from reid.detect.learned import CHANNELS
from reid.detect.network import DetectorNet, flattened
from reid.errors import SeeingError
from reid.onnx import open_session
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.networks.reader import ReaderNet
from reid.plates.networks.verifier import PlateFeatures, VerifierNet
from reid.training.served_start import load_start
from reid.weights import find_weights

FRAME = torch.zeros(1, 32, 32, CHANNELS, dtype=torch.uint8)


def test_a_detector_begins_with_the_packaged_weights() -> None:
    weights, network = find_weights("detector"), DetectorNet()
    load_start(network, FRAME, weights.path)
    channels = np.random.default_rng(0).integers(0, 256, (1, 64, 96, CHANNELS), dtype=np.uint8)
    (served,) = open_session(weights.read(), weights.path).run(None, {"channels": channels})
    with torch.no_grad():
        begun = flattened(network.train()(torch.from_numpy(channels))).numpy()
    assert np.abs(begun - served).max() < 1e-2


def test_a_reader_begins_with_the_packaged_weights() -> None:
    weights, network = find_weights("reader"), ReaderNet()
    load_start(network, torch.zeros(1, 3, HEIGHT_PX, WIDTH_PX), weights.path)
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 3, HEIGHT_PX, WIDTH_PX)).astype(np.float32)
    (served,) = open_session(weights.read(), weights.path).run(None, {"pictures": pictures})
    with torch.no_grad():
        begun = network.train()(torch.from_numpy(pictures)).characters.softmax(2).numpy()
    assert (begun.argmax(2) == served.argmax(2)).all()
    assert np.abs(begun - served).max() < 0.05, "but for the temperature"


def test_a_verifier_begins_with_the_packaged_weights() -> None:
    weights, network = find_weights("verifier"), VerifierNet()
    load_start(network, torch.zeros(1, 3, HEIGHT_PX, WIDTH_PX), weights.path)
    pictures = np.random.default_rng(0).uniform(-1, 1, (4, 3, HEIGHT_PX, WIDTH_PX)).astype(np.float32)
    with torch.no_grad():
        begun = network.eval()(torch.from_numpy(pictures))
        score = network.pairs(begun, PlateFeatures(begun.vector.flip(0), begun.map.flip(0))).numpy()
    sides = {"vector": begun.vector.numpy(), "map": begun.map.numpy()}
    pairs = {f"{name}_a": values for name, values in sides.items()}
    pairs |= {f"{name}_b": values[::-1].copy() for name, values in sides.items()}
    vector, plate_map, scored = open_session(weights.read(), weights.path).run(None, {"pictures": pictures, **pairs})
    assert np.abs(sides["vector"] - vector).max() < 1e-3
    assert np.abs(sides["map"] - plate_map).max() < 1e-2
    assert np.abs(score - scored).max() < 1e-2


def test_a_file_without_such_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"no network")
    for path in (tmp_path / "other.onnx", find_weights("appearance").path):
        with pytest.raises(SeeingError, match="no weights of a DetectorNet"):
            load_start(DetectorNet(), FRAME, path)


def test_a_reader_is_no_start_of_a_verifier() -> None:
    with pytest.raises(SeeingError, match="no weights of a VerifierNet"):
        load_start(VerifierNet(), torch.zeros(1, 3, HEIGHT_PX, WIDTH_PX), find_weights("reader").path)
