"""Define the syntaxes of number plates by country: what each place of a text may hold, and how usual that is.

In a pattern A is a letter of the format, 9 a digit, P a Chinese province, "[DF]" one of these characters, and anything
else stands for itself. Separators are left out, as in every text here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from reid.arrays import Floats
from reid.errors import SeeingError
from reid.plates.spelling import CHARACTERS, DIGITS, FREQUENCY, LETTERS, PROVINCES

FREE_SHARE = 0.25
"""The share of plates that follow no syntax here: vanity plates, old ones, those of countries that are not listed."""

REGION_SHARE = 0.6
"""The share of a stated region among the plates that follow a syntax; the rest are visitors from anywhere."""


def _without(left_out: str) -> str:
    return "".join(letter for letter in LETTERS if letter not in left_out)


def _chinese() -> str:
    """Return the patterns with at most two letters among the last five places."""
    places = [set(chosen) for count in range(3) for chosen in combinations(range(5), count)]
    blue = ["PA" + "".join("A" if place in letters else "9" for place in range(5)) for letters in places]
    return " ".join([*blue, "PA[DF]99999", "PA[ABCDEFGHJK]99999", "PA[DF]A9999", "PA99999[DF]", "PA9999", "PA999A"])


def _german() -> str:
    """Return the patterns of one to three letters of the district, one or two more, and up to four digits."""
    lengths = [(town + own, digits) for town in (1, 2, 3) for own in (1, 2) for digits in (1, 2, 3, 4)]
    return " ".join(sorted({"A" * letters + "9" * digits for letters, digits in lengths if 4 < letters + digits <= 8}))


_CONSONANTS = _without("AEIOUQ")
_CYRILLIC = "ABEKMHOPCTYX"
"""Letters of two alphabets, as plates of several countries use them alone."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """The patterns of one region's plates, equally usual, and the letters that stand for A.

    `vehicles` is about how many carry such plates, in tens of millions, at least 1.
    """

    patterns: str
    letters: str = LETTERS
    vehicles: int = 1


SYNTAXES: Mapping[str, Syntax] = {
    "AR": Syntax("AA999AA AA999AA AAA999 AAA999 A999AAA 999AAA", vehicles=2),
    "AT": Syntax("AA999AA AA9999A A99999A A9999AA AA99AAA A999AA"),
    "AU": Syntax("AAA99A AAA999 999AA9 9AA9AA 9AAA999 99AA99"),
    "BE": Syntax("9AAA999 9AAA999 AAA999 999AAA"),
    "BG": Syntax("AA9999AA A9999AA", _CYRILLIC),
    "BO": Syntax("9999AAA 999AAA"),
    "BR": Syntax("AAA9A99 AAA9999", vehicles=10),
    "BY": Syntax("9999AA9", "ABEIKMHOPCTX"),
    "CA": Syntax("AAAA999 A99AAA 999AAA AA999A AAA999 9AA999"),
    "CH": Syntax("AA9999 AA99999 AA999999 AA999"),
    "CL": Syntax("AAAA99 AA9999", _CONSONANTS),
    "CN": Syntax(_chinese(), _without("IO"), vehicles=30),
    "CO": Syntax("AAA999 AAA99A"),
    "CZ": Syntax("9A99999 9A99999 9AA9999 AAA9999", _without("GOQW")),
    "DE": Syntax(_german(), vehicles=6),
    "DK": Syntax("AA99999", _without("IOQ")),
    "EC": Syntax("AAA9999 AAA999"),
    "EE": Syntax("999AAA"),
    "ES": Syntax("9999AAA", _CONSONANTS, vehicles=3),
    "FI": Syntax("AAA999 AA999"),
    "FR": Syntax("AA999AA", _without("IOU"), vehicles=5),
    "GB": Syntax("AA99AAA AA99AAA A999AAA AAA999A", _without("IQ"), vehicles=4),
    "GR": Syntax("AAA9999", "ABEZHIKMNOPTYX"),
    "HR": Syntax("AA999A AA999AA AA9999A AA9999AA", _without("QWXY")),
    "HU": Syntax("AAA999 AAAA999"),
    "IE": Syntax("999A999 999A9999 999A99999 99A9999 99AA999 999AA9999", _without("ABIJNPQVXYZ")),
    "IN": Syntax("AA99AA9999 AA99A9999", _without("IO"), vehicles=30),
    "IT": Syntax("AA999AA", _without("IOQU"), vehicles=5),
    "KE": Syntax("KAA999A", _without("IO")),
    "KZ": Syntax("999AAA99 999AA99"),
    "LT": Syntax("AAA999"),
    "LU": Syntax("AA9999"),
    "LV": Syntax("AA9999"),
    "MD": Syntax("AAA999"),
    "MK": Syntax("AA9999AA"),
    "MX": Syntax("AAA999A AAA9999 A99AAA", _without("IOQ"), vehicles=5),
    "MY": Syntax("AAA9999 AA9999 AAA999 WA9999A", _without("IO")),
    "NG": Syntax("AAA999AA"),
    "NL": Syntax("AA999A A999AA 9AAA99 99AAA9 AAA99A 99AAAA AAAA99 AA99AA", _without("AEIOUCMQWY")),
    "NO": Syntax("AA99999", _without("GIMOQW")),
    "NZ": Syntax("AAA999 AA9999", _without("IOV")),
    "PE": Syntax("A9A999 AAA999"),
    "PL": Syntax("AA99999 AA9999A AA999AA AAA9999 AAA99AA AAA99999", _without("Q"), vehicles=3),
    "PT": Syntax("AA99AA 99AA99 9999AA AA9999", _without("KWY")),
    "PY": Syntax("AAAA999 AAA999"),
    "RO": Syntax("AA99AAA AA99AAA B99AAA B999AAA B999999", _without("Q")),
    "RS": Syntax("AA999AA AA9999AA AA999A"),
    "RU": Syntax("A999AA99 A999AA999", _CYRILLIC, vehicles=5),
    "SE": Syntax("AAA999 AAA99A", _without("IQV")),
    "SG": Syntax("SAA9999A SA9999A", _without("IO")),
    "SI": Syntax("AAAA999 AA99AAA AA999AA"),
    "SK": Syntax("AA999AA", _without("QW")),
    "TR": Syntax("99A9999 99A99999 99AA999 99AA9999 99AAA99 99AAA999", _without("QWX"), vehicles=3),
    "UA": Syntax("AA9999AA", "ABEIKMHOPCTX"),
    "US": Syntax(
        "9AAA999 9AAA999 AAA9999 AAA9999 AAA999 999AAA AAA999A AAA99A A99AAA AAA9A9 AA99999 999AAA9", vehicles=28
    ),
    "UY": Syntax("AAA9999"),
    "VE": Syntax("AA999AA AAA99A"),
    "VN": Syntax("99A99999 99A9999 99A999999 99AA99999", _without("IJOQW"), vehicles=6),
    "ZA": Syntax("AA99AAGP AAA999GP CA99999 CA999999 AA99AAA"),
}
"""Region -> its syntaxes."""


@dataclass(frozen=True, slots=True)
class FormatsOfLength:
    """Formats of one length; the last is that of texts of no format.

    `shares` (formats,) are those among all plates; `holds` (formats, places, CHARACTERS) is what each place may hold.
    """

    shares: Floats
    holds: Floats


class FormatPrior:
    """How usual each format is, by the length of its texts."""

    def __init__(self, known: Sequence[tuple[float, Floats]]) -> None:
        """Keep formats as their share and what each of their places may hold, (places, CHARACTERS)."""
        self._known = known
        self._by_length: dict[int, FormatsOfLength] = {}

    def of_length(self, length: int) -> FormatsOfLength:
        """Return the formats of so many characters, that of free texts last."""
        if length not in self._by_length:
            fitting = [one for one in self._known if len(one[1]) == length]
            fitting.append((FREE_SHARE, np.tile(_FREE_PLACE, (length, 1))))
            shares, holds = zip(*fitting, strict=True)
            self._by_length[length] = FormatsOfLength(np.array(shares), np.stack(holds))
        return self._by_length[length]


@cache
def region_prior(region: str | None = None) -> FormatPrior:
    """Return the prior of a stated region; with None all regions are equally usual."""
    if region is not None and region not in SYNTAXES:
        raise SeeingError(f"no plates are known of region {region!r}: give one of {', '.join(SYNTAXES)}, or none")
    everywhere = (1.0 if region is None else 1.0 - REGION_SHARE) / sum(syntax.vehicles for syntax in SYNTAXES.values())
    known: list[tuple[float, Floats]] = []
    for name, syntax in SYNTAXES.items():
        share = (1.0 - FREE_SHARE) * (everywhere * syntax.vehicles + (REGION_SHARE if name == region else 0.0))
        patterns = syntax.patterns.split()
        known += [(share / len(patterns), _holds(pattern, syntax.letters)) for pattern in patterns]
    return FormatPrior(known)


def _holds(pattern: str, letters: str) -> Floats:
    """Return (places, CHARACTERS): the share of each character at each place of a pattern."""
    choices = {"A": letters, "9": DIGITS, "P": PROVINCES}
    places = [part.strip("[]") for part in _PLACE.findall(pattern)]
    return np.stack([_evenly(choices.get(place, place)) for place in places])


def _evenly(held: str) -> Floats:
    return np.array([1.0 / len(held) if character in held else 0.0 for character in CHARACTERS])


_PLACE = re.compile(r"\[\w+\]|\w")

_FREE_PLACE: Floats = np.array([0.0 if one in PROVINCES else FREQUENCY[one] for one in CHARACTERS])
_FREE_PLACE = _FREE_PLACE / _FREE_PLACE.sum()
"""(CHARACTERS,): a province stands before Chinese plates alone."""
