"""Turn texts into the markup of ReportLab's paragraphs: escaped, and each character in a typeface that has it."""

from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

import reportlab
from reportlab.pdfbase.ttfonts import TTFontFile

REGULAR, BOLD, ITALIC = "Vera", "Vera-Bold", "Vera-Italic"
"""Bitstream Vera comes with ReportLab, and goes into the file."""

OTHER_SCRIPTS = "STSong-Light"
"""Not in the file: Chinese, Greek and Cyrillic are shown in the reader's own typeface."""


def markup(text: str) -> str:
    """Return a text as the inside of a paragraph; a character that no typeface has is written as its number."""
    return "".join(_run(kind, "".join(characters)) for kind, characters in groupby(text, _kind))


def _run(kind: str, characters: str) -> str:
    if kind == "unknown":
        return "".join(f"[U+{ord(one):04X}]" for one in characters)
    escaped = escape(characters, quote=False)
    return f'<font name="{OTHER_SCRIPTS}">{escaped}</font>' if kind == "other" else escaped


def _kind(character: str) -> str:
    if character == "\n" or ord(character) in _own_characters():
        return "own"
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return "unknown"
    return "other"


@cache
def _own_characters() -> frozenset[int]:
    return frozenset(TTFontFile(str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")).charToGlyph)
