"""Write plates of other alphabets in the characters that are known here, as a reader of pictures sees them."""

import unicodedata

from reid.plates.spelling import CHARACTERS, LETTERS

_LOOKS_LIKE = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧĐŁØ", "ABEKMHOPCTYXIJSABEZHIKMNOPTYXDLO")
"""Cyrillic and Greek capitals, of which several countries use only those that look like Latin ones; and strokes."""


def in_known_letters(text: str) -> str:
    """Return a text in capitals, with letters and digits that look like known ones as these; all else stays.

    An umlaut or another mark is left out, as the reader does: MÜ-AB 123 is MU-AB 123.
    """
    capitals = "".join(_capital(sign) for sign in unicodedata.normalize("NFKC", text))
    return "".join(_known(sign) for sign in capitals.translate(_LOOKS_LIKE))


def _capital(sign: str) -> str:
    """Return the capital of a letter; one that has two, as ß, stays."""
    capital = sign.upper()
    return capital if len(capital) == 1 else sign


def _known(sign: str) -> str:
    if sign in CHARACTERS:
        return sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    without_marks = unicodedata.normalize("NFD", sign)[0]
    return without_marks if without_marks in LETTERS else sign
