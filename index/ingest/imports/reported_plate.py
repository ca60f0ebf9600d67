"""Take over the plate that another system reports: whole, in known characters, or not at all."""

import unicodedata

from index.errors import ArchiveError
from reid.plates.other_letters import in_known_letters
from reid.plates.spelling import CHARACTERS, LONGEST

NO_PLATES = frozenset(
    (
        *("NOPLATE", "NOPLATES", "NOREAD", "NOTREAD", "UNREAD", "UNREADABLE", "NOTREADABLE", "UNKNOWN", "NOTFOUND"),
        *("UNRECOGNIZED", "UNRECOGNISED", "UNIDENTIFIED", "NONE", "NULL", "NAN", "NA", "NIL", "EMPTY", "ERROR"),
        *("MISSING", "NOLP", "NOLPR", "UNLICENSED", "NOLICENSE", "NOLICENCE"),
    )
)
"""What plate readers write where they read nothing: no vehicle is known by it."""

NOTHING_REPEATED = "0X"
"""A text of nothing but one of these stands for none, too."""

_BETWEEN = frozenset(".·•・:;/|,'\"()")
"""Signs between the characters of a plate that tell no plate from another, beside spaces and dashes."""

_BETWEEN_KINDS = frozenset({"Zs", "Pd", "Pc", "Cf", "Cc"})


def reported_plate(text: str) -> str | None:
    """Return the plate as it is stored, None for an empty text; refuse one that would be stored as another plate."""
    signs = [sign for sign in in_known_letters(text) if not _is_between(sign)]
    plate = "".join(signs)
    strange = sorted({sign for sign in signs if sign not in CHARACTERS})
    if strange:
        raise ArchiveError(
            f"plate {text[:LONGEST]!r} holds {' '.join(strange[:LONGEST])}: a plate has letters A to Z, digits and "
            "Chinese provinces here, and one of which a part is missing would be taken for another"
        )
    if len(plate) > LONGEST:
        raise ArchiveError(f"plate {plate[:LONGEST]}... has {len(plate)} characters: {LONGEST} are the most")
    if plate in NO_PLATES or (len(plate) > 2 and set(plate) <= set(NOTHING_REPEATED) and len(set(plate)) == 1):
        raise ArchiveError(f"plate {text!r} says that none was read")
    return plate or None


def _is_between(sign: str) -> bool:
    return sign in _BETWEEN or unicodedata.category(sign) in _BETWEEN_KINDS
