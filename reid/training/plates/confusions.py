"""Learn how a reader takes characters for each other, misses some and sees some that are not there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.plates.alignment import same_letters
from reid.plates.alphabet import CHARACTERS
from reid.plates.confusion import Confusion
from reid.plates.spelling import Spelling

Floats = npt.NDArray[np.float64]

_ROUNDS = 60
_COLUMN = {character: column for column, character in enumerate(CHARACTERS)}


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before any reading: counts by which each character stands for itself, and for any other."""

    itself: float = 20.0
    other: float = 0.002


def fit_confusion(readings: Iterable[tuple[Spelling, str]], prior: Prior | None = None) -> Confusion:
    """Return the confusion under which the true texts of readable plates are most probable."""
    prior = prior or Prior()
    pairs: list[tuple[Mapping[str, float], str]] = []
    missed = extra = places = 0
    for spelling, truth in readings:
        aligned = same_letters(spelling.text, truth)
        pairs += [(spelling.characters[i], truth[j]) for i, j in aligned if i is not None and j is not None]
        missed += sum(i is None for i, _ in aligned)
        extra += sum(j is None for _, j in aligned)
        places += len(truth)
    stands_for = _expected(pairs, prior)
    return Confusion(stands_for, (missed + 1) / (places + 2), (extra + 1) / (places + 2))


def _expected(pairs: Sequence[tuple[Mapping[str, float], str]], prior: Prior) -> Floats:
    """Return (said, true) by expectation and maximisation: whose share of a reading explains the truth.

    The reader's own doubt explains most of its mistakes, so only what it does not admit is left to the table.
    """
    count = len(CHARACTERS)
    said = np.zeros((len(pairs), count))
    true = np.array([_COLUMN[truth] for _, truth in pairs], np.int64)
    for row, (characters, _) in enumerate(pairs):
        for character, probability in characters.items():
            said[row, _COLUMN[character]] = probability
    before = prior.itself * np.eye(count) + prior.other
    table = before / before.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        share = said * table[:, true].T
        share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
        counts = before.copy()
        np.add.at(counts.T, true, share)
        table = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(table, np.float64)
