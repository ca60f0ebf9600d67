"""Cut from a track the time in which its box held several vehicles that came together or left together."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reid import boxes
from reid.vehicle import TrackPoint

STEADY_POINTS = 4
"""So many boxes on each side of a jump must be of like size: a vehicle that drives out of the picture never is."""

STEADY_RATIO = 1.3
JUMP_RATIO = 1.5


def without_companions(points: Sequence[TrackPoint]) -> tuple[TrackPoint, ...]:
    """Return the points after a sudden shrinking that nothing came before, and before a sudden growth that stays."""
    areas = boxes.areas(boxes.to_array([point.box for point in points]))
    jumps = _jumps(areas)
    first = next((at for at, grows in jumps[:1] if not grows), 0)
    last = next((at for at, grows in jumps[-1:] if grows), len(points))
    return tuple(points[first:last])


def _jumps(areas: npt.NDArray[np.float64]) -> list[tuple[int, bool]]:
    """Return where the size jumps between two steady stretches, and whether it grows, in order."""
    found: list[tuple[int, bool]] = []
    for at in range(STEADY_POINTS, len(areas) - STEADY_POINTS + 1):
        before, after = areas[at - STEADY_POINTS : at], areas[at : at + STEADY_POINTS]
        ratio = float(np.median(after) / max(1.0, np.median(before)))
        if _steady(before) and _steady(after) and not 1 / JUMP_RATIO < ratio < JUMP_RATIO:
            found.append((at, ratio > 1.0))
    return found


def _steady(areas: npt.NDArray[np.float64]) -> bool:
    return bool(areas.max() <= STEADY_RATIO * max(1.0, areas.min()))
