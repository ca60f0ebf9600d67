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
    for longest, pattern, text in _lines(language) if deepest else ():
        if longest in line and (found := pattern.fullmatch(line)):
            return text.format("", *(say_line(part, deepest - 1) for part in found.groups()))
    return line


@cache
def _lines(language: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Return the lines with blanks, those that say most first: their longest part, their pattern and their text."""
    lines = [(BLANK.split(english), text) for english, text in catalogue(language).items() if BLANK.search(english)]
    lines.sort(key=lambda line: -sum(map(len, line[0])))
    return tuple(
        (max(said, key=len), re.compile("(.*?)".join(map(re.escape, said)), re.DOTALL), text) for said, text in lines
    )
