"""Say what a reader saw: how likely each character is, the best text, and how sure it is that all of it is right."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.plates.alphabet import CHARACTERS
from reid.plates.rectify import Quad
from reid.vehicle import Box, Plate

Floats = npt.NDArray[np.float64]

LEAST_SURE = 0.6
"""A text whose characters are on average less sure than this is not read: a guess is no evidence."""

_KEPT = 5
_LEAST_SHARE = 0.005


@dataclass(frozen=True, slots=True)
class Spelling:
    """What stands on a plate: `characters[i]` maps a character to its probability, the rest to one is doubt.

    `confidence` is the probability that the whole text is right.
    """

    characters: tuple[Mapping[str, float], ...]
    confidence: float

    @property
    def text(self) -> str:
        """Return the likeliest character of every place."""
        return "".join(max(place, key=lambda character: place[character]) for place in self.characters)

    @property
    def readable(self) -> bool:
        """Say whether the text is more than a guess: the mean probability of its characters is LEAST_SURE or more."""
        return bool(self.characters) and self.confidence ** (1 / len(self.characters)) >= LEAST_SURE


def spelled(places: Floats) -> Spelling:
    """Return the likeliest spelling of `places` (n, CHARACTERS + 1): probabilities, the last column for the end."""
    ends = np.append(np.log(np.maximum(places[:, -1], 1e-12)), 0.0)
    best = np.log(np.maximum(places[:, :-1].max(axis=1), 1e-12))
    sums = np.concatenate([[0.0], np.cumsum(best)]) + ends
    length = int(sums.argmax())
    characters = tuple(likeliest(row) for row in places[:length, :-1])
    return Spelling(characters, round(float(np.exp(sums[length])), 4))


def likeliest(shares: Floats) -> Mapping[str, float]:
    """Return the characters that matter, likeliest first, of probabilities over CHARACTERS; the rest is doubt."""
    order = np.argsort(-shares, kind="stable")[:_KEPT]
    kept = [index for number, index in enumerate(order) if number == 0 or shares[index] >= _LEAST_SHARE]
    return {CHARACTERS[index]: round(min(1.0, float(shares[index])), 4) for index in kept}


def as_plate(corners: Quad, spelling: Spelling) -> Plate:
    """Return a plate at `corners` (4, 2) with its spelling; without text where it is no more than a guess."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    box = Box(float(left), float(top), float(right - left), float(bottom - top))
    quad = tuple((float(x), float(y)) for x, y in corners)
    if not spelling.readable:
        return Plate(box, quad, None, spelling.confidence)
    return Plate(box, quad, spelling.text, spelling.confidence, spelling.characters)
