"""Write a network as an ONNX file, its weights stored in half the bytes where that is wanted."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

OPSET = 17
_SMALL = 64
"""Tensors of fewer numbers stay as they are: shapes, scales, biases of a few channels."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Names of inputs and outputs, and which of their axes are free: name -> {axis: what it counts}."""

    inputs: Sequence[str]
    outputs: Sequence[str]
    free: Mapping[str, Mapping[int, str]]


def write_onnx(network: nn.Module, examples: tuple[Tensor, ...], path: Path, ports: Ports, *, half: bool) -> None:
    """Write what the network does with inputs like the examples; `half` stores its weights in 16 bits.

    It computes in 32 bits all the same: weights are cast back when the file is loaded.
    """
    served = network.to("cpu", memory_format=torch.contiguous_format).eval()  # type: ignore[call-overload]
    with warnings.catch_warnings():
        # the exporter by tracing warns that it is the older one; the newer needs one library more and gives the same
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
