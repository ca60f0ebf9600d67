"""Turn what the locator's network says of each cell into the plates that are most likely there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.plates.networks.grid import OFFSET_PX, STRIDE
from reid.plates.rectify import Quad

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Located:
    """A plate: its `corners` (4, 2) in pixels, top left, top right, bottom right, bottom left; `score` is 0 to 1."""

    corners: Quad
    score: float


def peaks(heat: Floats, offsets: Floats, *, least: float, most: int) -> list[Located]:
    """Return the strongest local maxima of `heat` (h, w), 0 to 1, with their corners from `offsets` (8, h, w)."""
    padded = np.pad(heat, 1)
    height, width = heat.shape
    around = np.max([padded[y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=0)
    rows, columns = np.nonzero((heat >= around) & (heat >= least))
    order = np.argsort(-heat[rows, columns], kind="stable")[:most]
    return [_located(heat, offsets, int(rows[k]), int(columns[k])) for k in order]


def distinct(found: Sequence[Located], overlap: float = 0.3) -> list[Located]:
    """Return the plates best first, without those whose box overlaps that of a better one."""
    kept: list[Located] = []
    for one in sorted(found, key=lambda one: (-one.score, *one.corners[0].tolist())):
        if all(box_iou(one.corners, other.corners) < overlap for other in kept):
            kept.append(one)
    return kept


def box_iou(first: Quad, second: Quad) -> float:
    """Return intersection over union of the upright boxes around two quads."""
    low = np.maximum(first.min(axis=0), second.min(axis=0))
    high = np.minimum(first.max(axis=0), second.max(axis=0))
    common = float(np.prod(np.maximum(high - low, 0)))
    areas = [float(np.prod(quad.max(axis=0) - quad.min(axis=0))) for quad in (first, second)]
    return common / max(sum(areas) - common, 1e-9)


def corner_error(found: Quad, truth: Quad) -> float:
    """Return the mean distance of corners as a share of the true plate's height."""
    height = (np.linalg.norm(truth[3] - truth[0]) + np.linalg.norm(truth[2] - truth[1])) / 2
    return float(np.linalg.norm(found - truth, axis=1).mean() / max(float(height), 1e-9))


def _located(heat: Floats, offsets: Floats, row: int, column: int) -> Located:
    middle = (np.array([column, row], np.float32) + 0.5) * STRIDE
    corners = offsets[:, row, column].reshape(4, 2) * OFFSET_PX + middle
    return Located(corners.astype(np.float32), float(heat[row, column]))
