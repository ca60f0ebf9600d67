"""Match plates with what a witness remembers: ? is one character, * any number of them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reid.errors import SeeingError
from reid.plates.alphabet import CHARACTERS, FREQUENCY, plain

ANY_ONE, ANY_NUMBER = "?", "*"

READER_ERROR = 0.03
"""Chance that a reader is wrong about a character although its probabilities do not say so."""


@dataclass(frozen=True, slots=True)
class PlatePattern:
    """Characters, ? and *, without spaces and dashes, in capitals."""

    symbols: str

    def matches(self, text: str) -> bool:
        """Say whether a plate's text fits, spaces, dashes and case apart."""
        expression = "".join(_EXPRESSIONS.get(symbol, re.escape(symbol)) for symbol in self.symbols)
        return re.fullmatch(expression, plain(text)) is not None

    def log_probability(self, characters: Sequence[Mapping[str, float]]) -> float:
        """Return the log probability that the plate that was read fits; characters[i] maps character to probability."""
        return self._log_match([{**_NOTHING, **position} for position in characters])

    def log_chance(self, length: int) -> float:
        """Return the log probability that a random plate of that length fits."""
        return self._log_match([FREQUENCY] * length)

    def _log_match(self, positions: Sequence[Mapping[str, float]]) -> float:
        """Sum over every way to lay the pattern over the positions.

        `reached[j]` is the probability that the positions so far fit the first j symbols.
        """
        reached = self._skip_stars([1.0] + [0.0] * len(self.symbols))
        for position in positions:
            following = [0.0] * len(reached)
            for j, symbol in enumerate(self.symbols):
                if symbol == ANY_NUMBER:
                    following[j + 1] = max(following[j + 1], reached[j + 1])
                else:
                    following[j + 1] = max(following[j + 1], reached[j] * _chance(symbol, position))
            reached = self._skip_stars(following)
        return math.log(max(reached[-1], 1e-12))

    def _skip_stars(self, reached: list[float]) -> list[float]:
        for j, symbol in enumerate(self.symbols):
            if symbol == ANY_NUMBER:
                reached[j + 1] = max(reached[j + 1], reached[j])
        return reached


def compile_pattern(pattern: str) -> PlatePattern:
    """Read a pattern such as AB?1*; spaces and dashes do not count."""
    symbols = re.sub(r"\*+", "*", re.sub(r"[\s\-.·_]", "", pattern.upper()))
    strange = sorted({symbol for symbol in symbols if symbol not in CHARACTERS + ANY_ONE + ANY_NUMBER})
    if strange:
        raise SeeingError(
            f"plate pattern {pattern!r} holds {' '.join(strange)}: use letters A to Z, digits, ? for one and * for any"
        )
    if not symbols.strip(ANY_NUMBER):
        raise SeeingError(f"plate pattern {pattern!r} says nothing: give at least one character or ?")
    return PlatePattern(symbols)


def _chance(symbol: str, position: Mapping[str, float]) -> float:
    if symbol == ANY_ONE:
        return 1.0
    return (1.0 - READER_ERROR) * position.get(symbol, 0.0) + READER_ERROR * FREQUENCY[symbol]


_EXPRESSIONS = {ANY_ONE: ".", ANY_NUMBER: ".*"}
_NOTHING: Mapping[str, float] = {}
