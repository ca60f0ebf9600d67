"""Join what the frames of one passage say of its plate, character by character, by their probabilities."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reid.plates.alignment import best_pairs
from reid.plates.alphabet import CHARACTERS, FREQUENCY
from reid.plates.spelling import Spelling, likeliest

Floats = npt.NDArray[np.float64]

SHARED = 0.3
"""How much of what one frame says the next one only repeats: dirt, light and angle stay the same."""

SURENESS = 0.5
"""How fast a frame loses its say with its confidence: 0 for not at all, 1 as the confidence itself."""

UNPAIRED = 0.05
"""Chance that a frame shows a character which another one does not."""

_FLOOR = 2e-4
_COMMON = np.array([FREQUENCY[character] for character in CHARACTERS])
_COLUMN = {character: column for column, character in enumerate(CHARACTERS)}


def combined(spellings: Sequence[Spelling]) -> Spelling:
    """Return what all frames together say; unreadable ones say little, and nothing is known of none.

    The number of characters is that of the frames that are surest together; at each place of the surest of them the
    probabilities of all frames are multiplied (a product of experts), each as strongly as it is sure beside that one,
    and as SHARED leaves it news.
    """
    seen = _surest_first([one for one in spellings if one.characters])
    if len(seen) < 2:
        return seen[0] if seen else Spelling((), max((one.confidence for one in spellings), default=0.0))
    tables = [_table(spelling) for spelling in seen]
    strengths = [min(1.0, _sure(one) / _sure(seen[0])) ** SURENESS for one in seen]
    logs = _votes(tables, strengths) / (1.0 + SHARED * (sum(strengths) - 1))
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    sure = float(shares.max(axis=1).prod()) * _length_share(seen)
    return Spelling(tuple(likeliest(row) for row in shares), round(sure, 4))


def _table(spelling: Spelling) -> Floats:
    """Return (places, characters), each row summing to 1; what a reading leaves open is spread as they are common."""
    said = np.zeros((len(spelling.characters), len(CHARACTERS)))
    for place, position in enumerate(spelling.characters):
        for character, probability in position.items():
            said[place, _COLUMN[character]] = probability
    said += np.maximum(1.0 - said.sum(axis=1, keepdims=True), 0.0) * _COMMON + _FLOOR * _COMMON
    return np.asarray(said / said.sum(axis=1, keepdims=True), np.float64)


def _votes(tables: Sequence[Floats], strengths: Sequence[float]) -> Floats:
    """Return (places, characters): the weighed log probabilities of all frames, laid beside the places of the first."""
    votes = np.log(tables[0])
    for other, strength in zip(tables[1:], strengths[1:], strict=True):
        gains = np.log((tables[0] / _COMMON) @ other.T)
        for i, j in best_pairs(gains, math.log(UNPAIRED)):
            if i is not None and j is not None:
                votes[i] += strength * np.log(other[j])
    return np.asarray(votes, np.float64)


def _surest_first(seen: Sequence[Spelling]) -> list[Spelling]:
    """Return those of the length that is surest in all first, the surest of them at the head."""
    lengths: defaultdict[int, float] = defaultdict(float)
    for one in seen:
        lengths[len(one.characters)] += _sure(one)
    return sorted(seen, key=lambda one: (-lengths[len(one.characters)], -one.confidence, one.text))


def _length_share(seen: Sequence[Spelling]) -> float:
    """Return how probable it is that the first has the right number of places, by the sureness of those who agree."""
    agree = sum(_sure(one) for one in seen if len(one.characters) == len(seen[0].characters))
    return agree / sum(_sure(one) for one in seen)


def _sure(spelling: Spelling) -> float:
    return max(spelling.confidence, 1e-6)
