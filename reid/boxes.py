"""Compare many boxes at once: arrays are (n, 4) float xyxy pixels."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reid.vehicle import Box

Boxes = npt.NDArray[np.float64]
"""(n, 4) left, top, right, bottom pixels."""


def to_array(boxes: Sequence[Box]) -> Boxes:
    """Return the boxes as (n, 4) xyxy; (0, 4) where there are none."""
    rows = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def to_box(xyxy: npt.ArrayLike) -> Box:
    """Return one xyxy row as a Box."""
    left, top, right, bottom = (float(value) for value in np.asarray(xyxy, dtype=np.float64))
    return Box(left, top, right - left, bottom - top)


def scaled(box: Box, across: float, down: float) -> Box:
    """Return the box in a picture that is so many times as wide and as high."""
    return Box(box.x * across, box.y * down, box.width * across, box.height * down)


def areas(boxes: Boxes) -> npt.NDArray[np.float64]:
    """Return (n,) areas; a box turned inside out has none."""
    area: npt.NDArray[np.float64] = np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None).prod(axis=1)
    return area


def intersections(first: Boxes, second: Boxes) -> npt.NDArray[np.float64]:
    """Return (n, m) areas shared by each pair."""
    top_left = np.maximum(first[:, None, :2], second[None, :, :2])
    bottom_right = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared: npt.NDArray[np.float64] = np.clip(bottom_right - top_left, 0.0, None).prod(axis=2)
    return shared


def iou(first: Boxes, second: Boxes) -> npt.NDArray[np.float64]:
    """Return (n, m) intersection over union; 0 for two empty boxes."""
    shared = intersections(first, second)
    union = areas(first)[:, None] + areas(second)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def shares_inside(inner: Boxes, outer: Boxes) -> npt.NDArray[np.float64]:
    """Return (n, m) share of each inner box's area that lies in each outer box."""
    shared = intersections(inner, outer)
    own = np.broadcast_to(areas(inner)[:, None], shared.shape)
    return np.divide(shared, own, out=np.zeros_like(shared), where=own > 0)


def gaps(first: Boxes, second: Boxes) -> npt.NDArray[np.float64]:
    """Return (n, m, 2) horizontal and vertical gaps in pixels, 0 where the boxes overlap on that axis."""
    apart = np.maximum(first[:, None, :2] - second[None, :, 2:], second[None, :, :2] - first[:, None, 2:])
    return np.clip(apart, 0.0, None)


def hull(boxes: Boxes) -> npt.NDArray[np.float64]:
    """Return (4,) the smallest box around all of one or more boxes."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def clip(boxes: Boxes, width: float, height: float) -> Boxes:
    """Return the boxes cut to a frame of that size."""
    limit = np.array([width, height, width, height])
    return np.clip(boxes, 0.0, limit)


def keep_best(boxes: Boxes, scores: npt.NDArray[np.float64], *, max_iou: float) -> list[int]:
    """Return the rows left by greedy non-maximum suppression, best score first; ties keep the earlier row."""
    left = np.argsort(-scores, kind="stable")
    overlap = iou(boxes, boxes)
    kept: list[int] = []
    while left.size:
        best, left = int(left[0]), left[1:]
        kept.append(best)
        left = left[overlap[best, left] <= max_iou]
    return kept
