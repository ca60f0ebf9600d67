"""Train the plate locator's heat map: targets of composed pictures, losses and validation."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reid.arrays import Floats32
from reid.plates.locate import corner_error, peaks
from reid.plates.networks.blocks import as_input
from reid.plates.networks.grid import OFFSET_PX, STRIDE
from reid.plates.networks.locator import LocatorNet
from reid.training.plates.compose import ComposedPicture, ComposeOptions, compose
from reid.training.plates.scenes import PlateScene
from reid.vehicle import Image

_SPREAD = 0.12
"""Spread of a plate's heat, as a share of its sides."""

_NEAR_ENOUGH = 0.25


@dataclass(frozen=True, slots=True)
class LocatorBatch:
    """Pictures (n, s, s, 3) and the targets of their cells of STRIDE pixels.

    `heat` (n, h, w) is 1 at a plate's middle and falls off around it; `corners` (n, 8, h, w) are in OFFSET_PX;
    `height_px` (n, h, w) is the height of the plate there, 0 without a plate; `counts` (n, h, w) is 0 at unclear
    plates.
    """

    pictures: Image
    heat: Floats32
    corners: Floats32
    height_px: Floats32
    counts: Floats32


@dataclass(frozen=True, slots=True)
class LocatorBatches:
    """Makes batch number k of a seed."""

    scenes: tuple[PlateScene, ...]
    options: ComposeOptions
    seed: int
    size: int

    def __call__(self, number: int) -> LocatorBatch:
        """Compose one batch."""
        rng = np.random.default_rng([self.seed, 53, number])
        return locator_batch([compose(self.scenes, self.options, rng) for _ in range(self.size)])


def locator_batch(pictures: list[ComposedPicture]) -> LocatorBatch:
    """Collate pictures and their targets into a batch."""
    parts = [_targets(picture) for picture in pictures]
    heat, corners, height_px, counts = (np.stack(part) for part in zip(*parts, strict=True))
    return LocatorBatch(np.stack([picture.image for picture in pictures]), heat, corners, height_px, counts)


def heatmap_losses(network: LocatorNet, batch: LocatorBatch) -> Mapping[str, Tensor]:
    """Return the losses of heat (focal, CornerNet's equation 1) and of corners, in plate heights."""
    device = next(network.parameters()).device
    outputs = network(as_input(batch.pictures, device))
    heat, corners, height_px, counts = (
        torch.from_numpy(part).to(device) for part in (batch.heat, batch.corners, batch.height_px, batch.counts)
    )
    plates = heat.eq(1).sum().clamp(min=1)
    return {
        "heat": focal_loss(outputs.logits[:, 0].float(), heat, counts) / plates,
        "corners": _corner_loss(outputs.corners.float(), corners, height_px, heat),
    }


def focal_loss(logits: Tensor, heat: Tensor, counts: Tensor) -> Tensor:
    """Return the summed focal loss, reduced for cells near a plate's middle."""
    chance = logits.sigmoid()
    hit = (1 - chance) ** 2 * functional.logsigmoid(logits) * heat.eq(1)
    miss = (1 - heat) ** 4 * chance**2 * functional.logsigmoid(-logits) * heat.lt(1)
    return -((hit + miss) * counts).sum()


@dataclass(frozen=True, slots=True)
class HeatmapValidation:
    """Scores a network on composed pictures of held-out vehicles."""

    pictures: list[ComposedPicture]
    batch: LocatorBatch

    @classmethod
    def of(cls, pictures: list[ComposedPicture]) -> "HeatmapValidation":
        """Collate the pictures once."""
        return cls(pictures, locator_batch(pictures))

    def __call__(self, network: LocatorNet) -> dict[str, float]:
        """Return the share of located plates less the share of pictures without a plate that seem to show one.

        Located: corners off by less than a quarter of the plate's height, and among as many peaks as there are plates.
        """
        with torch.inference_mode():
            outputs = network(as_input(self.batch.pictures, next(network.parameters()).device))
        heats, offsets = outputs.logits[:, 0].sigmoid().cpu().numpy(), outputs.corners.cpu().numpy()
        errors: list[float] = []
        scores: list[float] = []
        bare: list[float] = []
        for picture, heat, offset in zip(self.pictures, heats, offsets, strict=True):
            found = peaks(heat, offset, least=0.0, most=max(1, len(picture.plates)))
            if len(picture.plates) + len(picture.unclear) == 0:
                bare.append(found[0].score)
            for plate in picture.plates:
                nearest = min(found, key=lambda one: corner_error(one.corners, plate))
                errors.append(corner_error(nearest.corners, plate))
                scores.append(nearest.score)
        right = np.array(errors) < _NEAR_ENOUGH
        line = float(np.quantile(np.array(scores)[right], 0.05)) if right.any() else 0.0
        false = float((np.array(bare) > line).mean())
        located = float(right.mean())
        return {"score": located - false, "located": located, "false": false, "error": float(np.median(errors))}


def _targets(picture: ComposedPicture) -> tuple[Floats32, Floats32, Floats32, Floats32]:
    """Return the targets of one picture: heat, corners, height and counts."""
    cells = picture.image.shape[0] // STRIDE
    x, y = np.meshgrid(*[(np.arange(cells, dtype=np.float32) + 0.5) * STRIDE] * 2)
    heat, height_px = np.zeros((2, cells, cells), np.float32)
    corners = np.zeros((8, cells, cells), np.float32)
    for quad in picture.plates:
        low, high = quad.min(axis=0), quad.max(axis=0)
        middle = quad.mean(axis=0)
        spread = np.clip((high - low) * _SPREAD, STRIDE * 0.4, STRIDE * 2)
        own = np.exp(-(((x - middle[0]) / spread[0]) ** 2 + ((y - middle[1]) / spread[1]) ** 2) / 2)
        nearest = np.unravel_index(int(own.argmax()), own.shape)
        own[nearest] = 1.0
        won = own > heat
        heat = np.maximum(heat, own)
        on_plate = won & (own >= 0.4)
        height_px[on_plate] = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
        for place in range(4):
            corners[2 * place][on_plate] = (quad[place, 0] - x[on_plate]) / OFFSET_PX
            corners[2 * place + 1][on_plate] = (quad[place, 1] - y[on_plate]) / OFFSET_PX
    counts = np.ones_like(heat)
    for quad in picture.unclear:
        low, high = quad.min(axis=0) - STRIDE / 2, quad.max(axis=0) + STRIDE / 2
        counts[(x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]) & (heat < 1)] = 0
    return heat, corners, height_px, counts


def _corner_loss(outputs: Tensor, corners: Tensor, height_px: Tensor, heat: Tensor) -> Tensor:
    """Return the smooth L1 loss of corners, in plate heights."""
    on_plate = height_px > 0
    weight = heat * on_plate
    scale = OFFSET_PX / height_px.clamp(min=4.0)
    off = functional.smooth_l1_loss(outputs * scale[:, None], corners * scale[:, None], beta=0.15, reduction="none")
    return (off.mean(1) * weight).sum() / weight.sum().clamp(min=1.0)
