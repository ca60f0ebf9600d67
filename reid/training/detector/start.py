"""Begin a training of the detector with weights: those that a training keeps, or those of an ONNX file."""

from collections.abc import Iterator
from pathlib import Path

import onnx
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from torch import nn

from reid.arrays import Floats32
from reid.detect.learned import CHANNELS
from reid.detect.network import DetectorNet
from reid.errors import SeeingError
from reid.training import checkpoint
from reid.training.onnx_file import stored_weights


def load_start(network: DetectorNet, path: Path) -> None:
    """Load the `best.pt` of an earlier training, or an ONNX file, whose norms then stay as they are."""
    if path.suffix != ".onnx":
        checkpoint.load_weights(network, path)
        return
    try:
        _load_fused(network, path)
    except (OSError, DecodeError, LookupError, StopIteration, ValueError):
        raise SeeingError(f"{path} holds no weights of a detector of ours: give detector.onnx, or a best.pt") from None
    network.keep_norms()


@torch.no_grad()
def _load_fused(network: DetectorNet, path: Path) -> None:
    """Copy weights in whose file each norm is part of its convolution: it gets scale 1, and the convolution's bias."""
    pairs = _convolutions(path)
    bias: Floats32 | None = None
    for layer in _layers_in_order(network):
        if isinstance(layer, nn.Conv2d):
            weights, bias = next(pairs)
            if layer.weight.shape != weights.shape:
                raise ValueError(f"{layer} cannot take {weights.shape}")
            layer.weight.copy_(torch.from_numpy(weights))
            if layer.bias is not None:
                layer.bias.copy_(torch.from_numpy(bias))
        elif isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
            layer.running_var.fill_(1 - layer.eps)  # type: ignore[union-attr]
            layer.bias.copy_(torch.from_numpy(bias))


def _convolutions(path: Path) -> Iterator[tuple[Floats32, Floats32]]:
    """Yield weights and bias of each convolution of a file, in the order in which they are computed."""
    graph = onnx.load(path).graph
    stored = stored_weights(graph)
    for node in graph.node:
        if node.op_type == "Conv":
            yield stored[node.input[1]], stored[node.input[2]]


def _layers_in_order(network: DetectorNet) -> list[nn.Module]:
    """Return the convolutions and norms in the order in which they are computed."""
    order: list[nn.Module] = []
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]
    hooks = [layer.register_forward_hook(lambda module, _inputs, _output: order.append(module)) for layer in layers]
    network.eval()
    network(torch.zeros(1, 32, 32, CHANNELS, dtype=torch.uint8))
    for hook in hooks:
        hook.remove()
    return order
