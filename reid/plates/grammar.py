"""Correct a reading by the syntaxes of number plates, as a mixture prior over the probabilities of its characters."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import Floats
from reid.plates.formats import FormatPrior, region_prior
from reid.plates.spelling import (
    CHARACTERS,
    COMMON,
    DIGITS,
    LETTERS,
    PROVINCES,
    Spelling,
    probability_table,
    top_characters,
)

SAME_GLYPH = 0.03
"""How much of the probability of a 0 is that of an O, or of a 1 that of an I: many countries draw one sign for both."""

STRAY_FIRST = 0.01
"""How often the first character that was read is none: the band of the EU, a bolt, the edge of the plate."""

STRAY_SHARES = {PROVINCES: 0.1, "1I": 0.2, LETTERS + DIGITS: 0.7}
"""What such a thing is read as: sets of characters and their shares."""


def grammatical(spelling: Spelling, prior: FormatPrior | None = None) -> Spelling:
    """Return the reading with the probabilities that its characters have under the syntaxes of number plates.

    The reader gives P(c | picture) of each place, with its own prior P(c). Under a format f the evidence of a place is
    the sum over c of P(c | picture) P(c | f) / P(c); places are independent. Formats are mixed by their share times
    their evidence, and texts of no format keep a share of their own. A first character may be a stray.
    """
    if not spelling.characters:
        return spelling
    table = probability_table(spelling) @ _GLYPHS
    known = prior or region_prior()
    parses = [_parse(table, known, 1.0 - STRAY_FIRST)]
    if len(table) > 1:
        parses.append(_parse(table[1:], known, STRAY_FIRST * _stray_evidence(table[0])))
    best = max(parses, key=lambda parse: parse.most)
    mixed = np.tensordot(best.weight, best.shares, 1) / best.weight.sum()
    text = mixed.argmax(axis=1)
    own = best.shares[:, np.arange(len(text)), text].prod(axis=1)
    sure = float(best.weight @ own) / sum(float(parse.weight.sum()) for parse in parses)
    return Spelling(tuple(top_characters(row) for row in mixed), round(min(1.0, sure * _length_share(spelling)), 4))


@dataclass(frozen=True, slots=True)
class _Parses:
    """A reading under each format of its length, of which texts of no format are the last.

    `weight` (formats,) is prior times evidence, `shares` (formats, places, CHARACTERS) are the probabilities then.
    """

    weight: Floats
    shares: Floats

    @property
    def most(self) -> float:
        """Return the weight of the best text."""
        return float((self.weight * self.shares.max(axis=2).prod(axis=1)).max())


def _parse(table: Floats, prior: FormatPrior, usual: float) -> _Parses:
    formats = prior.of_length(len(table))
    joint = formats.holds * (table / COMMON)
    evidence = joint.sum(axis=2)
    return _Parses(usual * formats.shares * evidence.prod(axis=1), joint / np.maximum(evidence, 1e-300)[..., None])


def _stray_evidence(place: Floats) -> float:
    """Return how much better a stray explains a place (CHARACTERS,) than a character; strays are seldom read surely."""
    return float(place @ (_STRAYS / COMMON)) * (1.0 - float(place.max()))


def _length_share(spelling: Spelling) -> float:
    """Return the probability that the reading has the right number of characters."""
    read = float(np.prod([max(place.values()) for place in spelling.characters]))
    return min(1.0, spelling.confidence / max(read, 1e-9))


def _glyphs() -> Floats:
    """Return (CHARACTERS, CHARACTERS): row the character read, column the one that it may stand for."""
    stands_for = np.eye(len(CHARACTERS))
    for pair in ("0O", "1I"):
        rows = [CHARACTERS.index(character) for character in pair]
        stands_for[np.ix_(rows, rows)] = [[1 - SAME_GLYPH, SAME_GLYPH], [SAME_GLYPH, 1 - SAME_GLYPH]]
    return stands_for


_GLYPHS = _glyphs()

_STRAYS: Floats = np.array(
    [sum(share / len(of) for of, share in STRAY_SHARES.items() if character in of) for character in CHARACTERS]
)
