"""Compute the llr of plate readings with a pattern: the plate asked for, against related plates and unrelated ones.

A plate that is asked for fits one of the pattern's ways, each as likely as the others, and so is each place in which
its runs can stand. A related plate agrees with each known place of the pattern with probability ALIKE. How common
related plates are is taken differently for and against. Where the reader says another text, only its error could make
it the plate asked for, and a person would be accused on that error alone: as between two readings, RELATED of the
others are related. Where it says a text that fits, they are as common as they are in traffic, TWINS.
"""

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from reid.arrays import Floats, Ints
from reid.plates.automaton import ANY, Way
from reid.plates.likelihood import ALIKE, RELATED, bounded_llr, learned_confusion, text_llrs, true_characters
from reid.plates.pattern import MOST_WAYS, PlatePattern
from reid.plates.spelling import CHARACTERS, FREQUENCY
from reid.vehicle import Plate

_COMMON = np.array([FREQUENCY[character] for character in CHARACTERS])

TWINS = 1e-3
"""Share of other vehicles whose plates are related to one that somebody asks for, where nothing says they are."""

_LEAST = 1e-9


def pattern_llrs(pattern: PlatePattern, plates: Sequence[Plate]) -> Floats:
    """Return the llr of each plate with a pattern, (n,); NaN where a plate has no text."""
    llrs = np.full(len(plates), np.nan)
    rows = [row for row, plate in enumerate(plates) if plate.characters]
    if not rows:
        return llrs
    read = [plates[row] for row in rows]
    share = np.array([TWINS if pattern.matches(_likeliest(plate)) else RELATED for plate in read])
    text = pattern.whole_text
    if text is None:
        llrs[rows] = _partial_llrs(pattern, read, share)
    else:
        llrs[rows] = text_llrs(_written(text, read[0]), read, share=share)
    return llrs


def _likeliest(plate: Plate) -> str:
    return "".join(max(place, key=lambda character: place[character]) for place in plate.characters)


def _written(text: str, like: Plate) -> Plate:
    """Return a plate whose text somebody wrote down, and is sure of."""
    return Plate(like.box, (), text, 1.0, tuple({character: 1.0} for character in text))


def _partial_llrs(pattern: PlatePattern, plates: Sequence[Plate], share: Floats) -> Floats:
    """Return the llrs where several texts fit: those of the ways, averaged over the ways of the text's length."""
    confusion = learned_confusion()
    true = true_characters(plates, confusion)
    lengths = np.array([len(plate.characters) for plate in plates])
    ways = [_way_llrs(way, true, lengths) for way in pattern.ways]
    of_length = np.sum([np.isfinite(same) for same, _ in ways], axis=0)
    same, related = (np.logaddexp.reduce(llrs) - np.log(np.maximum(1, of_length)) for llrs in zip(*ways, strict=True))
    # No plate that fits has so many characters as were read: the reader missed one, or read one too many.
    other_length = math.log(confusion.missed + confusion.extra)
    return bounded_llr(np.where(of_length > 0, same, other_length), related, share)


def _way_llrs(way: Way, true: Floats, lengths: Ints) -> tuple[Floats, Floats]:
    """Return the llrs of a plate of this way and of a related one, (n,); -inf for a text of another length."""
    places = [few for run in way for few in run]
    open_after = set(accumulate(len(run) for run in way[:-1]))
    inside = np.array([[character in few for character in CHARACTERS] for few in places], float).reshape(
        -1, len(_COMMON)
    )
    chance = np.clip(inside @ _COMMON, _LEAST, 1.0)
    fits = np.clip(true @ inside.T, _LEAST, 1.0)
    gain = np.log(fits / chance)
    other = np.log(np.maximum(1.0 - fits, _LEAST) / np.maximum(1.0 - chance, _LEAST))
    known = np.array([few != ANY for few in places], bool)
    gain, other = np.where(known, gain, 0.0), np.where(known, other, 0.0)
    either = np.where(known, np.logaddexp(math.log(ALIKE) + gain, math.log(1 - ALIKE) + other), 0.0)
    ways = _summed(np.zeros_like(gain), lengths, open_after)
    possible = np.isfinite(ways)
    ways = np.where(possible, ways, 0.0)
    same, related = (np.where(possible, _summed(one, lengths, open_after), 0.0) - ways for one in (gain, either))
    if not open_after and math.prod(map(len, places)) <= MOST_WAYS:
        # The way names a plate: another one that is related does not agree everywhere.
        all_alike = np.where(possible, same - related, -1.0) + len(places) * math.log(ALIKE)
        changed = np.log1p(-np.exp(np.minimum(all_alike, -1e-12))) - math.log(1 - ALIKE ** len(places))
        related = related + changed
    absent = np.full(len(lengths), -np.inf)
    return np.where(possible, same, absent), np.where(possible, related, absent)


def _summed(scores: Floats, lengths: Ints, open_after: set[int]) -> Floats:
    """Return the log of the sum, over all ways to lay the places on a text, of the product of their scores, (n,).

    `scores` is (n, longest, places); after the places of `open_after` any number of characters may come in between.
    """
    count, longest, places = scores.shape
    at = np.full((count, places + 1), -np.inf)
    at[:, 0] = 0.0
    found = np.full(count, -np.inf)
    for position in range(longest):
        following = np.full_like(at, -np.inf)
        following[:, 1:] = at[:, :-1] + scores[:, position]
        for place in open_after:
            following[:, place] = np.logaddexp(following[:, place], at[:, place])
        at = following
        found = np.where(lengths == position + 1, at[:, places], found)
    return found
