"""Weights stored in fewer bits: how far they are from what they were, and that they come back by their names."""

import numpy as np
import pytest

pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from reid.training.onnx_file import stored_in_bytes, stored_in_half, stored_weights  # noqa: E402

RNG = np.random.default_rng(3)
KERNEL = (RNG.normal(size=(500, 450, 1, 1)) * RNG.uniform(0.1, 9, (500, 1, 1, 1))).astype(np.float32)
"""Its output channels differ in size, so one scale for all would lose the small ones."""
MATRIX = (RNG.normal(size=(500, 450)) * RNG.uniform(0.1, 9, 450)).astype(np.float32)
SMALL = RNG.normal(size=(450, 100)).astype(np.float32)


@pytest.fixture
def model() -> "onnx.ModelProto":
    """A convolution, a reshape, and two products of matrices."""
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["maps"]),
        helper.make_node("Flatten", ["maps"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["long"]),
        helper.make_node("MatMul", ["long", "small"], ["y"]),
    ]
    ports = [helper.make_tensor_value_info(*port) for port in (
        ("x", TensorProto.FLOAT, [1, 450, 1, 1]), ("y", TensorProto.FLOAT, [1, 100]),
    )]  # fmt: skip
    weights = [numpy_helper.from_array(*one) for one in ((KERNEL, "kernel"), (MATRIX, "matrix"), (SMALL, "small"))]
    graph = helper.make_graph(nodes, "g", ports[:1], ports[1:], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def _run(model: "onnx.ModelProto", x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["y"], {"x": x})[0])


def test_large_weights_take_a_byte_and_others_two_and_all_come_back(model: "onnx.ModelProto") -> None:
    small = stored_in_half(stored_in_bytes(model))
    assert model.ByteSize() / small.ByteSize() == pytest.approx(3.6, abs=0.4)
    back = stored_weights(small.graph)
    assert set(back) == {"kernel", "matrix", "small"}
    assert np.abs(back["small"] - SMALL).max() < 0.002
    for name, values, inputs in (("kernel", KERNEL, (1, 2, 3)), ("matrix", MATRIX, (0,))):
        step = np.abs(values).max(axis=inputs, keepdims=True) / 127
        assert (np.abs(back[name] - values) / step).max() < 0.55


def test_the_network_computes_nearly_the_same(model: "onnx.ModelProto") -> None:
    x = RNG.normal(size=(1, 450, 1, 1)).astype(np.float32)
    whole, small = _run(model, x), _run(stored_in_half(stored_in_bytes(model)), x)
    assert np.linalg.norm(small - whole) / np.linalg.norm(whole) < 0.02


def test_weights_in_32_bits_are_read_as_they_are(model: "onnx.ModelProto") -> None:
    assert np.array_equal(stored_weights(model.graph)["matrix"], MATRIX)
