"""Tell people on foot, whom a detector takes for motorcycles, by how fast they get on over the ground."""

from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.appearance.attributes import FOCAL_WIDTHS
from reid.arrays import Floats
from reid.scene.parked import UNSURE
from reid.vehicle import RIDDEN, Track, TrackPoint

WALKING = 1.5
"""Heights a second: people of 1.7 m that walk or jog get on by less."""

STRIDE_S = 1.5
"""A speed is measured over this long, because a height in pixels wavers from frame to frame."""

LEAST_POINTS = 5


def is_walker(track: Track, width_px: int) -> bool:
    """Say whether a track that the detector is unsure of, and mostly calls a motorcycle, gets on at walking pace.

    A motorcycle that waits for most of its track does so too: only one that looks little like it is taken for a person.
    """
    points = track.points
    ridden = sum(point.label in RIDDEN for point in points)
    if 2 * ridden <= len(points) or np.mean([point.score for point in points]) >= UNSURE:
        return False
    speeds = ground_speeds(points, width_px)
    return bool(speeds.size and np.median(speeds) < WALKING)


def ground_speeds(points: Sequence[TrackPoint], width_px: int) -> Floats:
    """Return the speed over the ground (n,), in heights a second, of each stretch of STRIDE_S; none of a short track.

    What keeps its height is at X = (x - middle) / h and Z = f / h, in units of that height.
    """
    rows = boxes.to_array([point.box for point in points])
    times_s = np.array([point.time_s for point in points])
    heights = np.maximum(rows[:, 3] - rows[:, 1], 1.0)
    near = np.lib.stride_tricks.sliding_window_view(np.pad(heights, 2, mode="edge"), 5)
    heights = np.median(near, axis=1)
    middles = (rows[:, 0] + rows[:, 2] - width_px) / 2
    places = np.stack([middles / heights, FOCAL_WIDTHS * width_px / heights], axis=1)
    stretches = [(times_s >= from_s) & (times_s <= from_s + STRIDE_S) for from_s in times_s]
    last_s = max(times_s[0], times_s[-1] - STRIDE_S)
    usable = [inside for from_s, inside in zip(times_s, stretches, strict=True) if from_s <= last_s]
    return np.array([_speed(times_s[inside], places[inside]) for inside in usable if inside.sum() >= LEAST_POINTS])


def _speed(times_s: Floats, places: Floats) -> float:
    """Return how far the places (n, 2) move a second: least squares."""
    apart_s = times_s - times_s.mean()
    return float(np.linalg.norm((apart_s[:, None] * places).sum(axis=0) / (apart_s**2).sum()))
