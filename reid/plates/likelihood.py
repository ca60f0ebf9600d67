"""Weigh two readings: how much more likely they are if both vehicles carry the same plate."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reid.plates.alphabet import CHARACTERS, FREQUENCY, confusion
from reid.vehicle import Plate

Floats = npt.NDArray[np.float64]

LOOK_ALIKE_ERROR = 0.05
OTHER_ERROR = 0.03
MISSED_CHARACTER = 0.03
"""Chance that a reader leaves a character out, or reads one that is not there."""

_CONFUSION = confusion(LOOK_ALIKE_ERROR, OTHER_ERROR)
_COMMON = np.array([FREQUENCY[character] for character in CHARACTERS])
_COLUMN = {character: column for column, character in enumerate(CHARACTERS)}


def text_llr(first: Plate, second: Plate) -> float | None:
    """Return the natural log-likelihood ratio, same plate against another; None where either has no text."""
    ratio = float(text_llrs(first, [second])[0])
    return None if math.isnan(ratio) else ratio


def text_llrs(first: Plate, others: Sequence[Plate]) -> Floats:
    """Return the ratio of one plate and each of the others, (n,); NaN where either has no text.

    A true character c is read as r with the confusion P(r|c). For two readings of one place the ratio is
    sum_c P(c) P(a|c) P(b|c) / (P(a) P(b)); the best alignment of the two texts, gaps allowed, adds these up.
    """
    ratios = np.full(len(others), np.nan)
    rows = [row for row, other in enumerate(others) if other.characters]
    if not first.characters or not rows:
        return ratios
    a, b = _readings([first])[0], _readings([others[row] for row in rows])
    likely = _COMMON[:, None] * _CONFUSION  # (true, read)
    seen_a, seen_b = a @ _CONFUSION.T, b @ _CONFUSION.T  # (..., true): P(reading | true)
    joint = (seen_a * _COMMON) @ seen_b.transpose(0, 2, 1)
    apart = (a @ likely.sum(axis=0))[None, :, None] * (b @ likely.sum(axis=0))[:, None, :]
    lengths = np.array([len(others[row].characters) for row in rows])
    ratios[rows] = _best_alignments(np.log(joint) - np.log(apart), lengths)
    return ratios


def same_probability(llr: float) -> float:
    """Return the probability of the same plate at even prior."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, llr))))


def _readings(plates: Sequence[Plate]) -> Floats:
    """Return (n, longest, 36) probabilities, one row a character that was read; shorter texts end in even rows."""
    longest = max(len(plate.characters) for plate in plates)
    rows = np.full((len(plates), longest, len(CHARACTERS)), 1e-4)
    for number, plate in enumerate(plates):
        for place, position in enumerate(plate.characters):
            for character, probability in position.items():
                if character in _COLUMN:
                    rows[number, place, _COLUMN[character]] += probability
    return np.asarray(rows / rows.sum(axis=2, keepdims=True), dtype=np.float64)


def _best_alignments(ratio: Floats, lengths: npt.NDArray[np.int64]) -> Floats:
    """Return the largest sum along the two texts (Needleman and Wunsch); a character without partner costs.

    `ratio` is (n, rows, longest), of which the first `lengths[i]` columns of pair i count.
    """
    count, rows, columns = ratio.shape
    gap = math.log(MISSED_CHARACTER)
    best = np.zeros((count, rows + 1, columns + 1))
    best[:, :, 0] = np.arange(rows + 1) * gap
    best[:, 0, :] = np.arange(columns + 1) * gap
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            paired = best[:, i - 1, j - 1] + ratio[:, i - 1, j - 1]
            best[:, i, j] = np.maximum(paired, np.maximum(best[:, i - 1, j], best[:, i, j - 1]) + gap)
    return np.asarray(best[np.arange(count), rows, lengths])
