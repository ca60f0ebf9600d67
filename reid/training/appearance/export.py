"""Write a trained appearance network as an ONNX file with its card, and load such a file to train it further."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import onnx
import torch
from onnx import GraphProto, NodeProto
from torch import Tensor, nn

from reid.appearance.network import AppearanceNet, VehicleNet
from reid.appearance.networks.efficientnet_lite import StripedNet
from reid.appearance.networks.joined import JoinedNet
from reid.arrays import Floats32
from reid.errors import SeeingError
from reid.training.appearance.batches import MEAN, SPREAD
from reid.training.onnx_file import Ports, ServedNetwork, stored_weights, write_onnx, write_onnx_card
from reid.weights import Card, PictureInput

OUTPUTS = ("vector", "types", "colours", "heading")
PREFIX = "network."
"""Starts the name of every weight in an exported file."""

NORM_OF = {"past.1": "past.2"}
"""Convolution -> the norm that the exporter folds into it, where that is not called as the convolution + _norm."""

Network = TypeVar("Network", bound=VehicleNet)

KINDS: Mapping[str, Callable[[], VehicleNet]] = {"/network/first/": JoinedNet, "/network/body/": StripedNet}
"""How the names of some nodes begin -> the kind of network; a file without them holds the kind of `AppearanceNet`."""


def export_onnx(
    network: VehicleNet, path: Path, *, side_px: int, half: bool = False, large_in_bytes: bool = False
) -> None:
    """Write the network with a free batch size; batch norms are folded into their convolutions.

    `half` stores the weights in 16 bits, the large ones in 8 if wanted: they are computed with in 32 all the same.
    """
    ports = Ports(("pictures",), OUTPUTS, {name: {0: "pictures"} for name in ("pictures", *OUTPUTS)})
    example = torch.zeros(2, 3, side_px, side_px)
    write_onnx(ServedNetwork(network, _serve), (example,), path, ports, half=half, large_in_bytes=large_in_bytes)


def write_appearance_card(onnx: Path, *, name: str, side_px: int, source: str) -> Card:
    """Write the card beside the file and return it."""
    picture = PictureInput(side_px, side_px, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
    return write_onnx_card(onnx, name=name, task="appearance", source=source, picture=picture, output="vector")


def load_network(path: Path) -> VehicleNet:
    """Return the network of one of our ONNX files, whatever its kind; it gives the same vectors.

    Batch norms that were folded into their convolutions come back as norms that only add a bias: freeze them while
    tuning (`TunedNet`), or restore their statistics first (`restore_norms`).
    """
    graph = _graph(path)
    names = [node.name for node in graph.node]
    kind = next((kind for start, kind in KINDS.items() if any(name.startswith(start) for name in names)), AppearanceNet)
    return _loaded(kind(), graph, path)


def load_part(path: Path, kind: type[Network]) -> Network:
    """Return the network of that kind in a file: the whole, or one of two that were joined."""
    network = load_network(path)
    parts = (network, network.first, network.second) if isinstance(network, JoinedNet) else (network,)
    found = next((part for part in parts if isinstance(part, kind)), None)
    if found is None:
        raise SeeingError(f"{path} holds a {type(network).__name__}, not a {kind.__name__}: give another file")
    return found


def _graph(path: Path) -> GraphProto:
    try:
        return onnx.load(path).graph
    except Exception as error:  # protobuf raises a class of its own that it does not type
        raise SeeingError(f"{path} is not a readable ONNX file ({type(error).__name__})") from None


def _loaded(network: Network, graph: GraphProto, path: Path) -> Network:
    """Return the network with the weights of a graph of its kind."""
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
def restore_norms(network: VehicleNet, pictures: Tensor) -> None:
    """Restore the statistics of folded norms from these pictures (n, 3, s, s) without changing any vector."""

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


def _serve(network: VehicleNet, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return OUTPUTS of normalised pictures (n, 3, h, w): probabilities instead of logits."""
    outputs = network(pictures)
    return outputs.vector, outputs.type_logits.softmax(1), outputs.colour_logits.softmax(1), outputs.heading


def _weights(graph: GraphProto, network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the weights of a graph under their names in the network."""
    stored = stored_weights(graph)
    for name, values in stored.items():
        if name.startswith(PREFIX):
            yield name.removeprefix(PREFIX), torch.tensor(values)
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1] in stored and len(node.input) == 3:
            yield from _unfolded(_module(node), stored[node.input[1]], stored[node.input[2]], network)
        elif node.op_type == "MatMul" and node.input[1] in stored:
            yield f"{_module(node)}.weight", torch.tensor(stored[node.input[1]].T.copy())


def _module(node: NodeProto) -> str:
    """Return the module of a node: /network/blocks/blocks.0/second/Conv is blocks.0.second."""
    parts = node.name.strip("/").split("/")[1:-1]
    kept = [part for i, part in enumerate(parts) if i + 1 == len(parts) or not parts[i + 1].startswith(f"{part}.")]
    return ".".join(kept)


def _unfolded(convolution: str, kernel: Floats32, bias: Floats32, network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the weights of a convolution with a folded norm: the convolution, and a norm that only adds the bias."""
    shortcut = next((name for name in NORM_OF if convolution.endswith(name)), None)
    norm = convolution.removesuffix(shortcut) + NORM_OF[shortcut] if shortcut else f"{convolution}_norm"
    found = network.get_submodule(norm)
    if not isinstance(found, nn.BatchNorm2d):
        raise SeeingError(f"{convolution} was folded with {norm}, which is no batch norm")
    yield f"{convolution}.weight", torch.tensor(kernel)
    yield f"{norm}.bias", torch.tensor(bias)
    yield f"{norm}.weight", torch.ones(len(bias))
    yield f"{norm}.running_mean", torch.zeros(len(bias))
    yield f"{norm}.running_var", torch.full((len(bias),), 1.0 - found.eps)
