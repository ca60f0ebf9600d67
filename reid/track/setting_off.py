"""Cut from a track the time in which the vehicle only stood, before it set off."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reid import boxes
from reid.vehicle import TrackPoint

AT_HOME, AWAY = 0.25, 0.6
"""Shares of its size by which a vehicle may move while it stands, and by which it has left for sure."""

FIRST_POINTS = 5

HOME_FROM, HOME_TO = 0.8, 0.3
"""Shares of the time for which it must have stood, before it has left, between which its place is measured."""


def since_it_set_off(points: Sequence[TrackPoint], settled_s: float) -> tuple[TrackPoint, ...]:
    """Return the points from when a vehicle set off that had stood for `settled_s` since it was first seen.

    What else stands is often no vehicle, and what passes before it may be taken for it. Where it stood is measured
    shortly before it has left, so that it does not matter since when it was watched.
    """
    rows = boxes.to_array([point.box for point in points])
    times_s = np.array([point.time_s for point in points])
    left = _left(rows, np.arange(len(points)) < FIRST_POINTS)
    if left is None:
        return tuple(points)
    before_s = times_s[left] - times_s
    at_home = (before_s >= HOME_TO * settled_s) & (before_s <= HOME_FROM * settled_s)
    if at_home.any():
        left = _left(rows, at_home) or left
    else:
        at_home = np.arange(len(points)) < FIRST_POINTS
    moved = _moved(rows, at_home)
    set_off = int(np.flatnonzero(moved[: left + 1] <= AT_HOME)[-1:].max(initial=0))
    return tuple(points[set_off:]) if times_s[set_off] - times_s[0] >= settled_s else tuple(points)


def _left(rows: boxes.Boxes, at_home: npt.NDArray[np.bool_]) -> int | None:
    """Return from which point on a vehicle is away from its place."""
    away = np.flatnonzero(_moved(rows, at_home) >= AWAY)
    return int(away[0]) if away.size else None


def _moved(rows: boxes.Boxes, at_home: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return how far each box is from where the vehicle stands at home, in shares of its size there."""
    centres = (rows[:, :2] + rows[:, 2:]) / 2
    size = float(np.sqrt(np.median(boxes.areas(rows[at_home]))))
    return np.asarray(np.linalg.norm(centres - np.median(centres[at_home], axis=0), axis=1) / max(1.0, size))
