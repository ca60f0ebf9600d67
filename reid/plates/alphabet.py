"""Say which characters plates are made of, how common each is, and which are taken for each other."""

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
CHARACTERS = LETTERS + DIGITS

_DIGIT_SHARE = 0.5

FREQUENCY: Mapping[str, float] = {
    **{letter: (1 - _DIGIT_SHARE) / len(LETTERS) for letter in LETTERS},
    **{digit: _DIGIT_SHARE / len(DIGITS) for digit in DIGITS},
}
"""Character -> share among the characters of plates: about half are digits."""

LOOK_ALIKE = (
    "0OQD",
    "1IL",
    "2Z",
    "5S",
    "8B",
    "6G",
    "UV",
    "VY",
    "MN",
    "HN",
    "CG",
    "EF",
    "PR",
    "KX",
    "7T",
    "38",
    "4A",
    "69",
    "WV",
)
"""Groups of characters that readers take for each other on small or dirty plates."""


def plain(text: str) -> str:
    """Return the text in capitals without spaces, dashes and dots: what makes two plates the same."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def confusion(look_alike_share: float, other_share: float) -> npt.NDArray[np.float64]:
    """Return (36, 36): row the true character, column the read one, each row summing to 1."""
    count = len(CHARACTERS)
    matrix = np.full((count, count), other_share / (count - 1))
    for row, character in enumerate(CHARACTERS):
        alike = {other for group in LOOK_ALIKE if character in group for other in group} - {character}
        for other in sorted(alike):
            matrix[row, CHARACTERS.index(other)] += look_alike_share / len(alike)
        matrix[row, row] = 0.0
        matrix[row, row] = 1.0 - matrix[row].sum()
    return matrix
