"""Write a trained network as an ONNX file, its weights in 32 or 16 bits, and the card beside it."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from reid.arrays import Floats32
from reid.weights import Card, PictureInput, file_sha256, write_card

OPSET = 17
_SMALL = 64
"""Smaller tensors stay in 32 bits: shapes, scales, biases of a few channels."""
_LARGE = 200_000
"""Tensors of so many numbers can be stored in 8 bits."""
_HALF, _BYTES, _SCALE = ".half", ".bytes", ".scale"
"""End the names of weights that are stored in 16 bits, in 8 bits, and of what 8 bits are multiplied with."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Names of inputs and outputs, and which of their axes are free: name -> {axis: what it counts}."""

    inputs: Sequence[str]
    outputs: Sequence[str]
    free: Mapping[str, Mapping[int, str]]


class ServedNetwork(nn.Module):
    """A network with the outputs of its ONNX file, `serve(network, *inputs)`, without what only training needs."""

    def __init__(self, network: nn.Module, serve: Callable[..., Any]) -> None:
        super().__init__()
        self.network = network
        self._serve = serve

    def forward(self, *inputs: Tensor) -> Any:
        """Return the outputs of the file."""
        return self._serve(self.network, *inputs)


def write_onnx(
    network: nn.Module,
    examples: tuple[Tensor, ...],
    path: Path,
    ports: Ports,
    *,
    half: bool,
    large_in_bytes: bool = False,
) -> None:
    """Write a network traced with the example inputs; `half` stores its weights in 16 bits, or the large ones in 8.

    It still computes in 32 bits: the weights are cast back when the file is loaded.
    """
    served = network.to("cpu", memory_format=torch.contiguous_format).eval()  # type: ignore[call-overload]
    with warnings.catch_warnings():
        # the tracing exporter warns that it is deprecated; the newer one needs another library and gives the same file
        warnings.simplefilter("ignore")
        torch.onnx.export(
            served,
            examples,
            path,
            input_names=list(ports.inputs),
            output_names=list(ports.outputs),
            dynamic_axes={name: dict(axes) for name, axes in ports.free.items()},
            opset_version=OPSET,
            dynamo=False,
        )
    if large_in_bytes:
        onnx.save(stored_in_bytes(onnx.load(path)), path)
    if half:
        onnx.save(stored_in_half(onnx.load(path)), path)


def stored_in_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its weights in 16 bits, each followed by a cast to 32."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    casts = []
    for weights in changed.graph.initializer:
        values = numpy_helper.to_array(weights)
        if weights.data_type != TensorProto.FLOAT or values.size < _SMALL:
            continue
        name = weights.name
        weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}{_HALF}"))
        casts.append(helper.make_node("Cast", [f"{name}{_HALF}"], [name], to=TensorProto.FLOAT))
    return _begun_by(changed, casts)


def stored_in_bytes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its large weights in 8 bits, each output channel scaled by its largest weight."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    multiplied = {node.input[1] for node in model.graph.node if node.op_type == "MatMul"}
    scaled, scales = [], []
    for weights in changed.graph.initializer:
        values = numpy_helper.to_array(weights)
        if weights.data_type != TensorProto.FLOAT or values.size < _LARGE:
            continue
        name = weights.name
        inputs = (0,) if name in multiplied else tuple(range(1, values.ndim))
        scale = np.maximum(np.abs(values).max(axis=inputs, keepdims=True) / 127, 1e-12).astype(np.float32)
        weights.CopyFrom(numpy_helper.from_array(np.rint(values / scale).astype(np.int8), f"{name}{_BYTES}"))
        scales.append(numpy_helper.from_array(scale, f"{name}{_SCALE}"))
        scaled.append(helper.make_node("Cast", [f"{name}{_BYTES}"], [f"{name}.whole"], to=TensorProto.FLOAT))
        scaled.append(helper.make_node("Mul", [f"{name}.whole", f"{name}{_SCALE}"], [name]))
    changed.graph.initializer.extend(scales)
    return _begun_by(changed, scaled)


def stored_weights(graph: onnx.GraphProto) -> dict[str, Floats32]:
    """Return the weights of a graph by their names, in 32 bits, however they are stored."""
    stored = {one.name: numpy_helper.to_array(one).astype(np.float32) for one in graph.initializer}
    halves = {name.removesuffix(_HALF): values for name, values in stored.items()}
    whole = {name.removesuffix(_BYTES): values for name, values in halves.items() if not name.endswith(_SCALE)}
    return {name: values * halves.get(f"{name}{_SCALE}", np.float32(1)) for name, values in whole.items()}


def _begun_by(model: onnx.ModelProto, first: Sequence[onnx.NodeProto]) -> onnx.ModelProto:
    """Return the model with these nodes before its own."""
    nodes = [*first, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def write_onnx_card(onnx_path: Path, *, name: str, task: str, source: str, picture: PictureInput, output: str) -> Card:
    """Write the card of a file that we trained beside it, and return it."""
    card = Card(name, task, file_sha256(onnx_path), "Apache-2.0", source, picture, output=output)
    write_card(card, onnx_path.with_suffix(".json"))
    return card
