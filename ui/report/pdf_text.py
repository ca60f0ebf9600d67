"""Turn texts into the markup of ReportLab's paragraphs: escaped, and each character in a typeface that has it."""

import os
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

REGULAR, BOLD, ITALIC = "Vera", "Vera-Bold", "Vera-Italic"
"""Bitstream Vera comes with ReportLab; what is used of it goes into the file."""

_OWN_FILES = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf", ITALIC: "VeraIt.ttf"}

_OTHER_FILES = (
    ("DejaVuSans.ttf", 0),
    ("NotoSans-Regular.ttf", 0),
    ("arial.ttf", 0),
    ("Arial Unicode.ttf", 0),
    ("DroidSansFallbackFull.ttf", 0),
    ("NotoSansSC-Regular.ttf", 0),
    ("wqy-microhei.ttc", 0),
    ("wqy-zenhei.ttc", 0),
    ("msyh.ttc", 0),
    ("simsun.ttc", 0),
    ("STHeiti Light.ttc", 0),
)
"""Files with more scripts that machines often have, and the number of the face in each; the first that fits is used."""

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "~/.local/share/fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)


def register_faces() -> None:
    """Make the typefaces known to ReportLab."""
    for name in _OWN_FILES:
        _own_face(name)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=ITALIC, boldItalic=BOLD)


def markup(text: str) -> str:
    """Return a text as the inside of a paragraph; a character that no typeface here has is written as its number."""
    return "".join(_run(face, "".join(characters)) for face, characters in groupby(text, _face))


def face_of(text: str, face: str) -> str:
    """Return the typeface of a label of one run: its own, or another that has its first foreign character."""
    return next((other for other in map(_face, text) if other not in (REGULAR, None)), None) or face


def _run(face: str | None, characters: str) -> str:
    if face is None:
        return "".join(f"[U+{ord(one):04X}]" for one in characters)
    escaped = escape(characters, quote=False)
    return escaped if face == REGULAR else f'<font name="{face}">{escaped}</font>'


@cache
def _face(character: str) -> str | None:
    """Return the typeface that has a character: the report's own, or one of this machine, None where none has."""
    if character == "\n" or ord(character) in _own_face(REGULAR).face.charToGlyph:
        return REGULAR
    return next((font.fontName for font in _other_faces() if ord(character) in font.face.charToGlyph), None)


@cache
def _own_face(name: str) -> TTFont:
    font = TTFont(name, str(Path(reportlab.__file__).parent / "fonts" / _OWN_FILES[name]))
    pdfmetrics.registerFont(font)
    return font


@cache
def _other_faces() -> tuple[TTFont, ...]:
    return tuple(_open_faces())


def _open_faces() -> Iterator[TTFont]:
    """Open the typefaces of this machine that have more scripts; those that cannot be embedded are passed over."""
    found = _files()
    for name, number in _OTHER_FILES:
        if name in found:
            try:
                font = TTFont(Path(name).stem, str(found[name]), subfontIndex=number)
            except (TTFError, OSError):
                continue
            pdfmetrics.registerFont(font)
            yield font


def _files() -> dict[str, Path]:
    """Return where the files lie that this machine has; the first of a name counts."""
    wanted = {name for name, _ in _OTHER_FILES}
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        for at, _, names in sorted(os.walk(Path(folder).expanduser())):
            for name in sorted(wanted.intersection(names)):
                found.setdefault(name, Path(at) / name)
    return found
