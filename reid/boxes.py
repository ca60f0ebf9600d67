"""Compute with many boxes at once: arrays are (n, 4) float xyxy pixels."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reid.arrays import Floats
from reid.vehicle import RIDDEN, Box, Detection

Boxes = npt.NDArray[np.float64]
"""(n, 4) left, top, right, bottom pixels."""

PART_INSIDE, PART_SURER, PART_LARGER = 0.75, 0.8, 1.1
"""A part lies inside the whole by this share; the whole has more than this share of its score, and times its area."""

HELD_SCORE, HELD_INSIDE, HELD_SMALLER = 0.3, 0.75, 0.6
"""Another detection of this score is held that lies inside by this share and has less than this share of the area."""


def to_array(boxes: Sequence[Box]) -> Boxes:
    """Return the boxes as (n, 4) xyxy; (0, 4) where there are none."""
    rows = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def to_boxes(rows: Boxes) -> list[Box]:
    """Return the (n, 4) xyxy rows as Box values."""
    return [Box(left, top, right - left, bottom - top) for left, top, right, bottom in rows.tolist()]


def to_box(row: npt.ArrayLike) -> Box:
    """Return one xyxy row as a Box."""
    return to_boxes(np.asarray(row, dtype=np.float64)[None])[0]


def areas(boxes: Boxes) -> Floats:
    """Return (n,) areas; 0 for a box whose right or bottom edge lies before the left or top."""
    area: Floats = np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None).prod(axis=1)
    return area


def intersections(first: Boxes, second: Boxes) -> Floats:
    """Return (n, m) areas shared by each pair."""
    top_left = np.maximum(first[:, None, :2], second[None, :, :2])
    bottom_right = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared: Floats = np.clip(bottom_right - top_left, 0.0, None).prod(axis=2)
    return shared


def iou(first: Boxes, second: Boxes) -> Floats:
    """Return (n, m) intersection over union; 0 for two empty boxes."""
    shared = intersections(first, second)
    union = areas(first)[:, None] + areas(second)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def shares_inside(inner: Boxes, outer: Boxes) -> Floats:
    """Return (n, m) share of each inner box's area that lies in each outer box."""
    shared = intersections(inner, outer)
    own = np.broadcast_to(areas(inner)[:, None], shared.shape)
    return np.divide(shared, own, out=np.zeros_like(shared), where=own > 0)


def gaps(first: Boxes, second: Boxes) -> Floats:
    """Return (n, m, 2) horizontal and vertical gaps in pixels, 0 where the boxes overlap on that axis."""
    apart = np.maximum(first[:, None, :2] - second[None, :, 2:], second[None, :, :2] - first[:, None, 2:])
    return np.clip(apart, 0.0, None)


def hull(boxes: Boxes) -> Floats:
    """Return (4,) the smallest box around one or more boxes."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def clip(boxes: Boxes, width: float, height: float) -> Boxes:
    """Return the boxes cut to a frame of that size."""
    limit = np.array([width, height, width, height])
    return np.clip(boxes, 0.0, limit)


def non_maximum_suppression(boxes: Boxes, scores: Floats, *, max_iou: float) -> list[int]:
    """Return the rows kept by greedy non-maximum suppression, best score first; ties keep the earlier row."""
    left = np.argsort(-scores, kind="stable")
    overlap = iou(boxes, boxes)
    kept: list[int] = []
    while left.size:
        best, left = int(left[0]), left[1:]
        kept.append(best)
        left = left[overlap[best, left] <= max_iou]
    return kept


def without_parts(detections: Sequence[Detection]) -> list[Detection]:
    """Return the detections without those that show a part of a larger vehicle, in the order given.

    A motorcycle or bicycle is never a part: it is narrow enough to be in front of a larger vehicle.
    """
    if len(detections) < 2:
        return list(detections)
    rows = to_array([detection.box for detection in detections])
    sizes, scores = areas(rows), np.array([detection.score for detection in detections])
    inside = shares_inside(rows, rows) >= PART_INSIDE
    whole = (sizes[None] > PART_LARGER * sizes[:, None]) & (PART_SURER * scores[None] > scores[:, None])
    parts = set(np.flatnonzero((inside & whole).any(axis=1)).tolist())
    return [found for row, found in enumerate(detections) if row not in parts or found.label in RIDDEN]


def hold_others(detections: Sequence[Detection]) -> list[bool]:
    """Say of each detection whether another, much smaller one lies in it, as in a box around a stretch of road."""
    rows = to_array([detection.box for detection in detections])
    sizes, scores = areas(rows), np.array([detection.score for detection in detections])
    held = (shares_inside(rows, rows) >= HELD_INSIDE) & (sizes[:, None] < HELD_SMALLER * sizes[None])
    holding: list[bool] = np.asarray((held & (scores >= HELD_SCORE)[:, None]).any(axis=0)).tolist()
    return holding
