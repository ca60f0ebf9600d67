"""Turn the patterns of plates into ranges of one sorted list: every rotation of every text (a permuterm index).

The text AB12 is kept as eAB12, AB12e, B12eA, 12eAB and 2eAB1: e stands where the end meets the beginning, and tells how
long the text is. Whatever part of a plate is known, some rotation begins with it (Garfield; Manning et al.,
Introduction to Information Retrieval, section 3.2.1).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from reid.plates.alphabet import FREQUENCY
from reid.plates.automaton import ANY, FewCharacters, Way

_LONGEST = 25
"""Longer texts share a mark."""
_MARKS = "abcdefghijklmnopqrstuvwxyz"
_ALL_MARKS = frozenset(_MARKS)
_USUAL_LENGTHS = range(5, 10)
_SELDOM = 0.01
"""Which part of all texts is of a length that plates hardly have."""
_MARK_SHARE = 1 / 8
"""So many of the rotations of a usual plate begin with the mark."""

_ROWS = 1e8
"""The size of list for which the way is chosen: on a short one every way is quick."""
_SEEK_ROWS = 40.0
"""Going to another place of the list takes as long as reading so many rows."""
MOST_PREFIXES = 20_000

_ANYTHING: FewCharacters = frozenset()
"""Stands for any number of characters among the places of a rotated pattern."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Where the texts that fit one way of a pattern are: under these beginnings, where the whole rotation fits."""

    prefixes: tuple[str, ...]
    places: tuple[FewCharacters, ...]

    @property
    def glob(self) -> str:
        """Return the rotated pattern as SQLite's GLOB writes it."""
        return "".join("*" if few == _ANYTHING else "?" if few == ANY else _class(few) for few in self.places)

    @property
    def like(self) -> str:
        """Return what SQL's LIKE can say of it: at least all that fit."""
        return "".join("%" if few == _ANYTHING else next(iter(few)) if len(few) == 1 else "_" for few in self.places)

    @property
    def expression(self) -> str:
        """Return it as a regular expression."""
        inside = "".join(".*" if few == _ANYTHING else "." if few == ANY else _class(few) for few in self.places)
        return f"^{inside}$"


def rotations(text: str) -> list[str]:
    """Return every rotation of a text and its mark; none of an empty one."""
    closed = text + _MARKS[min(len(text), _LONGEST)]
    return [closed[start:] + closed[:start] for start in range(len(closed))] if text else []


def scan(way: Way) -> Scan:
    """Return the cheapest scan that finds all texts that fit the way."""
    _, depth, places = min(_costed(way), key=lambda scan: scan[:2])
    return Scan(tuple("".join(characters) for characters in product(*map(sorted, places[:depth]))), places)


def _costed(way: Way) -> Iterator[tuple[float, int, tuple[FewCharacters, ...]]]:
    """Yield what every scan costs: each place may come first, and few or many places may be spelled out."""
    ring = _ring(way)
    for start in range(len(ring)):
        places = ring[start:] + ring[:start]
        seeks, rows = 1.0, _ROWS
        for depth, few in enumerate(places, start=1):
            seeks, rows = seeks * len(few), rows * _share(few)
            if few == _ANYTHING or seeks > MOST_PREFIXES:
                break
            yield seeks * _SEEK_ROWS + rows, depth, places


def _ring(way: Way) -> tuple[FewCharacters, ...]:
    """Return the places of a way and its mark, to be read round and round."""
    length = sum(len(run) for run in way)
    marks = _MARKS[length] if len(way) == 1 else _MARKS[length:]
    inside = [place for run in way for place in (*run, _ANYTHING)][:-1]
    return (*inside, frozenset(marks))


def _share(few: FewCharacters) -> float:
    """Return in which part of the rotations one of these stands at a given place."""
    if few <= _ALL_MARKS:
        usual = sum(_MARKS.index(mark) in _USUAL_LENGTHS for mark in few) / len(_USUAL_LENGTHS)
        return _MARK_SHARE * max(usual, _SELDOM)
    return (1 - _MARK_SHARE) * sum(FREQUENCY[character] for character in few)


def _class(few: FewCharacters) -> str:
    characters = "".join(sorted(few))
    return characters if len(characters) == 1 else f"[{characters}]"
