"""Represent a plate reading: the probabilities of each character, the best text, its confidence, other likely texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reid.arrays import Floats
from reid.plates.rectify import Quad
from reid.vehicle import Box, Plate

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

DIGITS = "0123456789"

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""The first characters of Chinese plates."""

CHARACTERS = LETTERS + DIGITS + PROVINCES

LONGEST = 20
"""No plate has more characters."""

_DIGIT_SHARE = 0.5

_PROVINCE_SHARE = 0.02

FREQUENCY: Mapping[str, float] = {
    **{letter: (1 - _DIGIT_SHARE - _PROVINCE_SHARE) / len(LETTERS) for letter in LETTERS},
    **{digit: _DIGIT_SHARE / len(DIGITS) for digit in DIGITS},
    **{province: _PROVINCE_SHARE / len(PROVINCES) for province in PROVINCES},
}
"""Character -> share among the characters of plates: about half are digits."""

COMMON: Floats = np.array([FREQUENCY[character] for character in CHARACTERS])
"""(CHARACTERS,): FREQUENCY in the order of CHARACTERS."""

LEAST_SURE = 0.6
"""A text whose mean character probability is lower counts as unreadable: a guess is no evidence."""

MOST = 4

LEAST_SHARE = 0.1
"""A text with a smaller probability relative to the best is dropped."""

_KEPT = 5

_LEAST_SHARE = 0.005

_FLOOR = 2e-4


@dataclass(frozen=True, slots=True)
class Spelling:
    """A plate reading: `characters[i]` maps a character to its probability; the rest to one is doubt.

    `confidence` is the probability that the whole text is right.
    """

    characters: tuple[Mapping[str, float], ...]
    confidence: float

    @property
    def text(self) -> str:
        """Return the most probable character of every place."""
        return "".join(max(place, key=lambda character: place[character]) for place in self.characters)

    @property
    def readable(self) -> bool:
        """Say whether the geometric mean of the character probabilities is LEAST_SURE or more."""
        return bool(self.characters) and self.confidence ** (1 / len(self.characters)) >= LEAST_SURE


@dataclass(frozen=True, slots=True)
class LikelyText:
    """A text and its probability relative to the best one, which has 1."""

    text: str
    share: float


def decode_places(places: Floats) -> Spelling:
    """Return the most probable spelling of `places` (n, CHARACTERS + 1): probabilities, the end in the last column."""
    ends = np.append(np.log(np.maximum(places[:, -1], 1e-12)), 0.0)
    best = np.log(np.maximum(places[:, :-1].max(axis=1), 1e-12))
    sums = np.concatenate([[0.0], np.cumsum(best)]) + ends
    length = int(sums.argmax())
    characters = tuple(top_characters(row) for row in places[:length, :-1])
    return Spelling(characters, round(float(np.exp(sums[length])), 4))


def top_characters(shares: Floats) -> Mapping[str, float]:
    """Return the most probable of CHARACTERS, best first; the rest to one is doubt."""
    order = np.argsort(-shares, kind="stable")[:_KEPT]
    kept = [index for number, index in enumerate(order) if number == 0 or shares[index] >= _LEAST_SHARE]
    return {CHARACTERS[index]: round(min(1.0, float(shares[index])), 4) for index in kept}


def probability_table(spelling: Spelling) -> Floats:
    """Return (places, CHARACTERS), each row summing to 1; doubt is spread by how common characters are."""
    table = np.zeros((len(spelling.characters), len(CHARACTERS)))
    for place, position in enumerate(spelling.characters):
        for character, probability in position.items():
            table[place, CHARACTERS.index(character)] = probability
    table += np.maximum(1.0 - table.sum(axis=1, keepdims=True), 0.0) * COMMON + _FLOOR * COMMON
    return np.asarray(table / table.sum(axis=1, keepdims=True), np.float64)


def as_plate(corners: Quad, spelling: Spelling) -> Plate:
    """Return a plate at `corners` (4, 2) with its spelling; without text if that is unreadable."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    box = Box(float(left), float(top), float(right - left), float(bottom - top))
    quad = tuple((float(x), float(y)) for x, y in corners)
    if not spelling.readable:
        return Plate(box, quad, None, spelling.confidence)
    return Plate(box, quad, spelling.text, spelling.confidence, spelling.characters)


def plain(text: str) -> str:
    """Return the text in capitals without spaces, dashes and dots: what makes two plates the same."""
    return "".join(character for character in text.upper() if character in CHARACTERS)


def likely_texts(
    characters: Sequence[Mapping[str, float]], *, most: int = MOST, least_share: float = LEAST_SHARE
) -> list[LikelyText]:
    """Return the most probable texts, best first; of equal ones the first by the alphabet."""
    texts = [LikelyText("", 1.0)]
    for position in characters:
        best = max(position.values(), default=0.0)
        if best <= 0:
            continue
        longer = [
            LikelyText(known.text + character, known.share * probability / best)
            for known in texts
            for character, probability in position.items()
        ]
        # places are independent, so the best texts begin with the best beginnings
        longer.sort(key=lambda likely: (-likely.share, likely.text))
        texts = [likely for likely in longer[:most] if likely.share >= least_share]
    return texts if texts[0].text else []
