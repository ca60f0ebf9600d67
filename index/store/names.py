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

_LOOKS_LIKE = str.maketrans("асеорхуіјѕһԁԛԝкмтвнαοριντκμβεηχυζ", "aceopxyijshdqwkmtbhaopintkmbehxyz")
"""Small Cyrillic and Greek letters, and the Latin ones that they, or their capitals, look like."""

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


def check_line(text: str, what: str, longest: int) -> None:
    """Refuse a line that is too long, or holds characters that nobody sees; `what` is what it says."""
    if len(text) > longest:
        raise ArchiveError(f"{what} of {len(text):,} characters is too long: {longest:,} are the most")
    _check_shown(text, what)


def _check_shown(text: str, what: str) -> None:
    hidden = next((one for one in text if unicodedata.category(one) in _NEVER_SHOWN and one not in _JOINERS), None)
    if hidden is not None:
        raise ArchiveError(f"{what} holds U+{ord(hidden):04X}, which nobody sees: leave it out")


def look_of(name: str) -> str:
    """Return the same text for names that people cannot tell apart: by capitals, code points, or letters alike."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded.translate(_LOOKS_LIKE)


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
    shown = "".join(one for one in last if unicodedata.category(one) not in _NEVER_SHOWN or one in _JOINERS)
    end = shown.encode("utf-8", "ignore")[-LONGEST_FILE_BYTES:].decode("utf-8", "ignore")
    return end.lstrip(".") or otherwise
