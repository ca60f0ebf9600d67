"""Begin a training with weights: those that an earlier training kept, or those of the served ONNX file of one."""

from collections.abc import Iterator
from pathlib import Path

import onnx
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import GraphProto
from torch import Tensor, nn

from reid.arrays import Floats32
from reid.errors import SeeingError
from reid.training import checkpoint
from reid.training.onnx_file import stored_weights

_SERVED = "network."
"""What the names of parameters begin with in a file of a ServedNetwork."""


class FixedNorm(nn.BatchNorm2d):
    """A norm that keeps its statistics in training, too: a served file holds none."""

    def train(self, _mode: bool = True) -> "FixedNorm":
        """Stay as in use."""
        super().train(False)
        return self


def load_start(network: nn.Module, example: Tensor, path: Path) -> None:
    """Load a `best.pt`, or an ONNX file, whose norms then stay as they are; `example` is an input of the network."""
    if path.suffix != ".onnx":
        checkpoint.load_weights(network, path)
        return
    try:
        _load_served(network, example, path)
    except (OSError, DecodeError, LookupError, StopIteration, ValueError):
        raise SeeingError(
            f"{path} holds no weights of a {type(network).__name__}: give an ONNX file or a best.pt of one"
        ) from None


@torch.no_grad()
def _load_served(network: nn.Module, example: Tensor, path: Path) -> None:
    """Copy weights into a network of the same build. In a file each 2D norm is part of its convolution.

    A file keeps the names of most weights. Those of a convolution with its norm, and of a product, have none: they are
    taken in the order in which they are computed, and the norm gets scale 1 and the bias of its convolution. What only
    training needs is in no file and stays as it is.
    """
    graph = onnx.load(path).graph
    stored = stored_weights(graph)
    convolutions, products = _convolutions(graph, stored), _products(graph, stored)
    bias: Floats32 | None = None
    for layer in _layers_in_order(network, example, stored):
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
            layer.running_var.fill_(1 - layer.eps)  # type: ignore[union-attr]
            layer.bias.copy_(torch.from_numpy(bias))
            continue
        if isinstance(layer, nn.Linear):
            weights = next(products).T.copy()
        else:
            weights, bias = next(convolutions)
        if layer.weight.shape != weights.shape:
            raise ValueError(f"{layer} cannot take {weights.shape}")
        layer.weight.copy_(torch.from_numpy(weights))
        if isinstance(layer, nn.Conv2d) and layer.bias is not None:
            layer.bias.copy_(torch.from_numpy(bias))
    for name, values in network.state_dict().items():
        if _SERVED + name in stored:
            values.copy_(torch.as_tensor(stored[_SERVED + name]))
    _fix_norms(network)


def _convolutions(graph: GraphProto, stored: dict[str, Floats32]) -> Iterator[tuple[Floats32, Floats32]]:
    """Yield weights and bias of each convolution without a name, in the order in which they are computed."""
    for node in graph.node:
        if node.op_type == "Conv" and not node.input[1].startswith(_SERVED):
            yield stored[node.input[1]], stored[node.input[2]]


def _products(graph: GraphProto, stored: dict[str, Floats32]) -> Iterator[Floats32]:
    """Yield the matrices of linear layers; a product of two computed tensors has none."""
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in stored:
            yield stored[node.input[1]]


def _layers_in_order(
    network: nn.Module, example: Tensor, stored: dict[str, Floats32]
) -> list[nn.Conv2d | nn.BatchNorm2d | nn.Linear]:
    """Return the layers whose weights are stored without a name, as they are computed."""
    order: list[nn.Conv2d | nn.BatchNorm2d | nn.Linear] = []
    hooks = [
        layer.register_forward_hook(lambda module, _inputs, _output: order.append(module))
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d | nn.Linear) and f"{_SERVED}{name}.weight" not in stored
    ]
    network.eval()
    network(example)
    for hook in hooks:
        hook.remove()
    return order


def _fix_norms(network: nn.Module) -> None:
    for module in list(network.modules()):
        for name, layer in module.named_children():
            if type(layer) is nn.BatchNorm2d:
                fixed = FixedNorm(layer.num_features, layer.eps, layer.momentum)
                fixed.load_state_dict(layer.state_dict())
                setattr(module, name, fixed.eval())
