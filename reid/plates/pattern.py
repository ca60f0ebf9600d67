"""Parse a partly known plate, such as AB?1*, and compute how well a reading fits it.

- A to Z, 0 to 9, and the characters of Chinese provinces stand for themselves; spaces, dashes and dots do not count
- ? is one character, @ one letter, # one digit, * any number of characters, or none
- [8B] is one of these characters, [KR|W|P] one of these texts: region prefixes are [KR|W|P]*
- AB1*|AB7* is either
- ~ in front lets O and 0 count as one, and I and 1
- contains 77 is *77*, starts with KR is KR*, ends in K is *K
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, product

import numpy as np

from reid.arrays import Floats
from reid.errors import SeeingError
from reid.plates.automaton import ANY, CharacterSet, Way, automaton
from reid.plates.other_letters import in_known_letters
from reid.plates.spelling import CHARACTERS, DIGITS, LETTERS, LONGEST, plain

MOST_WAYS = 64
"""Alternatives of one pattern, multiplied out."""

_SETS = {"?": ANY, "@": frozenset(LETTERS), "#": frozenset(DIGITS)}

_ALIKE = (frozenset("O0"), frozenset("I1"))

_WORDS = (
    (re.compile(r"\s*CONTAINS\s+(.+)"), "*{}*"),
    (re.compile(r"\s*(?:STARTS|BEGINS) WITH\s+(.+)"), "{}*"),
    (re.compile(r"\s*ENDS (?:IN|WITH)\s+(.+)"), "*{}"),
)

_SEPARATORS = re.compile(r"[\s\-.·_]")


@dataclass(frozen=True, slots=True)
class PlatePattern:
    """The pattern as written, and the ways in which a plate can fit it: runs with anything between two runs."""

    text: str
    ways: tuple[Way, ...]

    @property
    def is_whole(self) -> bool:
        """Say whether it names every character of a plate: no stars, and no place that is any letter, digit or both."""
        open_places = (ANY, *_SETS.values())
        return all(len(way) == 1 and not any(few in open_places for few in way[0]) for way in self.ways)

    def matches(self, text: str) -> bool:
        """Say whether a plate's text fits, ignoring spaces, dashes and case."""
        return automaton(self.ways).accepts(plain(text))

    @property
    def whole_text(self) -> str | None:
        """Return the text of a pattern that only one text fits, None for any other."""
        if len(self.ways) != 1 or len(self.ways[0]) != 1 or any(len(few) != 1 for few in self.ways[0][0]):
            return None
        return "".join(character for few in self.ways[0][0] for character in few)

    def differing(self, text: str) -> int | None:
        """Return in how many places a plate's text differs from what fits, None if none that fits is as long."""
        counts = [count for way in self.ways if (count := _differing(way, plain(text))) is not None]
        return min(counts, default=None)

    def log_probability(self, characters: Sequence[Mapping[str, float]]) -> float:
        """Return the log probability that the plate that was read fits; characters[i] maps character to probability."""
        return float(self.log_probabilities([characters])[0])

    def log_probabilities(self, readings: Sequence[Sequence[Mapping[str, float]]]) -> Floats:
        """Return the log probability of each reading, (n,): the sum over every text that it can stand for."""
        return automaton(self.ways).log_probabilities(readings)

    def log_chance(self, length: int) -> float:
        """Return the log probability that a random plate of that length fits."""
        return automaton(self.ways).log_chance(length)

    def forgiving(self) -> "PlatePattern":
        """Return a pattern in which one known character may also be any: a reader may have been wrong about it."""
        opened = [other for way in self.ways for other in _opened(way)]
        return PlatePattern(self.text, tuple(dict.fromkeys([*self.ways, *opened])))


def compile_pattern(pattern: str) -> PlatePattern:
    """Parse a pattern by the table above; refuse any other in one line."""
    folded = pattern.lstrip().startswith("~")
    written = in_known_letters(pattern.lstrip().removeprefix("~"))
    ways = dict.fromkeys(way for part in _split(written, pattern) for way in _ways(_without_words(part), pattern))
    if not all(any(way) for way in ways):
        raise SeeingError(f"plate pattern {pattern!r} says nothing: give at least one character or ?")
    if folded:
        ways = dict.fromkeys(tuple(tuple(_folded(few) for few in run) for run in way) for way in ways)
    return PlatePattern(pattern, tuple(ways))


def exactly(text: str) -> PlatePattern:
    """Return the pattern that fits only this text."""
    return PlatePattern(text, ((tuple(frozenset(character) for character in plain(text)),),))


def _split(written: str, pattern: str) -> list[str]:
    """Return the alternatives, split at each | outside of brackets."""
    if re.search(r"\[[^\]]*(\[|$)|^[^\[]*\]|\][^\[]*\]", written):
        raise SeeingError(f"plate pattern {pattern!r} has a bracket without its other half: write [AB] or [KR|W]")
    return re.split(r"\|(?![^\[]*\])", written)


def _without_words(part: str) -> str:
    for expression, signs in _WORDS:
        if found := expression.fullmatch(part):
            return signs.format(found[1])
    return part


def _ways(part: str, pattern: str) -> Iterator[Way]:
    """Yield the ways of one alternative: the texts in its brackets multiplied out."""
    pieces = re.findall(r"\[[^\]]*\]|[^\[\]]+", part)
    choices = [_texts(piece, pattern) for piece in pieces]
    if np.prod([len(texts) for texts in choices], dtype=np.float64) > MOST_WAYS:
        raise SeeingError(f"plate pattern {pattern!r} has more than {MOST_WAYS} alternatives: ask in parts")
    for chosen in product(*choices):
        yield _way([sign for text in chosen for sign in text], pattern)


def _texts(piece: str, pattern: str) -> list[list[CharacterSet | None]]:
    """Return the texts that a piece stands for, as the characters of each place; None is any number of places."""
    if not piece.startswith("["):
        return [_signs(piece, pattern)]
    inside = piece[1:-1]
    if "|" in inside:
        return [_signs(text, pattern) for text in inside.split("|")]
    if "-" in inside or "*" in inside or not inside.strip():
        raise SeeingError(f"plate pattern {pattern!r} has {piece}: write the characters one by one, as in [AB8]")
    return [[frozenset().union(*(few for few in _signs(inside, pattern) if few is not None))]]


def _signs(text: str, pattern: str) -> list[CharacterSet | None]:
    signs = _SEPARATORS.sub("", text)
    unknown = sorted({sign for sign in signs if sign not in CHARACTERS and sign not in _SETS and sign != "*"})
    if unknown:
        raise SeeingError(
            f"plate pattern {pattern!r} holds {' '.join(unknown)}: use letters A to Z, digits, ? for one character, "
            "* for any number, [AB] for one of these"
        )
    return [None if sign == "*" else _SETS.get(sign, frozenset(sign)) for sign in signs]


def _way(signs: Sequence[CharacterSet | None], pattern: str) -> Way:
    """Cut the places at the stars."""
    if sum(few is not None for few in signs) > LONGEST:
        raise SeeingError(f"plate pattern {pattern!r} is longer than {LONGEST} characters, as no plate is: shorten it")
    runs: list[tuple[CharacterSet, ...]] = [()]
    for few in signs:
        if few is None:
            # two stars in a row mean the same as one
            runs += [()] if runs[-1] or len(runs) == 1 else []
        else:
            runs[-1] = (*runs[-1], few)
    return tuple(runs)


def _folded(few: CharacterSet) -> CharacterSet:
    return few.union(*(alike for alike in _ALIKE if few & alike))


def _opened(way: Way) -> Iterator[Way]:
    """Yield the way with each of its known characters left open in turn, if enough of them remain."""
    known = [(i, j) for i, run in enumerate(way) for j, few in enumerate(run) if few != ANY]
    if len(known) > 2:
        for i, j in known:
            run = (*way[i][:j], ANY, *way[i][j + 1 :])
            yield (*way[:i], run, *way[i + 1 :])


def _differing(way: Way, text: str) -> int | None:
    """Return the least number of characters of a text to change so that it fits a way; None if its length cannot."""
    places = [few for run in way for few in run]
    open_after = set(accumulate(len(run) for run in way[:-1]))
    at: dict[int, int] = {0: 0}
    for character in text:
        following = {place: count for place, count in at.items() if place in open_after}
        for place, count in at.items():
            if place < len(places):
                changed = count + (character not in places[place])
                following[place + 1] = min(changed, following.get(place + 1, changed))
        at = following
    return at.get(len(places))
