"""Locate the plate of one passage in its pictures, and read it from all of them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reid.plates.combine import combined
from reid.plates.formats import region_prior
from reid.plates.grammar import grammatical
from reid.plates.locate import VEHICLE, Located, Locator
from reid.plates.read import SURE
from reid.plates.rectify import Quad, quad_size
from reid.plates.spelling import Spelling, as_plate
from reid.vehicle import Corners, Image, Plate

Spell: TypeAlias = Callable[[Image, Sequence[Quad]], list[Spelling]]
"""Returns the spelling of each plate of a picture, given their corners."""

ENOUGH_PICTURES = 2
"""A third picture with the plate does not help: no more plates were read correctly (n 55)."""

LEAST_SIDE_PX = 32
"""Smaller vehicles show no plate that could be distinguished from another."""

LEAST_READ_PX = 7.0
"""Lower plates are unreadable."""


@dataclass(frozen=True, slots=True)
class PassagePlate:
    """The plate of a passage; `corners` are those in each picture, None where it was not found or not searched.

    `best` is the picture that shows it largest. `plate` lies in that picture; its text is read from all pictures,
    None if it is no more than a guess.
    """

    corners: tuple[Corners | None, ...]
    best: int
    plate: Plate


def passage_plate(
    pictures: Sequence[Image], locator: Locator, spell: Spell, region: str | None = None
) -> PassagePlate | None:
    """Return the plate of the vehicle that fills each of the pictures; None if none shows a plate.

    `region` is where most of the plates are from, one of `formats.SYNTAXES`.
    """
    quads = _located(pictures, locator)
    if not quads:
        return None
    largest = sorted(quads, key=lambda number: (-quad_size(quads[number])[1], number))
    corners = tuple(_corners(quads[number]) if number in quads else None for number in range(len(pictures)))
    joined = combined(_spellings([(pictures[number], quads[number]) for number in largest], spell))
    spelling = grammatical(joined, region_prior(region))
    return PassagePlate(corners, largest[0], as_plate(quads[largest[0]], spelling))


def _spellings(largest: Sequence[tuple[Image, Quad]], spell: Spell) -> list[Spelling]:
    """Return the spellings of the plate, from the largest picture on, until one is sure or the plate is too small."""
    spellings: list[Spelling] = []
    for picture, quad in largest:
        if quad_size(quad)[1] < LEAST_READ_PX:
            break
        spellings += spell(picture, [quad])
        if spellings[-1].confidence >= SURE:
            break
    return spellings


def _located(pictures: Sequence[Image], locator: Locator) -> dict[int, Quad]:
    """Return the corners of the plate in the largest pictures that show it, in the order of the pictures.

    The very largest often do not: a vehicle near the camera is cut off by the edge of the frame.
    """
    found: dict[int, Quad] = {}
    for number in sorted(range(len(pictures)), key=lambda number: (-pictures[number].shape[0], number)):
        plate = _own_plate(pictures[number], locator)
        if plate is not None:
            found[number] = plate.corners
        if len(found) == ENOUGH_PICTURES:
            break
    return dict(sorted(found.items()))


def _own_plate(picture: Image, locator: Locator) -> Located | None:
    """Return the best plate of a picture; others belong to vehicles behind and beside."""
    if min(picture.shape[:2]) < LEAST_SIDE_PX:
        return None
    found = locator.locate(picture, VEHICLE)
    return found[0] if found else None


def _corners(quad: Quad) -> Corners:
    return tuple((float(x), float(y)) for x, y in quad)
