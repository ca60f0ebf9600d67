"""Find the plate of one passage in its several pictures, and read it from all of them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reid.plates.candidates import Located
from reid.plates.combine import combined
from reid.plates.locate import VEHICLE, Locator
from reid.plates.read import SURE
from reid.plates.rectify import Quad, quad_size
from reid.plates.spelling import Spelling, as_plate
from reid.vehicle import Corners, Image, Plate

Spell: TypeAlias = Callable[[Image, Sequence[Quad]], list[Spelling]]
"""Says what stands on the plates of a picture, given their corners."""

ENOUGH_PICTURES = 2
"""How many pictures of a passage with its plate are enough: of three, no more plates were read rightly (n 55)."""

LEAST_SIDE_PX = 32
"""Vehicles smaller than this show no plate that could be told from another."""

LEAST_READ_PX = 7.0
"""Nobody reads plates lower than this, and our reader does not try."""


@dataclass(frozen=True, slots=True)
class PassagePlate:
    """`corners` are where the plate is in each picture, None where it was not found or not searched.

    `best` is the picture that shows it largest; `plate` lies there, its text being what all pictures say together,
    None where that is no more than a guess.
    """

    corners: tuple[Corners | None, ...]
    best: int
    plate: Plate


def passage_plate(pictures: Sequence[Image], locator: Locator, spell: Spell) -> PassagePlate | None:
    """Return the plate of the vehicle that fills each of the pictures; None where none shows one."""
    shown = _shown(pictures, locator)
    if not shown:
        return None
    largest = sorted(shown, key=lambda number: (-quad_size(shown[number])[1], number))
    corners = tuple(_corners(shown[number]) if number in shown else None for number in range(len(pictures)))
    said = combined(_read([(pictures[number], shown[number]) for number in largest], spell))
    return PassagePlate(corners, largest[0], as_plate(shown[largest[0]], said))


def _read(largest: Sequence[tuple[Image, Quad]], spell: Spell) -> list[Spelling]:
    """Return what stands on the plate, the largest picture first, until one is sure; on tiny ones nothing stands."""
    spellings: list[Spelling] = []
    for picture, quad in largest:
        if quad_size(quad)[1] < LEAST_READ_PX:
            break
        spellings += spell(picture, [quad])
        if spellings[-1].confidence >= SURE:
            break
    return spellings


def _shown(pictures: Sequence[Image], locator: Locator) -> dict[int, Quad]:
    """Return where the plate is in the largest pictures that show it, in the order of the pictures.

    The very largest often do not: what passes near the camera is cut off by the edge of the frame.
    """
    found: dict[int, Quad] = {}
    for number in sorted(range(len(pictures)), key=lambda number: (-pictures[number].shape[0], number)):
        one = _own_plate(pictures[number], locator)
        if one is not None:
            found[number] = one.corners
        if len(found) == ENOUGH_PICTURES:
            break
    return dict(sorted(found.items()))


def _own_plate(picture: Image, locator: Locator) -> Located | None:
    """Return the best plate of a picture; others are those of vehicles behind and beside."""
    if min(picture.shape[:2]) < LEAST_SIDE_PX:
        return None
    found = locator.locate(picture, VEHICLE)
    return found[0] if found else None


def _corners(quad: Quad) -> Corners:
    return tuple((float(x), float(y)) for x, y in quad)
