"""Train the network that sets corners right, on rough cuts of the pictures that the locator learns from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reid.plates.networks.corners import CornersNet
from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_WIDTH_PX
from reid.training.plates.corner_batches import CornerBatch
from reid.training.plates.picture_input import as_input


def losses(network: CornersNet, batch: CornerBatch) -> Mapping[str, Tensor]:
    """Return what the network gets wrong: corners of plates, gently where it is much, and which cuts are plates."""
    device = next(network.parameters()).device
    said = network(as_input(batch.cuts, device))
    offsets, plates = (torch.from_numpy(part).to(device) for part in (batch.offsets, batch.plates))
    off = functional.smooth_l1_loss(said.offsets.float(), offsets, beta=0.02, reduction="none").mean(1)
    return {
        "corners": 10 * (off * plates).sum() / plates.sum().clamp(min=1),
        "plate": functional.binary_cross_entropy_with_logits(said.logits.float(), plates),
    }


@dataclass(frozen=True, slots=True)
class Validation:
    """Scores a network on cuts of vehicles that it never saw."""

    batch: CornerBatch

    def __call__(self, network: CornersNet) -> dict[str, float]:
        """Return minus the median error in heights of a plate, that error, the one before, and mistaken cuts."""
        with torch.inference_mode():
            said = network(as_input(self.batch.cuts, next(network.parameters()).device))
        plates = self.batch.plates > 0
        before = self.batch.offsets.reshape(-1, 4, 2)[plates]
        after = before - said.offsets.float().cpu().numpy().reshape(-1, 4, 2)[plates]
        sure = said.logits.cpu().numpy() > 0
        error, rough = (float(np.median(_error(part))) for part in (after, before))
        missed, false = float((~sure[plates]).mean()), float(sure[~plates].mean())
        return {"score": -error, "error": error, "rough": rough, "missed": missed, "false": false}


def _error(offsets: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the mean distance of corners (n, 4, 2) as shares of the height of a plate as wide as cuts show it."""
    stretched = offsets * np.array([CUT_WIDTH_PX / CUT_HEIGHT_PX, 1.0])
    return np.asarray(np.linalg.norm(stretched, axis=2).mean(axis=1), np.float64)
