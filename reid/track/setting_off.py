"""Cut from a track the time in which the vehicle only stood, before it set off."""

from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.vehicle import TrackPoint

AT_HOME, AWAY = 0.25, 0.6
"""Shares of its size by which a vehicle may move while it stands, and by which it has left for sure."""

FIRST_POINTS = 5


def since_it_set_off(points: Sequence[TrackPoint], settled_s: float) -> tuple[TrackPoint, ...]:
    """Return the points from when a vehicle set off that had stood for `settled_s` since it was first seen.

    What else stands is often no vehicle, and what passes before it may be taken for it.
    """
    rows = boxes.to_array([point.box for point in points])
    centres, size = (rows[:, :2] + rows[:, 2:]) / 2, np.sqrt(np.median(boxes.areas(rows[:FIRST_POINTS])))
    moved = np.linalg.norm(centres - np.median(centres[:FIRST_POINTS], axis=0), axis=1) / max(1.0, float(size))
    left = np.flatnonzero(moved >= AWAY)
    if not left.size:
        return tuple(points)
    set_off = int(np.flatnonzero(moved[: left[0] + 1] <= AT_HOME)[-1:].max(initial=0))
    return tuple(points[set_off:]) if points[set_off].time_s - points[0].time_s >= settled_s else tuple(points)
