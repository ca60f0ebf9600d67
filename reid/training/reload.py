"""Take a network that was exported as ONNX up again, to train it further."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import GraphProto, NodeProto, numpy_helper
from torch import Tensor, nn

from reid.appearance.network import AppearanceNet
from reid.errors import SeeingError

Floats = npt.NDArray[np.float32]

PREFIX = "network."
"""Stands before the name of every weight in a file that `export` wrote."""
HALF = ".half"
"""Stands behind the name of a weight that is stored in 16 bits."""
NORM_OF = {"first": "first_norm", "second": "second_norm", "past.1": "past.2"}
"""Convolution -> the norm by batch that the exporter folded into it, where it did."""


def network_of(path: Path) -> AppearanceNet:
    """Return the network that an ONNX file of ours holds; it gives the same vectors.

    Norms that the exporter folded into their convolutions come back as norms that change nothing but add a bias: hold
    them still while tuning (`TunedNet`), or let them find their figures first (`find_norms`).
    """
    try:
        graph = onnx.load(path).graph
    except Exception as error:  # protobuf raises a class of its own that it does not type
        raise SeeingError(f"{path} is no ONNX file that can be read ({type(error).__name__})") from None
    network = AppearanceNet()
    state = network.state_dict()
    for name, values in _weights(graph, network):
        if name not in state or state[name].shape != values.shape:
            raise SeeingError(
                f"{path} holds {name} {tuple(values.shape)}: only weights of our own network can be tuned"
            )
        state[name] = values
    network.load_state_dict(state)
    return network.eval()


@torch.no_grad()
def find_norms(network: AppearanceNet, pictures: Tensor) -> None:
    """Give the folded norms the figures that they have on these pictures (n, 3, s, s), and change no vector by it."""

    def measure(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        figures = dict(norm.named_buffers())
        if bool(figures["running_mean"].any()):
            return
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3))
        scales = dict(norm.named_parameters())
        scales["weight"].copy_((variance + 1.0 - figures["running_var"]).sqrt())
        scales["bias"].add_(mean)
        figures["running_mean"].copy_(mean)
        figures["running_var"].copy_(variance)

    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(measure) for norm in norms]
    network.eval()(pictures)
    for hook in hooks:
        hook.remove()


def _weights(graph: GraphProto, network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the weights of a graph by their names in the network."""
    stored = {one.name.removesuffix(HALF): numpy_helper.to_array(one).astype(np.float32) for one in graph.initializer}
    for name, values in stored.items():
        if name.startswith(PREFIX):
            yield name.removeprefix(PREFIX), torch.tensor(values)
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1] in stored and len(node.input) == 3:
            yield from _unfolded(_module(node), stored[node.input[1]], stored[node.input[2]], network)
        elif node.op_type == "MatMul" and node.input[1] in stored:
            yield f"{_module(node)}.weight", torch.tensor(stored[node.input[1]].T.copy())


def _module(node: NodeProto) -> str:
    """Return the module that a node came from: /network/blocks/blocks.0/second/Conv is blocks.0.second."""
    parts = node.name.strip("/").split("/")[1:-1]
    kept = [part for i, part in enumerate(parts) if i + 1 == len(parts) or not parts[i + 1].startswith(f"{part}.")]
    return ".".join(kept)


def _unfolded(convolution: str, kernel: Floats, bias: Floats, network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield a convolution with a folded norm as the convolution and a norm that only adds the bias."""
    block, _, place = convolution.partition(".")[2].partition(".")
    norm = f"blocks.{block}.{NORM_OF.get(place, place)}"
    found = network.get_submodule(norm)
    if not isinstance(found, nn.BatchNorm2d):
        raise SeeingError(f"{convolution} was folded with {norm}, which is no norm by batch")
    yield f"{convolution}.weight", torch.tensor(kernel)
    yield f"{norm}.bias", torch.tensor(bias)
    yield f"{norm}.weight", torch.ones(len(bias))
    yield f"{norm}.running_mean", torch.zeros(len(bias))
    yield f"{norm}.running_var", torch.full((len(bias),), 1.0 - found.eps)
