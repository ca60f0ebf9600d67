"""Give surfaces an even unrest: one seamless field of noise on many scales, looked up anywhere."""

from functools import lru_cache

import cv2
import numpy as np

from reid.render.mesh import Floats

_SIZE = 512
TURN = _SIZE / (2 * np.pi)
"""So many texels to a radian go round once, without a seam; whole multiples of it do as well."""


@lru_cache(maxsize=1)
def field() -> Floats:
    """Return (512, 512) noise with mean 0 and spread 1; treat it as read-only."""
    rng = np.random.default_rng(1)
    total = np.zeros((_SIZE, _SIZE), np.float32)
    for cells in (4, 8, 16, 32, 64, 128, 256):
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        wrapped = np.pad(coarse, 2, mode="wrap")
        fine = cv2.resize(wrapped, None, fx=_SIZE / cells, fy=_SIZE / cells, interpolation=cv2.INTER_CUBIC)
        edge = 2 * _SIZE // cells
        total += fine[edge : edge + _SIZE, edge : edge + _SIZE] * np.float32((4 / cells) ** 0.75)
    total -= total.mean()
    scaled: Floats = total / total.std()
    return scaled


def at(x: Floats, y: Floats) -> Floats:
    """Return the noise at places in texels."""
    column, row = np.floor(x).astype(np.int32) & (_SIZE - 1), np.floor(y).astype(np.int32) & (_SIZE - 1)
    found: Floats = np.take(field(), row * _SIZE + column)
    return found
