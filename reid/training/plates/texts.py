"""Draw the texts of synthetic plates in the patterns of many countries, and in free patterns.

In a pattern A is a letter, 9 a digit, ? either, P a Chinese province, anything else stands for itself; "~" is a gap,
"-" a dash and "." a dot, none of them part of the text; "|" starts the second line, "/" stacks two small characters
in the place of one.
"""

from dataclasses import dataclass

import numpy as np

from reid.plates.spelling import DIGITS, LETTERS, PROVINCES

SEPARATORS = "~-./|"
_NO_IOQ = "ABCDEFGHJKLMNPRSTUVWXYZ"
_FREE_SHARE = 0.16
"""Share of the texts that follow no country's pattern."""

_ALIKE = {
    "0": "OD8", "O": "0DQ", "D": "0O", "8": "B36", "B": "8R", "1": "I7", "I": "1LT", "7": "1T2", "2": "Z7", "Z": "2",
    "5": "S6", "S": "5", "6": "5G8", "G": "C6", "C": "GO", "M": "NW", "N": "MH", "H": "NM", "E": "FB", "F": "EP",
    "P": "FR", "R": "PB", "U": "VD", "V": "UY", "Q": "O", "3": "89", "9": "83", "4": "9", "A": "R", "K": "XR",
    "X": "KY", "Y": "VX", "T": "7", "W": "M", "L": "I", "J": "U",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PatternFamily:
    """Patterns of one family of plates; `family` decides their style, `share` is how often they are drawn."""

    family: str
    share: float
    patterns: tuple[str, ...]
    letters: str = LETTERS


def _patterns(words: str) -> tuple[str, ...]:
    return tuple(words.split())


PATTERN_FAMILIES = (
    PatternFamily("eu", 0.16, _patterns(
        "A~AA~9999 AA~AA~999 AA~A~9999 AAA~AA~99 A~AA~999 AAA~A~999 AA~AA~9999 A~A~9999 AA~AA~99")),
    PatternFamily("eu", 0.16, _patterns(
        "AA-999-AA AA~999AA AA~999~AA 9999~AAA AA~99999 AAA~9999 AAA~99999 AA~9999A 9A9~9999 9AA~9999 AA-999AA "
        "AAA-999 AA~AA-999 AA~999-AA AA~9999-A AA~99~AAA A~999~AAA A~9999~AA AA~9999~AA 99-AA-99 AA-99-AA 99-99-AA "
        "9-AAA-999 AAA~999 AAA~99A AA~99~999 AA~999.999 AA~99999 AAA-9999 AA-9999 999~AAA A99-A-999 A~999~AA~99 "
        "AA~9999 W~99999A AA~999A AA~999AA A~999AA AA~99A")),
    PatternFamily("eu", 0.06, _patterns(
        "AA-999-A A-999-AA 99-AAA-9 99-AA-AA AA-AA-99 9-AAA-99 AAA-99-A 999-99-999 99-999-99 99~A~9999 99~AA~999 "
        "99~AAA~99 99~AAA~999 999-A-9999 99-A-99999"), _NO_IOQ),
    PatternFamily("uk", 0.07, _patterns("AA99~AAA AA99~AAA AA99~AAA A999~AAA AAA~999A AAA~9999"), _NO_IOQ),
    PatternFamily("us", 0.30, _patterns(
        "9AAA999 9AAA999 9AAA999 AAA~9999 AAA~9999 AAA~9999 AAA-9999 AAA.9999 AAA~999 AAA-999 AAA.999 999~AAA 999-AAA "
        "999.AAA AAA9999 999AAA A99~9AA AAA~A99 AA9~9AA 999~9999 A99~9999 AA~99999 9AAA~99 A99-AAA AAA-99A AAA99A "
        "999~AA9 99AA~99 99A~9999 AA9~A9A 9AA9999 A~999999 A99-99A 99A99A9 9A99999 AA99999 AA.99999 99A.999 99-A999 "
        "99999A9 99A~999 9A~9999A AAA~A999 999A999 9999~AA A9999 AA9999 999999 AAAA~999 AAAAAA AAAAAAA AAAAA ?????? "
        "??????? A999999 AAA9999 AAA999 999~??? A9~9999 9AAA~999 99~99999 999~99A A99999A A999~999 99~AA99 "
        "A/A~9999 A/A99999 A/A999AA 999AA~A/A 9999~A/A 99999A/A A/A~99A99")),
    PatternFamily("br", 0.09, ("AAA-9999", "AAA-9999", "AAA~9999", "AAA.9999")),
    PatternFamily("mercosul", 0.05, ("AAA9A99", "AAA9A99", "AA~999~AA", "AAA~999", "AAAA.99")),
    PatternFamily("cn", 0.10, ("PA.99999", "PA.A9999", "PA.99A99", "PA.9A999", "PA.AA999", "PA.?????", "PA.9999A"),
    _NO_IOQ),
    PatternFamily("cn-green", 0.03, ("PA.D99999", "PA.F99999", "PA.A99999", "PA.99999D", "PA.AA9999"), _NO_IOQ),
    PatternFamily("plain", 0.09, _patterns(
        "AA~99~AA~9999 AA~99~A~9999 AA-99-AA-9999 AA99AA9999 99A-999.99 99A-9999 99A-99999 AAA~9999 AA~9999~A "
        "SAA~9999~A A~9999~AA A~9999~AAA AA~9999~AA AAA-999-AA AAA~999A AAA-99-99 AA-99-99-A A9A-999 AAA-999")),
    PatternFamily("square", 0.22, _patterns(
        "99A|999.99 99-A9|999.99 99-AA|999.99 99-A9|9999 AA~A|9999 AAA|999 AA-99|AA~9999 AA~99|A~9999 AA99|AAA "
        "AAA|9999 AA|999~AA AA~999|AA 999|AA~99 A~AA|999 AAA|99A 99|AAA~99 AA9|9999 A|999~AA AA~9|9999 999|AAA "
        "99-A|999.99 99A|9999 AA~99~A|9999 AA~A|99999 AA|99999 A~A9|99999 AAA|999A AA|9~AA~99")),
    PatternFamily("cn-square", 0.02, ("P.A|99999", "P.A|A9999", "P.A|9A999"), _NO_IOQ),
)  # fmt: skip


def draw_family(rng: np.random.Generator) -> PatternFamily:
    """Draw a family of plates."""
    shares = np.array([writing.share for writing in PATTERN_FAMILIES])
    return PATTERN_FAMILIES[int(rng.choice(len(PATTERN_FAMILIES), p=shares / shares.sum()))]


def draw_marking(writing: PatternFamily, provinces: str, rng: np.random.Generator) -> str:
    """Return a random text with its separators and line break; `provinces` are those that can be drawn."""
    pattern = str(rng.choice(writing.patterns))
    if writing.family in ("eu", "us", "plain", "square") and rng.random() < _FREE_SHARE:
        pattern = _free_pattern(rng, two_lines=writing.family == "square")
    return "".join(_filled(sign, writing.letters, provinces, rng) for sign in pattern)


def plain_text(marking: str) -> str:
    """Return the characters without separators."""
    return "".join(sign for sign in marking if sign not in SEPARATORS)


def with_changed_character(marking: str, rng: np.random.Generator) -> str:
    """Return the marking with one character changed, half of the time into a similar one."""
    places = [place for place, sign in enumerate(marking) if sign not in SEPARATORS]
    place = int(rng.choice(places))
    old = marking[place]
    kind = next(signs for signs in (DIGITS, LETTERS, PROVINCES) if old in signs)
    alike = [sign for sign in _ALIKE.get(old, "") if sign in kind]
    others = alike if alike and rng.random() < 0.5 else [sign for sign in kind if sign != old]
    return marking[:place] + str(rng.choice(others)) + marking[place + 1 :]


def _free_pattern(rng: np.random.Generator, *, two_lines: bool) -> str:
    """Return a random pattern of 4 to 10 letters and digits, with up to two separators."""
    length = int(rng.choice([4, 5, 6, 7, 8, 9, 10], p=(0.08, 0.14, 0.26, 0.26, 0.16, 0.06, 0.04)))
    signs = list(rng.choice(["A", "9"], length))
    for _ in range(int(rng.integers(3))):
        signs.insert(int(rng.integers(1, len(signs))), str(rng.choice(["~", "~", "-", "."])))
    if two_lines:
        signs.insert(len(signs) // 2, "|")
    return "".join(signs)


def _filled(sign: str, letters: str, provinces: str, rng: np.random.Generator) -> str:
    if sign == "?":
        sign = "9" if rng.random() < 0.6 else "A"
    choices = {"A": letters, "9": DIGITS, "P": provinces}.get(sign, sign)
    return choices[int(rng.integers(len(choices)))]
