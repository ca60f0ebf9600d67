"""Compare the boxes of a frame with where the tracks expect them, and pair them."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from reid import boxes
from reid.arrays import Floats


def best_pairs(affinity: Floats, least: float) -> list[tuple[int, int]]:
    """Return the (row, column) pairs of the assignment with the highest sum, without those below `least`."""
    rows, columns = linear_sum_assignment(-affinity)
    good = affinity[rows, columns] >= least
    return list(zip(rows[good].tolist(), columns[good].tolist(), strict=True))


def nearness(expected: boxes.Boxes, found: boxes.Boxes) -> Floats:
    """Return (n, m) from 0.5 for the same place down to 0 at two sizes away, for boxes of similar size.

    A young track has no speed yet; a fast vehicle may leave its own box between two frames.
    """
    size_a, size_b = np.sqrt(boxes.areas(expected))[:, None], np.sqrt(boxes.areas(found))[None, :]
    centre_a, centre_b = (expected[:, :2] + expected[:, 2:]) / 2, (found[:, :2] + found[:, 2:]) / 2
    away = np.linalg.norm(centre_a[:, None] - centre_b[None], axis=2) / np.maximum(np.maximum(size_a, size_b), 1.0)
    similar = np.minimum(size_a, size_b) / np.maximum(np.maximum(size_a, size_b), 1.0) > 0.5
    return np.where(similar, np.clip(0.5 - away / 4.0, 0.0, None), 0.0)


def size_changes(earlier: boxes.Boxes, found: boxes.Boxes) -> Floats:
    """Return (n, m) the logarithm, without sign, of the ratio of their sizes."""
    logarithms = [np.log(np.maximum(boxes.areas(rows), 1.0)) / 2 for rows in (earlier, found)]
    return np.asarray(np.abs(logarithms[0][:, None] - logarithms[1][None, :]))
