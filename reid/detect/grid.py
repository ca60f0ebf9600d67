"""Read the detector's output: one row for each place of three grids over the picture."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from reid import boxes
from reid.vehicle import VEHICLE_TYPES

STRIDES = (8, 16, 32)

OUTPUTS = 1 + 4 + len(VEHICLE_TYPES)
"""The logit of a vehicle; the logarithms of how many strides its four sides are away; the logits of the types."""

LARGEST_LOGARITHM = 5.0

Floats = npt.NDArray[np.floating]
Places = npt.NDArray[np.float32]


@lru_cache(maxsize=32)
def places(height: int, width: int) -> Places:
    """Return (n, 3): x and y of the middle of each place, and its stride, the finest first, row by row."""
    rows = []
    for stride in STRIDES:
        y, x = np.mgrid[: height // stride, : width // stride].astype(np.float32)
        middles = [(axis.ravel() + 0.5) * stride for axis in (x, y)]
        rows.append(np.stack([*middles, np.full(x.size, stride, np.float32)], axis=1))
    return np.concatenate(rows).astype(np.float32)


def read_grid(
    told: Floats, height: int, width: int, min_score: float
) -> tuple[boxes.Boxes, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return (n, 4) xyxy boxes, (n,) scores and (n, types) probabilities of the places that see a vehicle.

    `told` is (places, OUTPUTS) for a picture of `height` x `width`.
    """
    rows = np.flatnonzero(told[:, 0] >= np.log(min_score / (1.0 - min_score)))
    seen, where = told[rows].astype(np.float64), places(height, width)[rows].astype(np.float64)
    away = np.exp(np.minimum(seen[:, 1:5], LARGEST_LOGARITHM)) * where[:, 2:]
    found = np.concatenate([where[:, :2] - away[:, :2], where[:, :2] + away[:, 2:]], axis=1)
    likely = np.exp(seen[:, 5:] - seen[:, 5:].max(axis=1, keepdims=True))
    return found, 1.0 / (1.0 + np.exp(-seen[:, 0])), likely / likely.sum(axis=1, keepdims=True)
