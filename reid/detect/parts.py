"""Leave out what is only a part of a vehicle: a box inside a larger one that is clearly surer."""

from collections.abc import Sequence

import numpy as np

from reid import boxes
from reid.vehicle import RIDDEN, Detection

INSIDE, SURER, LARGER = 0.75, 0.8, 1.1
"""So much of a part lies in the whole, whose score is this much above the part's, and which is so much larger."""


def without_parts(found: Sequence[Detection]) -> list[Detection]:
    """Return the detections that are vehicles by themselves, in the order given."""
    if len(found) < 2:
        return list(found)
    rows = boxes.to_array([one.box for one in found])
    areas, scores = boxes.areas(rows), np.array([one.score for one in found])
    inside = boxes.shares_inside(rows, rows) >= INSIDE
    whole = (areas[None] > LARGER * areas[:, None]) & (SURER * scores[None] > scores[:, None])
    parts = set(np.flatnonzero((inside & whole).any(axis=1)).tolist())
    return [one for row, one in enumerate(found) if row not in parts or one.label in RIDDEN]
