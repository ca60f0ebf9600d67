"""Recognise tracks that follow no whole vehicle: a part of a larger one, or a box around a stretch of road."""

from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.arrays import Flags
from reid.vehicle import RIDDEN, TrackPoint

SURE_SCORE = 0.6
"""A track of a higher mean score is a vehicle, whatever is found inside it, and a motorcycle, whatever is behind it."""

PART_INSIDE, PART_IOU = 0.7, 0.3
"""A box inside a larger certain one by this share, or overlapping it by this IoU, may show a part of its vehicle."""

PART_SHARE = 0.4
"""A vehicle that drives beside or behind a larger one is apart from it in more than the rest of its frames."""


def are_parts(found: boxes.Boxes, certain: Flags) -> Flags:
    """Say for each of the boxes (n, 4) whether it may show a part of the vehicle in a larger certain one."""
    if len(found) < 2:
        return np.zeros(len(found), dtype=np.bool_)
    sizes = boxes.areas(found)
    larger = certain[None, :] & (sizes[None, :] > sizes[:, None])
    covered = (boxes.shares_inside(found, found) > PART_INSIDE) | (boxes.iou(found, found) > PART_IOU)
    return np.asarray((covered & larger).any(axis=1))


def is_part(points: Sequence[TrackPoint], part_frames: int) -> bool:
    """Say whether a track showed a part of a larger vehicle too often; a motorcycle may pass before a larger one."""
    if part_frames <= PART_SHARE * len(points):
        return False
    return not (is_ridden(points) and _is_sure(points))


def is_road(points: Sequence[TrackPoint], holding_frames: int) -> bool:
    """Say whether an unsure box held smaller vehicles most of the time: it is around a stretch of road, or a house."""
    return 2 * holding_frames > len(points) and not _is_sure(points)


def is_ridden(points: Sequence[TrackPoint]) -> bool:
    """Say whether a track is mostly called a motorcycle or bicycle."""
    return 2 * sum(point.label in RIDDEN for point in points) > len(points)


def _is_sure(points: Sequence[TrackPoint]) -> bool:
    return bool(np.mean([point.score for point in points]) >= SURE_SCORE)
