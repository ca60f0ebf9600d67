"""Match a text, or every text that a reading can stand for, against all ways of a plate pattern at once.

The ways become one deterministic automaton (subset construction), so that a text that fits in two ways is counted once
and probabilities add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reid.arrays import Floats
from reid.errors import SeeingError
from reid.plates.spelling import CHARACTERS, FREQUENCY

CharacterSet: TypeAlias = frozenset[str]
"""The characters that one place of a pattern allows."""

Way: TypeAlias = tuple[tuple[CharacterSet, ...], ...]
"""Runs of places; anything, or nothing, may lie between two runs."""

ANY: CharacterSet = frozenset(CHARACTERS)

READER_ERROR = 0.03
"""Probability that a reader is wrong about a character although its own probabilities do not say so."""

MOST_STATES = 3000

_LEAST = 1e-12

_Place: TypeAlias = tuple[int, int]
"""The number of a way, and how many of its places are matched."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """`moves[s, c]` is the state after state s and a character of class c; state 0 is the start.

    Characters that the pattern never distinguishes share a class; class 0 holds those of no alphabet here.
    """

    classes: Mapping[str, int]
    moves: npt.NDArray[np.int64]
    fits: npt.NDArray[np.bool_]
    frequency: Floats

    def accepts(self, text: str) -> bool:
        """Say whether the text ends in a state that fits."""
        state = 0
        for character in text:
            state = int(self.moves[state, self.classes.get(character, 0)])
        return bool(self.fits[state])

    def log_probabilities(self, readings: Sequence[Sequence[Mapping[str, float]]]) -> Floats:
        """Return the log probability that each reading ends in a state that fits, (n,)."""
        lengths = np.array([len(reading) for reading in readings], np.int64)
        shares = np.zeros((len(readings), int(lengths.max(initial=0)), len(self.frequency)))
        for row, reading in enumerate(readings):
            for column, position in enumerate(reading):
                for character, probability in position.items():
                    shares[row, column, self.classes.get(character, 0)] += probability
        shares *= 1.0 - READER_ERROR
        # the rest to one can be any character, by how common it is on plates
        doubt = np.clip(1.0 - shares.sum(axis=2, keepdims=True), 0.0, 1.0)
        return self._log_fits(shares + doubt * self.frequency, lengths)

    def log_chance(self, length: int) -> float:
        """Return the log probability that random characters end in a state that fits."""
        return float(self._log_fits(np.tile(self.frequency, (1, length, 1)), np.array([length]))[0])

    def _log_fits(self, shares: Floats, lengths: npt.NDArray[np.int64]) -> Floats:
        """Propagate the probability of every state through the places; `shares` is (n, longest, classes)."""
        at = np.zeros((len(shares), len(self.fits)))
        at[:, 0] = 1.0
        found = np.where(lengths == 0, at @ self.fits, 0.0)
        for place in range(shares.shape[1]):
            at = self._step(at, shares[:, place])
            found = np.where(lengths == place + 1, at @ self.fits, found)
        return np.asarray(np.log(np.maximum(found, _LEAST)))

    def _step(self, at: Floats, shares: Floats) -> Floats:
        following = np.zeros_like(at)
        alive = np.flatnonzero(at.any(axis=0))
        for number, share in enumerate(shares.T):
            np.add.at(following.T, self.moves[alive, number], (at[:, alive] * share[:, None]).T)
        return following


@lru_cache(maxsize=64)
def automaton(ways: tuple[Way, ...]) -> Automaton:
    """Return the automaton of a pattern's ways."""
    laid = [_flattened(way) for way in ways]
    classes, members = _classes(ways)
    states = {frozenset((number, 0) for number in range(len(ways))): 0}
    queue, moves = list(states), list[list[int]]()
    for state in queue:
        reached = [_after(laid, state, character) for character in members]
        for following in reached:
            if following not in states:
                states[following] = len(states)
                queue.append(following)
        moves.append([states[following] for following in reached])
        if len(states) > MOST_STATES:
            raise SeeingError(f"the plate pattern leaves more than {MOST_STATES} cases open: ask in parts")
    fits = [any(place == len(laid[number].places) for number, place in state) for state in queue]
    frequency = np.zeros(len(members))
    for character in CHARACTERS:
        frequency[classes[character]] += FREQUENCY[character]
    return Automaton(classes, np.array(moves), np.array(fits), frequency)


@dataclass(frozen=True, slots=True)
class _FlatWay:
    """The places of a way in one row, and the positions in it at which anything may come in between."""

    places: tuple[CharacterSet, ...]
    open_at: frozenset[int]


def _flattened(way: Way) -> _FlatWay:
    ends = np.cumsum([len(run) for run in way[:-1]]).tolist()
    return _FlatWay(tuple(allowed for run in way for allowed in run), frozenset(ends))


def _classes(ways: tuple[Way, ...]) -> tuple[dict[str, int], list[str]]:
    """Return the class of each character, and one character of each class; that of class 0 is on no plate."""
    distinguished = sorted({allowed for way in ways for run in way for allowed in run if allowed != ANY}, key=sorted)
    numbers: dict[tuple[bool, ...], int] = {}
    classes, members = dict[str, int](), [""]
    for character in CHARACTERS:
        inside = tuple(character in allowed for allowed in distinguished)
        if inside not in numbers:
            numbers[inside] = len(members)
            members.append(character)
        classes[character] = numbers[inside]
    return classes, members


def _after(laid: Sequence[_FlatWay], state: frozenset[_Place], character: str) -> frozenset[_Place]:
    """Return every place that a character leads to from the places of a state."""
    reached = set()
    for number, place in state:
        way = laid[number]
        if place in way.open_at:
            reached.add((number, place))
        if place < len(way.places) and (character in way.places[place] or way.places[place] == ANY):
            reached.add((number, place + 1))
    return frozenset(reached)
