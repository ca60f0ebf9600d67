from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

from reid.detect.learned import CHANNELS
from reid.detect.network import DetectorNet, flattened
from reid.errors import SeeingError
from reid.onnx import open_session
from reid.training.detector.start import load_start
from reid.weights import find_weights


def test_a_training_can_begin_with_the_packaged_weights() -> None:
    weights, network = find_weights("detector"), DetectorNet()
    load_start(network, weights.path)
    channels = np.random.default_rng(0).integers(0, 256, (1, 64, 96, CHANNELS), dtype=np.uint8)
    (served,) = open_session(weights.read(), weights.path).run(None, {"channels": channels})
    with torch.no_grad():
        begun = flattened(network.train()(torch.from_numpy(channels))).numpy()
    assert np.abs(begun - served).max() < 1e-2


def test_a_file_without_such_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"no network")
    for path in (tmp_path / "other.onnx", find_weights("appearance").path):
        with pytest.raises(SeeingError, match="no weights of a detector"):
            load_start(DetectorNet(), path)
