"""Recognise that a track which began later shows a vehicle that was lost a moment before."""

from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.arrays import Floats
from reid.track.false_tracks import is_ridden
from reid.vehicle import TrackPoint

SEEN_S = 1.0
"""The way of a lost vehicle is fitted to its last points of this long."""

MOST_OFF, MOST_GROWN = 0.12, 0.15
"""Boxes lie within this share of their size, and this logarithm of their height, from one straight way."""

STANDS = 0.25
"""A vehicle that gets no further than this share of its size in a second stands: it has no direction."""


def continued_track(lost: Sequence[Sequence[TrackPoint]], later: Sequence[TrackPoint]) -> int | None:
    """Return which of the lost tracks the later one continues best; None if it continues none of them."""
    misfits = [misfit(points, later) for points in lost]
    best = int(np.argmin(misfits)) if misfits else 0
    return best if misfits and misfits[best] <= 1.0 else None


def misfit(lost: Sequence[TrackPoint], later: Sequence[TrackPoint]) -> float:
    """Return how badly one vehicle on a straight way at steady speed explains both tracks; at most 1 is well enough.

    It is infinite where the tracks overlap in time, where one of them alone is called a motorcycle or bicycle, and
    where the first vehicle stood when it was lost (boxes that waver around a parked car do so all day).
    """
    before = [point for point in lost if point.time_s >= lost[-1].time_s - SEEN_S]
    if later[0].time_s <= lost[-1].time_s or is_ridden(before) != is_ridden(later) or _stands(before):
        return np.inf
    sides = np.repeat([0, 1], [len(before), len(later)])
    points = [*before, *later]
    rows, times_s = boxes.to_array([point.box for point in points]), np.array([point.time_s for point in points])
    off, grown = _distances_from_way(rows, times_s, 1.0 / np.bincount(sides)[sides])
    return float(
        max(
            max(np.median(off[sides == side]) / MOST_OFF, np.median(grown[sides == side]) / MOST_GROWN)
            for side in (0, 1)
        )
    )


def _distances_from_way(rows: boxes.Boxes, times_s: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return how far the centres (in sizes) and heights (in logarithms) lie from one straight way at steady speed.

    The height of a vehicle in the picture falls with its distance, so 1 / height stands for the distance; that and the
    centre times it are linear in time for any camera, also where a vehicle comes near and grows.
    """
    sizes = np.maximum(rows[:, 2:] - rows[:, :2], 1.0)
    heights, centres = sizes[:, 1], (rows[:, :2] + rows[:, 2:]) / 2
    middle = centres.mean(axis=0)
    seen = np.column_stack([(centres - middle) / heights[:, None], 1.0 / heights])
    linear = np.column_stack([np.ones_like(times_s), times_s - times_s.mean()])
    scale = (heights * np.sqrt(weights))[:, None]
    way = linear @ np.linalg.lstsq(linear * scale, seen * scale, rcond=None)[0]
    distances = np.maximum(way[:, 2], 1e-6)
    off = np.linalg.norm(way[:, :2] / distances[:, None] + middle - centres, axis=1) / np.sqrt(sizes.prod(axis=1))
    return off, np.abs(np.log(distances * heights))


def _stands(points: Sequence[TrackPoint]) -> bool:
    rows = boxes.to_array([point.box for point in points])
    speed = _slope(np.array([point.time_s for point in points]), (rows[:, :2] + rows[:, 2:]) / 2)
    return bool(np.linalg.norm(speed) < STANDS * np.sqrt(max(1.0, boxes.areas(rows[-1:])[0])))


def _slope(times_s: Floats, places: Floats) -> Floats:
    """Return the change of the places (n, 2) a second: least squares, 0 for a single moment."""
    apart_s = times_s - times_s.mean()
    spread = float((apart_s**2).sum())
    return np.zeros(2) if spread == 0.0 else np.asarray((apart_s[:, None] * places).sum(axis=0) / spread)
