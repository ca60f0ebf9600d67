"""Convert published weights of other projects into ONNX files; only tensors are read from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from reid.appearance.networks.fastreid import FastReID, FastReIDOptions
from reid.appearance.networks.transreid import TransReID, TransReIDOptions
from reid.errors import SeeingError
from reid.training.checkpoint import UNREADABLE
from reid.training.onnx_file import Ports, write_onnx
from reid.weights import PictureInput

SIDE_PX = 256
IMAGENET = PictureInput(SIDE_PX, SIDE_PX, "RGB", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
HALVES = PictureInput(SIDE_PX, SIDE_PX, "RGB", (127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
NOT_SERVED = ("num_batches_tracked", "pixel_mean", "pixel_std")
"""Ends of the names of tensors that inference does not need."""


@dataclass(frozen=True, slots=True)
class Converter:
    """The network of one family of weights, the input of its pictures, and the tensors that are left out."""

    network: Callable[[Mapping[str, Tensor]], nn.Module]
    picture: PictureInput
    left_out: tuple[str, ...]


def _fastreid(weights: Mapping[str, Tensor]) -> nn.Module:
    return FastReID(FastReIDOptions.of(weights))


def _transreid(weights: Mapping[str, Tensor]) -> nn.Module:
    options = TransReIDOptions.of(weights, side_px=SIDE_PX)
    if options is None:
        raise SeeingError(f"no patches of {SIDE_PX} px pictures fit these weights: only nets of that size are known")
    return TransReID(options)


CONVERTERS: Mapping[str, Converter] = {
    "fastreid-r50": Converter(_fastreid, IMAGENET, ("heads.weight", "heads.cls_layer", "heads.classifier")),
    "transreid": Converter(_transreid, HALVES, ("classifier", "bottleneck", "base.fc")),
}
"""Name -> converter: R50-ibn of FastReID for VeRi, VehicleID and VERI-Wild; TransReID for VeRi and VehicleID."""


def convert(file: Path, family: str, onnx: Path) -> PictureInput:
    """Write the network of the file as ONNX, and return the input of its pictures."""
    if family not in CONVERTERS:
        raise SeeingError(f"there is no family {family!r}: known are {', '.join(CONVERTERS)}")
    converter = CONVERTERS[family]
    weights = {name: values for name, values in read_weights(file).items() if _is_served(name, converter)}
    try:
        network = converter.network(weights)
        network.load_state_dict(_with_counters(weights, network))
    except (KeyError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise SeeingError(f"{file} holds no weights of {family} ({reason}): name its family") from None
    example = torch.zeros(2, 3, converter.picture.height_px, converter.picture.width_px)
    free = {name: {0: "pictures"} for name in ("pictures", "vector")}
    write_onnx(network.eval(), (example,), onnx, Ports(("pictures",), ("vector",), free), half=False)
    return converter.picture


def read_weights(file: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name; refuse a file with executable content unread."""
    try:
        read: Any = torch.load(file, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise SeeingError(f"{file} is no file of weights alone ({reason[:120]}): nothing of it was run") from None
    for name in ("model", "state_dict"):
        if isinstance(read, dict) and isinstance(read.get(name), dict):
            read = read[name]
    if not isinstance(read, dict) or not all(isinstance(values, Tensor) for values in read.values()):
        raise SeeingError(f"{file} holds no table of weights: give the file of a whole network")
    return {name.removeprefix("module."): values for name, values in read.items()}


def _is_served(name: str, converter: Converter) -> bool:
    return not name.endswith(NOT_SERVED) and not name.startswith(converter.left_out)


def _with_counters(weights: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Add the norms' batch counters, which inference does not need, so that all other names must match exactly."""
    counters = {name: values for name, values in network.state_dict().items() if name.endswith("num_batches_tracked")}
    return {**weights, **counters}
