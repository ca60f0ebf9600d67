"""Say in the language of the visit what could not be done: the other rooms tell it in one English line."""

import re
from functools import cache

from index.errors import one_line
from ui.web.language import catalogue, current_language

BLANK = re.compile(r"\{\d+\}")
DEEPEST = 3
"""A line in a line in a line: a file, what is wrong with it, what to do."""


def say_error(error: Exception) -> str:
    """Return what an error says, in the language of the visit."""
    return say_line(one_line(error))


def say_line(line: str, deepest: int = DEEPEST) -> str:
    """Return a line of another room in the language of the visit; one that it does not know stays English.

    A language names such lines as they are written, with {1}, {2} ... for what is filled in: that may be a line, too.
    """
    language = current_language()
    texts = catalogue(language)
    if line in texts:
        return texts[line]
    for pieces, text in _lines(language) if deepest else ():
        filled = _filled(line, pieces)
        if filled is not None:
            return text.format("", *(say_line(part, deepest - 1) for part in filled))
    return line


@cache
def _lines(language: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return the lines with blanks, those that say most first: the pieces between their blanks, and their text."""
    lines = [(tuple(BLANK.split(english)), text) for english, text in catalogue(language).items()]
    return tuple(sorted((line for line in lines if len(line[0]) > 1), key=lambda line: -sum(map(len, line[0]))))


def _filled(line: str, pieces: tuple[str, ...]) -> list[str] | None:
    """Return what fills the blanks between the pieces of a line, each as short as can be; None if the line differs.

    A regular expression would try every place of every piece, and what is filled in may come from a file of somebody
    else: a name of 5 kB, of nothing but such pieces, stopped the page for a minute and a half.
    """
    *starts, last = pieces
    if not line.startswith(starts[0]) or not line.endswith(last):
        return None
    filled, at, end = [], len(starts[0]), len(line) - len(last)
    for piece in starts[1:]:
        found = line.find(piece, at, end)
        if found < 0:
            return None
        filled.append(line[at:found])
        at = found + len(piece)
    return [*filled, line[at:end]] if at <= end else None
