"""Lay two texts side by side so that most is gained; a character without partner costs (Needleman and Wunsch, 1970)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Pairs = list[tuple[int | None, int | None]]
"""Places of the first and the second text that belong together; None where a place has no partner."""


def best_sums(gains: Floats, lengths: npt.NDArray[np.int64], gap: float) -> Floats:
    """Return the most that is gained along each of n pairs of texts, (n,).

    `gains` is (n, rows, longest), of which the first `lengths[i]` columns of pair i count.
    """
    return np.asarray(_table(gains, gap)[np.arange(len(gains)), gains.shape[1], lengths])


def best_pairs(gains: Floats, gap: float) -> Pairs:
    """Return which places of two texts belong together; `gains` is (rows, columns)."""
    best = _table(gains[None], gap)[0]
    i, j = gains.shape
    pairs: Pairs = []
    while i or j:
        if i and j and np.isclose(best[i, j], best[i - 1, j - 1] + gains[i - 1, j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and np.isclose(best[i, j], best[i - 1, j] + gap):
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def same_letters(read: Sequence[str], truth: Sequence[str]) -> Pairs:
    """Return which places belong together if as few characters as possible are changed, added or left out."""
    same = np.array([[0.0 if a == b else -1.0 for b in truth] for a in read]).reshape(len(read), len(truth))
    return best_pairs(same, -1.0)


def _table(gains: Floats, gap: float) -> Floats:
    """Return the most that is gained up to each pair of places, (n, rows + 1, columns + 1)."""
    count, rows, columns = gains.shape
    best = np.zeros((count, rows + 1, columns + 1))
    best[:, :, 0] = np.arange(rows + 1) * gap
    best[:, 0, :] = np.arange(columns + 1) * gap
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            paired = best[:, i - 1, j - 1] + gains[:, i - 1, j - 1]
            best[:, i, j] = np.maximum(paired, np.maximum(best[:, i - 1, j], best[:, i, j - 1]) + gap)
    return best
