"""Trim a finished track to the time in which it shows one driving vehicle, and measure how far that vehicle got."""

import math
from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.arrays import Flags, Floats
from reid.vehicle import TrackPoint

AT_HOME, AWAY = 0.25, 0.6
"""Shares of its size by which a vehicle may move while it stands, and by which it has certainly left."""

FIRST_POINTS = 5

HOME_FROM, HOME_TO = 0.8, 0.3
"""Its standing place is measured between these shares of the settling time, counted back from when it left."""

FADED_POINTS, FADED_SHARE = 10, 0.65
"""A vehicle has faded when the mean score of so many points is neither certain nor this share of its best."""

STEADY_POINTS = 4
"""This many boxes on each side of a jump must be of similar size, unlike those of a vehicle leaving the picture."""

STEADY_RATIO, JUMP_RATIO = 1.3, 1.5


def after_setting_off(points: Sequence[TrackPoint], settled_s: float) -> tuple[TrackPoint, ...]:
    """Return the points from when a vehicle set off that had stood for `settled_s` since it was first seen.

    Other standing objects are often no vehicles, and a vehicle passing in front may be taken for them. The place where
    the vehicle stood is measured shortly before it left, so that the result does not depend on when watching began.
    """
    rows = boxes.to_array([point.box for point in points])
    times_s = np.array([point.time_s for point in points])
    left = _first_away(rows, np.arange(len(points)) < FIRST_POINTS)
    if left is None:
        return tuple(points)
    before_s = times_s[left] - times_s
    at_home = (before_s >= HOME_TO * settled_s) & (before_s <= HOME_FROM * settled_s)
    if at_home.any():
        left = _first_away(rows, at_home) or left
    else:
        at_home = np.arange(len(points)) < FIRST_POINTS
    moved = _moved(rows, at_home)
    set_off = int(np.flatnonzero(moved[: left + 1] <= AT_HOME)[-1:].max(initial=0))
    return tuple(points[set_off:]) if times_s[set_off] - times_s[0] >= settled_s else tuple(points)


def before_fading(points: Sequence[TrackPoint], certain_score: float) -> tuple[TrackPoint, ...]:
    """Return the points without those at the end in which the vehicle is much less sure than it was.

    One that drives away grows small, and unsure boxes then go from one of the vehicles around it to the next.
    """
    length = min(FADED_POINTS, len(points))
    means = np.convolve([point.score for point in points], np.full(length, 1.0 / length), "valid")
    followed = np.flatnonzero(means >= min(certain_score, FADED_SHARE * float(means.max())))
    return tuple(points[: int(followed[-1]) + length])


def without_companions(points: Sequence[TrackPoint]) -> tuple[TrackPoint, ...]:
    """Return the points at which the box holds one vehicle, not two that drive close together.

    These lie after a sudden shrinking that is the first jump in size, and before a sudden growth that is the last.
    """
    jumps = _jumps(boxes.areas(boxes.to_array([point.box for point in points])))
    first = next((at for at, grows in jumps[:1] if not grows), 0)
    last = next((at for at, grows in jumps[-1:] if grows), len(points))
    return tuple(points[first:last])


def travel(rows: boxes.Boxes) -> float:
    """Return how far a track got from where it began, in multiples of its usual size; growth counts as travel."""
    sizes = np.sqrt(boxes.areas(rows))
    centres = _smoothed((rows[:, :2] + rows[:, 2:]) / 2)
    moved = np.linalg.norm(centres - centres[0], axis=1).max() / max(1.0, float(np.median(sizes)))
    grown = abs(math.log(max(1.0, float(sizes[-1])) / max(1.0, float(sizes[0]))))
    return float(max(moved, grown))


def _smoothed(centres: Floats) -> Floats:
    """Return the running median of three: a single box that leaps is no travel."""
    if len(centres) < 5:
        return centres
    return np.asarray(np.median(np.stack([centres[:-2], centres[1:-1], centres[2:]]), axis=0))


def _first_away(rows: boxes.Boxes, at_home: Flags) -> int | None:
    """Return the first point at which a vehicle is away from its place."""
    away = np.flatnonzero(_moved(rows, at_home) >= AWAY)
    return int(away[0]) if away.size else None


def _moved(rows: boxes.Boxes, at_home: Flags) -> Floats:
    """Return the distance of each box from where the vehicle stands at home, in shares of its size there."""
    centres = (rows[:, :2] + rows[:, 2:]) / 2
    size = float(np.sqrt(np.median(boxes.areas(rows[at_home]))))
    return np.asarray(np.linalg.norm(centres - np.median(centres[at_home], axis=0), axis=1) / max(1.0, size))


def _jumps(areas: Floats) -> list[tuple[int, bool]]:
    """Return where the size jumps between two steady stretches, and whether it grows, in order."""
    found: list[tuple[int, bool]] = []
    for at in range(STEADY_POINTS, len(areas) - STEADY_POINTS + 1):
        before, after = areas[at - STEADY_POINTS : at], areas[at : at + STEADY_POINTS]
        ratio = float(np.median(after) / max(1.0, np.median(before)))
        if _is_steady(before) and _is_steady(after) and not 1 / JUMP_RATIO < ratio < JUMP_RATIO:
            found.append((at, ratio > 1.0))
    return found


def _is_steady(areas: Floats) -> bool:
    return bool(areas.max() <= STEADY_RATIO * max(1.0, areas.min()))
