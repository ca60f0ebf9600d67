"""Look up seamless multi-scale noise, for the texture of surfaces."""

from functools import lru_cache

import cv2
import numpy as np

from reid.arrays import AnyFloats

_SIZE = 512
TURN = _SIZE / (2 * np.pi)
"""Texels to a radian for one seamless turn; whole multiples of it are seamless too."""


@lru_cache(maxsize=1)
def field() -> AnyFloats:
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
    scaled: AnyFloats = total / total.std()
    return scaled


def at(x: AnyFloats, y: AnyFloats) -> AnyFloats:
    """Return the noise at places in texels."""
    column, row = np.floor(x).astype(np.int32) & (_SIZE - 1), np.floor(y).astype(np.int32) & (_SIZE - 1)
    found: AnyFloats = np.take(field(), row * _SIZE + column)
    return found
