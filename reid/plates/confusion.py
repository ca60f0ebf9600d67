"""Hold what was learned of a reader's mistakes: what a character it reads really stands for, what it misses or adds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reid.errors import SeeingError
from reid.plates.alphabet import CHARACTERS

Floats = npt.NDArray[np.float64]

LEARNED = Path(__file__).with_name("confusion.json")
_WRITTEN_FROM = 2e-4
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Confusion:
    """`stands_for` (n, n) over CHARACTERS: row the character read, column the true one, each row summing to 1.

    `missed` is the chance that a character of a plate is left out, `extra` that one is read which is not there.
    """

    stands_for: Floats
    missed: float
    extra: float


@cache
def learned_confusion() -> Confusion:
    """Return the packaged confusion of the packaged reader."""
    return read_confusion(LEARNED)


def read_confusion(path: Path) -> Confusion:
    """Read a confusion that `write_confusion` wrote."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        table = np.stack([_row(document["stands_for"][read]) for read in CHARACTERS])
        return Confusion(table, float(document["missed"]), float(document["extra"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SeeingError(
            f"{path} is no confusion of a reader ({error}): write it with `retrace train reader`"
        ) from None


def write_confusion(confusion: Confusion, path: Path) -> None:
    """Write a confusion so that a person can read it: by character read, what it stands for, likeliest first."""
    document = {
        "missed": round(confusion.missed, 5),
        "extra": round(confusion.extra, 5),
        "stands_for": {
            read: {
                CHARACTERS[column]: round(float(row[column]), 5)
                for column in np.argsort(-row, kind="stable")
                if row[column] >= _WRITTEN_FROM
            }
            for read, row in zip(CHARACTERS, confusion.stands_for, strict=True)
        },
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(shares: Mapping[str, float]) -> Floats:
    """Return what one character stands for, summing to 1; what is not written shares the rest evenly."""
    row = np.full(len(CHARACTERS), _LEAST)
    unwritten = np.array([character not in shares for character in CHARACTERS])
    row[unwritten] = max(_LEAST, (1.0 - sum(shares.values())) / max(1, unwritten.sum()))
    row[~unwritten] = [shares[character] for character in CHARACTERS if character in shares]
    return np.asarray(row / row.sum(), np.float64)
