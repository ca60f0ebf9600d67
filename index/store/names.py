"""Check the names that people give to cameras, cases and accounts, and turn names into names of files."""

import hashlib
import re
import unicodedata

from index.errors import ArchiveError

LONGEST = 100
LONGEST_FILE_BYTES = 200
BROUGHT = "brought-"
"""What the folders of files that people brought begin with."""

_NEVER_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories of characters that change how a line is read, or that nobody sees."""

_JOINERS = "\u200c\u200d"
"""Persian and Indian words are written with these, though they are invisible."""

_LOOKS_LIKE = str.maketrans("асеорхуіјѕһԁԛԝкмтвнαοριντκμβεηχυζӏօսհոɑɡı", "aceopxyijshdqwkmtbhaopintkmbehxyzlouhnagi")
"""Small Cyrillic, Greek and other letters, and the Latin ones that they, or their capitals, look like."""

_DIGITS_LIKE = str.maketrans("oli|", "0111")
"""Letters and signs that are taken for digits: a capital i and a small l are one stroke."""

_NOTHING_THERE = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Marks, letters and symbols of which nobody sees anything, whatever Unicode counts them as."""

_VARIATIONS = range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)
"""They choose how the character before them is drawn, if anything does; Mongolian is written with the first."""

_DASHES = "\u2212\u02d7"
"""Characters that look like a dash, beside those that Unicode counts as one."""

_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
_NOT_IN_FILE_NAMES = re.compile(r"[^\w-]+")


def check_name(name: str, what: str) -> None:
    """Refuse a name that is empty, too long, or holds characters that nobody sees; `what` is what it names."""
    if not name.strip():
        raise ArchiveError(f"{what} without a name cannot be found again: give it one")
    if name != name.strip():
        raise ArchiveError(f"the name {name!r} of {what} begins or ends with a space: leave it out")
    if len(name) > LONGEST:
        raise ArchiveError(f"the name {name[:20]!r}... of {what} has {len(name)} characters: {LONGEST} are the most")
    _check_shown(name, f"the name {name!r} of {what}")
    if not look_of(name):
        raise ArchiveError(f"nobody sees anything of the name {name!a} of {what}: give it another")


def check_line(text: str, what: str, longest: int) -> None:
    """Refuse a line that is too long, or holds characters that nobody sees; `what` is what it says."""
    if len(text) > longest:
        raise ArchiveError(f"{what} of {len(text):,} characters is too long: {longest:,} are the most")
    _check_shown(text, what)


def _check_shown(text: str, what: str) -> None:
    hidden = next((one for one in text if _is_never_shown(one)), None)
    if hidden is not None:
        raise ArchiveError(f"{what} holds U+{ord(hidden):04X}, which nobody sees: leave it out")


def look_of(name: str) -> str:
    """Return the same text for names that people cannot tell apart.

    They may differ in capitals, code points, letters and digits alike, dashes, spaces, and in what nobody sees.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    shown = "".join(_plain_sign(one) for one in folded if not _is_part_of_another(one))
    return " ".join(shown.translate(_LOOKS_LIKE).translate(_DIGITS_LIKE).split())


def file_name(name: str) -> str:
    """Return a name for a file or folder that stands for a name; different names give different files."""
    if _PLAIN.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{_NOT_IN_FILE_NAMES.sub('_', name)[:40]}-{digest}"


def brought_folder(sha256: str) -> str:
    """Return the name of the folder in which a file that was brought lies, by the SHA-256 of its bytes.

    The whole of it: of 64 bits two files can be made that have the same, and one would take the place of the other.
    """
    return f"{BROUGHT}{sha256}"


def brought_name(name: str, *, otherwise: str) -> str:
    """Return the name of a file that was brought, without folders and what nobody sees; `otherwise` where none is left.

    The end is kept of a long one, since it tells the kind of file.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(one for one in last if not _is_never_shown(one))
    end = shown.encode("utf-8", "ignore")[-LONGEST_FILE_BYTES:].decode("utf-8", "ignore")
    return end.lstrip(".") or otherwise


def _is_never_shown(one: str) -> bool:
    return one in _NOTHING_THERE or (unicodedata.category(one) in _NEVER_SHOWN and one not in _JOINERS)


def _is_part_of_another(one: str) -> bool:
    return one in _JOINERS or one in _NOTHING_THERE or any(ord(one) in part for part in _VARIATIONS)


def _plain_sign(one: str) -> str:
    return "-" if unicodedata.category(one) == "Pd" or one in _DASHES else one
