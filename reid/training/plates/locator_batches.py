"""Turn composed pictures into what the locator should say of them, cell by cell."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.plates.networks.grid import OFFSET_PX, STRIDE
from reid.training.plates.compose import Composed, ComposeOptions, compose
from reid.training.plates.scenes import Scene
from reid.vehicle import Image

Floats = npt.NDArray[np.float32]

_SPREAD = 0.12
"""How far a plate's heat spreads, as a share of its sides."""


@dataclass(frozen=True, slots=True)
class LocatorBatch:
    """Pictures (n, s, s, 3) and, for cells of STRIDE pixels, what is true of them.

    `heat` (n, h, w) is 1 at a plate's middle and falls off around it; `corners` (n, 8, h, w) are in OFFSET_PX, and
    `height_px` (n, h, w) is the height of the plate there, 0 where there is none; `counts` (n, h, w) is 0 where
    nobody can tell.
    """

    pictures: Image
    heat: Floats
    corners: Floats
    height_px: Floats
    counts: Floats


@dataclass(frozen=True, slots=True)
class LocatorBatches:
    """Makes batch number k of a seed."""

    scenes: tuple[Scene, ...]
    options: ComposeOptions
    seed: int
    size: int

    def __call__(self, number: int) -> LocatorBatch:
        """Compose one batch."""
        rng = np.random.default_rng([self.seed, 53, number])
        return batch_of([compose(self.scenes, self.options, rng) for _ in range(self.size)])


def batch_of(pictures: list[Composed]) -> LocatorBatch:
    """Return pictures with their targets."""
    parts = [_targets(picture) for picture in pictures]
    heat, corners, height_px, counts = (np.stack(part) for part in zip(*parts, strict=True))
    return LocatorBatch(np.stack([picture.image for picture in pictures]), heat, corners, height_px, counts)


def _targets(picture: Composed) -> tuple[Floats, Floats, Floats, Floats]:
    """Return heat, corners, height and counts of one picture."""
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
        told = won & (own >= 0.4)
        height_px[told] = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
        for place in range(4):
            corners[2 * place][told] = (quad[place, 0] - x[told]) / OFFSET_PX
            corners[2 * place + 1][told] = (quad[place, 1] - y[told]) / OFFSET_PX
    counts = np.ones_like(heat)
    for quad in picture.unclear:
        low, high = quad.min(axis=0) - STRIDE / 2, quad.max(axis=0) + STRIDE / 2
        counts[(x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]) & (heat < 1)] = 0
    return heat, corners, height_px, counts
