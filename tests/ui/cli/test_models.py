"""`retrace models`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner, Result
from onnx import TensorProto, helper

from reid.errors import SeeingError
from reid.images import encode_jpeg
from ui.cli.main import retrace


@pytest.fixture(autouse=True)
def _own_weights_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRACE_WEIGHTS", str(tmp_path / "weights"))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Write a network that averages each channel of 8x6 pictures."""
    pictures = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, 6, 8])
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", 3])
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])
    node = helper.make_node("ReduceMean", ["pictures", "axes"], ["vectors"], keepdims=0)
    graph = helper.make_graph([node], "mean", [pictures], [vectors], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, tmp_path / "mean.onnx")
    return tmp_path / "mean.onnx"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pairs"
    folder.mkdir()
    for name, paint in (("car_1", (200, 20, 20)), ("car_2", (20, 20, 200)), ("motorcycle_1", (20, 200, 20))):
        for camera in (1, 2):
            picture = np.full((30, 40, 3), paint, np.uint8)
            (folder / f"{name}_cam{camera}.jpg").write_bytes(encode_jpeg(picture))
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(retrace, list(words))


def answer(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def add(network: Path, *more: str) -> Result:
    options = ("--name", "mean", "--licence", "CC0-1.0", "--source", "a test", "--size", "8x6")
    return run("models", "add", str(network), *options, *more)


def test_added_weights_are_listed_verified_and_used(network: Path, pictures: Path, tmp_path: Path) -> None:
    assert add(network).exit_code == 0
    listed = {model["name"]: model for model in answer("models", "list")["models"]}
    assert listed["mean"]["licence"] == "CC0-1.0"
    assert len(listed["mean"]["sha256"]) == 64
    assert answer("models", "verify") == {"ok": True, "problems": []}
    scores = answer("evaluate", "pairs", str(pictures), "--weights", "mean", "--against", "histogram")
    assert scores["cmc"]["1"] == 1.0
    assert scores["queries"] == 3
    assert set(scores["groups"]) == {"four wheels", "motorcycles"}


def test_a_changed_file_fails_the_verification(network: Path, tmp_path: Path) -> None:
    add(network)
    (tmp_path / "weights" / "mean.onnx").write_bytes(b"something else")
    result = run("models", "verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False


def test_weights_that_refuse_their_pictures_are_not_added(network: Path, tmp_path: Path) -> None:
    result = add(network, "--size", "9x9")
    assert isinstance(result.exception, SeeingError)
    assert "check --size" in str(result.exception)
    assert not (tmp_path / "weights" / "mean.onnx").exists()


def test_what_can_be_pulled_is_listed_with_its_hash() -> None:
    (offered,) = answer("models", "pull")["published"]
    assert (offered["name"], offered["licence"], len(offered["sha256"])) == ("yolox-nano", "Apache-2.0", 64)


def test_a_network_that_finds_no_vehicles_is_not_added_as_a_detector(network: Path, tmp_path: Path) -> None:
    result = add(network, "--task", "detector")
    assert isinstance(result.exception, SeeingError)
    assert "gives outputs" in str(result.exception)
