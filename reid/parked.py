"""Tell whether a vehicle that sets off had stood in its place ever since the footage began."""

import cv2
import numpy as np
import numpy.typing as npt

from reid.images import crop
from reid.timeline import Timeline
from reid.vehicle import Box, Track
from reid.video import Frame, frame_at

LOOKS, MOST_OTHERS = 8, 2
"""So many moments before are looked at; in so many of them something else may hide it."""

SAME = 0.7
"""The correlation from which two pictures of one place show the same vehicle."""

SIDE_PX = 32


def stood_from_the_start(timeline: Timeline, track: Track) -> bool:
    """Return whether what the track shows when it sets off was there, unmoved, all the time before."""
    home = track.points[0]
    now = _picture(frame_at(timeline, home.time_s), home.box)
    others = 0
    for time_s in np.linspace(0.0, home.time_s, LOOKS, endpoint=False).tolist():
        others += _likeness(now, _picture(frame_at(timeline, time_s), home.box)) < SAME
        if others > MOST_OTHERS:
            return False
    return True


def _picture(frame: Frame | None, box: Box) -> npt.NDArray[np.float64]:
    """Return what is in a box as (32, 32) brightness around 0."""
    if frame is None:
        return np.zeros((SIDE_PX, SIDE_PX))
    small = cv2.resize(crop(frame.image, box), (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.float64)
    return np.asarray(grey - grey.mean())


def _likeness(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return the correlation of two pictures; 0 where either is plain."""
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float((one * other).sum()) / length if length > 0 else 0.0
