"""Put the pictures of a batch together as the appearance network takes them."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from reid.training.augmentation import CameraOptions, as_another_camera
from reid.training.datasets import Crops
from reid.training.sampling import TwinSampler

MEAN, SPREAD = 114.75, 63.75
"""The net sees (pixel - MEAN) / SPREAD in every channel."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Normalised pictures (n, 3, s, s) and their labels (n,); headings are those of the pictures as they are shown."""

    pictures: Tensor
    vehicle: Tensor
    type: Tensor
    colour: Tensor
    heading_deg: Tensor

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        return Batch(*(part.to(device, non_blocking=True) for part in (
            self.pictures, self.vehicle, self.type, self.colour, self.heading_deg,
        )))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Early:
    """The first steps, and the camera of theirs: smaller pictures teach nearly as much and cost half."""

    steps: int
    camera: CameraOptions


class BatchMaker:
    """Make the batch of any step; the same step gives the same batch, whichever thread makes it."""

    def __init__(self, crops: Crops, sampler: TwinSampler, camera: CameraOptions, *, early: Early, seed: int) -> None:
        """Take the crops; `camera` shows them when the early steps are over."""
        self._crops = crops
        self._sampler = sampler
        self._camera = camera
        self._early = early
        self._seed = seed

    def __call__(self, step: int) -> Batch:
        """Return the batch of a step."""
        rows = self._sampler.batch(step)
        rng = np.random.default_rng([self._seed, step, 1])
        camera = self._early.camera if step < self._early.steps else self._camera
        shown = [as_another_camera(self._crops.pictures[row], camera, rng) for row in rows.tolist()]
        sign = np.where([mirrored for _, mirrored in shown], -1.0, 1.0)
        return Batch(
            normalise(np.stack([picture for picture, _ in shown])),
            torch.from_numpy(self._crops.vehicle[rows]),
            torch.from_numpy(self._crops.type[rows]),
            torch.from_numpy(self._crops.colour[rows]),
            torch.from_numpy((self._crops.heading_deg[rows] * sign).astype(np.float32)),
        )


def normalise(pictures: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Tensor:
    """Return RGB pictures (n, s, s, 3) as the net takes them: (n, 3, s, s) floats, laid out channels last."""
    return (torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() - MEAN) / SPREAD
