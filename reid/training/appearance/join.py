"""Make the packaged kind of weights: two trained networks in one file, and the projection that shortens vectors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from reid.appearance.network import AppearanceNet
from reid.appearance.networks.efficientnet_lite import DIMS, StripedNet
from reid.appearance.networks.joined import JoinedNet
from reid.arrays import Floats32
from reid.training.appearance.batches import normalise
from reid.training.appearance.datasets import BOX_SIDE_PX, Crops
from reid.training.appearance.distillation import principal_directions
from reid.training.appearance.export import export_onnx, load_part, write_appearance_card
from reid.training.appearance.rendered import RenderOptions, rendered_crops
from reid.training.loop import TrainingProgress
from reid.weights import Card, file_sha256

PICTURES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class JoinRecipe:
    """The files of both networks, and rendered vehicles: what their vectors vary along is kept."""

    first: Path
    second: Path
    render: RenderOptions
    dims: int = DIMS
    name: str = "appearance"


def join_networks(recipe: JoinRecipe, out: Path, cache: Path, progress: TrainingProgress) -> Card:
    """Write `out`/NAME.onnx and its card."""
    out.mkdir(parents=True, exist_ok=True)
    first, second = load_part(recipe.first, AppearanceNet), load_part(recipe.second, StripedNet)
    network = joined(first, second, rendered_crops(recipe.render, cache, progress.rendered), recipe.dims)
    onnx = out / f"{recipe.name}.onnx"
    export_onnx(network, onnx, side_px=BOX_SIDE_PX, half=True, large_in_bytes=True)
    files = " and ".join(f"the file of SHA-256 {file_sha256(path)}" for path in (recipe.first, recipe.second))
    source = f"retrace train joined: {files}, {recipe.dims} principal directions of both on rendered vehicles"
    return write_appearance_card(onnx, name=recipe.name, side_px=BOX_SIDE_PX, source=source)


@torch.no_grad()
def joined(first: AppearanceNet, second: StripedNet, crops: Crops, dims: int) -> JoinedNet:
    """Return both networks as one, whose vectors keep the principal directions of the crops."""
    network = JoinedNet(dims=dims).eval()
    network.first.load_state_dict(first.state_dict())
    network.second.load_state_dict(second.state_dict())
    directions = principal_directions(_side_by_side(network, crops), dims)
    network.shorten.weight.copy_(torch.from_numpy(directions.T.copy()))
    return network


def _side_by_side(network: JoinedNet, crops: Crops) -> Floats32:
    """Return the long vectors of the boxes, without their margin."""
    starts = range(0, len(crops), PICTURES_AT_ONCE)
    parts = [network.side_by_side(normalise(crops.boxes[start : start + PICTURES_AT_ONCE])).numpy() for start in starts]
    return np.concatenate(parts)
