"""Networks open in one place, and every picture becomes a blob by one function."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from reid.errors import SeeingError
from reid.onnx import InputRefusedError, open_session, resized, to_blob
from reid.weights import PACKAGED, PictureInput, find_weights

PLATE = PictureInput(6, 4, "RGB", (127.5, 127.5, 127.5), (127.5, 127.5, 127.5))


def test_a_blob_lies_between_minus_one_and_one() -> None:
    blob = to_blob([np.zeros((4, 6, 3), np.uint8), np.full((4, 6, 3), 255, np.uint8)], PLATE)
    assert (blob.shape, blob.dtype) == ((2, 3, 4, 6), np.float32)
    assert (blob.min(), blob.max()) == (-1.0, 1.0)


@pytest.mark.parametrize("order", ["RGB", "BGR"])
def test_a_blob_is_the_pixels_normed_one_by_one(order: str) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    card = PictureInput(6, 4, order, (123.0, 116.0, 103.0), (58.0, 57.0, 55.0))
    blob = to_blob([picture], card)
    for channel in range(3):
        of_picture = channel if order == "RGB" else 2 - channel
        for row, column in ((0, 0), (3, 5), (1, 2)):
            value = np.float32(picture[row, column, of_picture]) - np.float32(card.mean[channel])
            assert blob[0, channel, row, column] == value / np.float32(card.spread[channel])


def test_pictures_are_resized_only_where_their_size_differs() -> None:
    same, larger = np.full((4, 6, 3), 9, np.uint8), np.full((40, 60, 3), 9, np.uint8)
    first, second = resized([same, larger], PLATE)
    assert first is same
    assert second.shape == (4, 6, 3)


def test_a_file_that_is_no_network_is_refused() -> None:
    with pytest.raises(SeeingError, match=r"toy\.onnx is not an ONNX network"):
        open_session(b"no network", Path("toy.onnx"))


def test_input_of_the_wrong_shape_is_refused_with_the_file_s_name() -> None:
    weights = find_weights("reader")
    session = open_session(weights.read(), weights.path)
    assert list(session.outputs) == ["characters"]
    with pytest.raises(InputRefusedError, match=r"reader\.onnx cannot run on its input"):
        session.run(["characters"], {"pictures": np.zeros((1, 3, 5, 5), np.float32)})


def test_a_network_whose_weights_lie_in_a_second_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weight = numpy_helper.from_array(np.ones(2000, np.float32), "w")
    model = _model([helper.make_node("Add", ["x", "w"], ["y"])], [2000], [weight])
    onnx.save(model, tmp_path / "net.onnx", save_as_external_data=True, location="data.bin", size_threshold=0)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SeeingError, match="keeps its weights in a second file"):
        open_session((tmp_path / "net.onnx").read_bytes(), tmp_path / "net.onnx")


def test_a_network_whose_numbers_are_none_is_refused_where_they_would_be_stored() -> None:
    """The whole ingest ended at the first such picture; types and colours of it were stored."""
    model = _model([helper.make_node("Div", ["x", "x"], ["y"])], [3], [])
    session = open_session(model.SerializeToString(), Path("toy.onnx"))
    (told,) = session.run_to_numbers(["y"], {"x": np.ones(3, np.float32)})
    assert told.tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(SeeingError, match=r"toy\.onnx gives numbers that are not finite"):
        session.run_to_numbers(["y"], {"x": np.zeros(3, np.float32)})


def test_a_network_that_never_ends_is_stopped() -> None:
    names = {"count": np.int64(2**62), "going": np.bool_(True)}
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in names.items()]
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going_in"], ["going_out"]),
            helper.make_node("Add", ["before", "before"], ["after"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("going_in", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, [2000]),
        ],
        [
            helper.make_tensor_value_info("going_out", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, [2000]),
        ],
    )
    model = _model([helper.make_node("Loop", ["count", "going", "x"], ["y"], body=body)], [2000], constants)
    session = open_session(model.SerializeToString(), Path("endless.onnx"), limit_s=0.5)
    with pytest.raises(InputRefusedError, match=r"endless\.onnx"):
        session.run(None, {"x": np.zeros(2000, np.float32)})


def _model(nodes: list[onnx.NodeProto], shape: list[int], constants: list[onnx.TensorProto]) -> onnx.ModelProto:
    inputs, outputs = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy")
    graph = helper.make_graph(nodes, "graph", [inputs], [outputs], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


RUN_A_WHILE = """
import time
import reid.onnx
import onnxruntime
onnxruntime.InferenceSession(PACKAGED, providers=["CPUExecutionProvider"])
time.sleep(12)
"""
"""ONNX Runtime sends its first report about nine seconds after it was loaded."""


@pytest.mark.slow
def test_a_network_that_runs_asks_no_other_machine() -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def note() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(100))

        threading.Thread(target=note, daemon=True).start()
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        proxies = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy")
        environment = {name: text for name, text in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
        code = RUN_A_WHILE.replace("PACKAGED", repr(str(PACKAGED / "locator.onnx")))
        subprocess.run([sys.executable, "-c", code], env=environment | dict.fromkeys(proxies, proxy), check=True)
    assert asked == []
