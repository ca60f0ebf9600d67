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

from reid.weights import Card, PictureInput, file_sha256, write_card

OPSET = 17
_SMALL = 64
"""Smaller tensors stay in 32 bits: shapes, scales, biases of a few channels."""


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


def write_onnx(network: nn.Module, examples: tuple[Tensor, ...], path: Path, ports: Ports, *, half: bool) -> None:
    """Write a network traced with the example inputs; `half` stores its weights in 16 bits.

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
        weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *changed.graph.node]
    del changed.graph.node[:]
    changed.graph.node.extend(nodes)
    return changed


def write_onnx_card(onnx_path: Path, *, name: str, task: str, source: str, picture: PictureInput, output: str) -> Card:
    """Write the card of a file that we trained beside it, and return it."""
    card = Card(name, task, file_sha256(onnx_path), "Apache-2.0", source, picture, output=output)
    write_card(card, onnx_path.with_suffix(".json"))
    return card
