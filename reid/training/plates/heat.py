"""Say what the locator's heat map and rough corners get wrong, and score them on vehicles never seen."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reid.plates.candidates import corner_error, peaks
from reid.plates.networks.grid import OFFSET_PX
from reid.plates.networks.locator import LocatorNet
from reid.training.plates.compose import Composed
from reid.training.plates.locator_batches import LocatorBatch, batch_of
from reid.training.plates.picture_input import as_input

_NEAR_ENOUGH = 0.25


def losses(network: LocatorNet, batch: LocatorBatch) -> Mapping[str, Tensor]:
    """Return what the network gets wrong: heat (focal, CornerNet's equation 1) and corners, in heights of plates."""
    device = next(network.parameters()).device
    said = network(as_input(batch.pictures, device))
    heat, corners, height_px, counts = (
        torch.from_numpy(part).to(device) for part in (batch.heat, batch.corners, batch.height_px, batch.counts)
    )
    plates = heat.eq(1).sum().clamp(min=1)
    return {
        "heat": focal(said.logits[:, 0].float(), heat, counts) / plates,
        "corners": _corner_loss(said.corners.float(), corners, height_px, heat),
    }


def focal(logits: Tensor, heat: Tensor, counts: Tensor) -> Tensor:
    """Return the summed focal loss: cells near a middle are forgiven the more, the nearer they are."""
    chance = logits.sigmoid()
    hit = (1 - chance) ** 2 * functional.logsigmoid(logits) * heat.eq(1)
    miss = (1 - heat) ** 4 * chance**2 * functional.logsigmoid(-logits) * heat.lt(1)
    return -((hit + miss) * counts).sum()


@dataclass(frozen=True, slots=True)
class Validation:
    """Scores a network on composed pictures of vehicles that it never saw."""

    pictures: list[Composed]
    batch: LocatorBatch

    @classmethod
    def of(cls, pictures: list[Composed]) -> "Validation":
        """Keep pictures."""
        return cls(pictures, batch_of(pictures))

    def __call__(self, network: LocatorNet) -> dict[str, float]:
        """Return the share of plates whose corners are right, less the share of bare pictures taken for one.

        Right: off by less than a quarter of the plate's height on average, and among as many peaks as there are plates.
        """
        with torch.inference_mode():
            said = network(as_input(self.batch.pictures, next(network.parameters()).device))
        heats, offsets = said.logits[:, 0].sigmoid().cpu().numpy(), said.corners.cpu().numpy()
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


def _corner_loss(said: Tensor, corners: Tensor, height_px: Tensor, heat: Tensor) -> Tensor:
    """Return the mean error of corners in heights of the plate, gently where it is large."""
    told = height_px > 0
    weight = heat * told
    scale = OFFSET_PX / height_px.clamp(min=4.0)
    off = functional.smooth_l1_loss(said * scale[:, None], corners * scale[:, None], beta=0.15, reduction="none")
    return (off.mean(1) * weight).sum() / weight.sum().clamp(min=1.0)
