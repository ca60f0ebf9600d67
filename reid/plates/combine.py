"""Combine the readings of one plate in several frames, character by character, by their probabilities."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from reid.arrays import Floats
from reid.plates.likelihood import best_alignment
from reid.plates.spelling import COMMON, Spelling, probability_table, top_characters

SHARED = 0.3
"""Share of a reading that the next frame only repeats: dirt, light and angle stay the same."""

SURENESS = 0.5
"""How fast the weight of a frame falls with its confidence: 0 for not at all, 1 for in proportion."""

UNPAIRED = 0.05
"""Probability that a frame shows a character which another one does not."""


def combined(spellings: Sequence[Spelling]) -> Spelling:
    """Return the combined reading of all frames; without characters if no frame has any.

    The number of characters is that with the highest total confidence. At each place of the most confident reading of
    that length, the probabilities of all frames are multiplied (a product of experts), each weighted by its confidence
    relative to that reading, and discounted by SHARED.
    """
    readings = _surest_first([spelling for spelling in spellings if spelling.characters])
    if len(readings) < 2:
        confidence = max((spelling.confidence for spelling in spellings), default=0.0)
        return readings[0] if readings else Spelling((), confidence)
    tables = [probability_table(reading) for reading in readings]
    strengths = [min(1.0, _confidence(reading) / _confidence(readings[0])) ** SURENESS for reading in readings]
    logs = _votes(tables, strengths) / (1.0 + SHARED * (sum(strengths) - 1))
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    sure = float(shares.max(axis=1).prod()) * _length_share(readings)
    return Spelling(tuple(top_characters(row) for row in shares), round(sure, 4))


def _votes(tables: Sequence[Floats], strengths: Sequence[float]) -> Floats:
    """Return (places, characters): the weighted log probabilities of all frames, aligned with the first."""
    votes = np.log(tables[0])
    for other, strength in zip(tables[1:], strengths[1:], strict=True):
        gains = np.log((tables[0] / COMMON) @ other.T)
        for i, j in best_alignment(gains, math.log(UNPAIRED)):
            if i is not None and j is not None:
                votes[i] += strength * np.log(other[j])
    return np.asarray(votes, np.float64)


def _surest_first(readings: Sequence[Spelling]) -> list[Spelling]:
    """Return the readings of the most confident length first, the most confident of them at the head."""
    lengths: defaultdict[int, float] = defaultdict(float)
    for reading in readings:
        lengths[len(reading.characters)] += _confidence(reading)
    return sorted(readings, key=lambda reading: (-lengths[len(reading.characters)], -reading.confidence, reading.text))


def _length_share(readings: Sequence[Spelling]) -> float:
    """Return the probability that the first reading has the right length: the share of confidence that agrees."""
    length = len(readings[0].characters)
    agree = sum(_confidence(reading) for reading in readings if len(reading.characters) == length)
    return agree / sum(_confidence(reading) for reading in readings)


def _confidence(spelling: Spelling) -> float:
    return max(spelling.confidence, 1e-6)
