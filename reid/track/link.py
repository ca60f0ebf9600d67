"""Recognise that a track which began later shows a vehicle that was lost a moment before."""

from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.arrays import Floats
from reid.vehicle import TrackPoint

SPEED_S = 1.0
"""The speed of a lost vehicle is measured over this long before it was lost."""

LEAST_IOU = 0.3
"""The lost vehicle, driving on at its speed, has to overlap the later track's first box by so much."""

LARGEST_RATIO = 1.6
"""The sizes of one vehicle at both ends of a gap differ by no more than this."""

STANDS = 0.25
"""A vehicle that gets less than this share of its size away, or so far in a second, stands: it has no direction."""


def continued_track(lost: Sequence[Sequence[TrackPoint]], later: Sequence[TrackPoint]) -> int | None:
    """Return which of the lost tracks the later one continues best; None if it continues none of them."""
    likeness = [continuity(points, later) for points in lost]
    best = int(np.argmax(likeness)) if likeness else 0
    return best if likeness and likeness[best] >= LEAST_IOU else None


def continuity(lost: Sequence[TrackPoint], later: Sequence[TrackPoint]) -> float:
    """Return the IoU of a later track's first box and of the lost vehicle, if that drove on at its speed.

    It is 0 where the tracks overlap in time, where the sizes are those of two vehicles, where the first one stood when
    it was lost (boxes that waver around a parked car do so all day), and where the later one comes back.
    """
    if later[0].time_s <= lost[-1].time_s:
        return 0.0
    last, first, now = (boxes.to_array([point.box]) for point in (lost[-1], later[0], later[-1]))
    sizes = np.sqrt(np.maximum(boxes.areas(np.concatenate([last, first])), 1.0))
    if not 1 / LARGEST_RATIO <= sizes[1] / sizes[0] <= LARGEST_RATIO:
        return 0.0
    speed = _last_speed(lost)
    if np.linalg.norm(speed) < STANDS * sizes[0] or _turns_back(last, first, now, sizes[1]):
        return 0.0
    driven_on = last + np.tile(speed * (later[0].time_s - lost[-1].time_s), 2)
    return float(boxes.iou(driven_on, first)[0, 0])


def _turns_back(last: boxes.Boxes, first: boxes.Boxes, now: boxes.Boxes, size: float) -> bool:
    """Say whether a vehicle moves against the way that it took across the gap."""
    across, since = (_centre(after) - _centre(before) for before, after in ((last, first), (first, now)))
    moves = min(np.linalg.norm(across), np.linalg.norm(since)) >= STANDS * size
    return bool(moves and across @ since < 0)


def _last_speed(lost: Sequence[TrackPoint]) -> Floats:
    """Return the speed (2,) in pixels a second that a vehicle had when it was lost."""
    used = [point for point in lost if point.time_s >= lost[-1].time_s - SPEED_S]
    rows = boxes.to_array([point.box for point in used])
    return _slope(np.array([point.time_s for point in used]), (rows[:, :2] + rows[:, 2:]) / 2)


def _centre(row: boxes.Boxes) -> Floats:
    return np.asarray((row[0, :2] + row[0, 2:]) / 2)


def _slope(times_s: Floats, places: Floats) -> Floats:
    """Return the change of the places (n, 2) a second: least squares, 0 for a single moment."""
    apart_s = times_s - times_s.mean()
    spread = float((apart_s**2).sum())
    return np.zeros(2) if spread == 0.0 else np.asarray((apart_s[:, None] * places).sum(axis=0) / spread)
