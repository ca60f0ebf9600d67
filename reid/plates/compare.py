"""Compare plate crops: read each picture once, weigh each pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reid.images import read_image
from reid.plates.likelihood import same_probability, text_llr
from reid.plates.read import read_plate_crop
from reid.vehicle import Plate

UNREAD = 0.5
"""The probability at even prior where nothing was read: nothing was learned."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Probability at even prior that two crops show one plate; `llr` is None where one could not be read."""

    same: float
    llr: float | None
    by: str = "text"


def compare_crops(pairs: Sequence[tuple[Path, Path]]) -> list[Compared]:
    """Return how alike the plates of each pair of picture files are, in the order given."""
    read: dict[Path, Plate] = {}
    for path in dict.fromkeys(path for pair in pairs for path in pair):
        read[path] = read_plate_crop(read_image(path))
    return [_compared(text_llr(read[a], read[b])) for a, b in pairs]


def _compared(llr: float | None) -> Compared:
    return Compared(UNREAD, None) if llr is None else Compared(same_probability(llr), round(llr, 4))
