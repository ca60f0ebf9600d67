"""Tell which way a vehicle drives in the picture, from how its box moves and grows."""

import math
from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.vehicle import TrackPoint

FOCAL_WIDTHS = 0.9
"""Focal length of an ordinary camera in picture widths (58 degrees across)."""

LEAST_TRAVEL = 1.0
"""In heights of the vehicle: less tells no direction."""

BORDER_PX = 3.0


def heading_deg(points: Sequence[TrackPoint], width_px: int, height_px: int) -> float | None:
    """Return the heading on the ground, clockwise from straight away from the camera; None where it hardly moved.

    A vehicle is as high as it is, so its height in pixels gives its distance: in units of that height it is at
    X = (x - middle) / h, Z = f / h. The heading is the direction from where it was first to where it was last.
    """
    rows = boxes.to_array([point.box for point in points])
    rows = rows[_whole(rows, width_px, height_px)]
    if len(rows) < 4:
        return None
    heights = _smooth(rows[:, 3] - rows[:, 1])
    across = (rows[:, [0, 2]].mean(axis=1) - width_px / 2) / heights
    away = FOCAL_WIDTHS * width_px / heights
    third = max(2, len(rows) // 3)
    right = float(np.median(across[-third:]) - np.median(across[:third]))
    ahead = float(np.median(away[-third:]) - np.median(away[:third]))
    if math.hypot(right, ahead) < LEAST_TRAVEL:
        return None
    return round(math.degrees(math.atan2(right, ahead)) % 360.0, 1)


def _whole(rows: boxes.Boxes, width_px: int, height_px: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which boxes are not cut off by the edge of the frame."""
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        (rows[:, 0] > BORDER_PX)
        & (rows[:, 1] > BORDER_PX)
        & (rows[:, 2] < width_px - BORDER_PX)
        & (rows[:, 3] < height_px - BORDER_PX)
    )
    return inside


def _smooth(heights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the running median of five: single boxes err by a wheel or a shadow."""
    padded = np.pad(heights, 2, mode="edge")
    smooth: np.ndarray[tuple[int], np.dtype[np.float64]] = np.median(
        np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1
    )
    return np.maximum(smooth, 1.0)
