"""Score reading from whole photographs of rendered traffic against reading with the plates' true corners."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.evaluation.plate_location import Traffic, film, is_inside, wholly_seen
from reid.plates.alphabet import plain
from reid.plates.rectify import quad_size
from reid.vehicle import Image, Plate

LEAST_PX = 20.0
"""Plates lower than this are not asked for."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture of a street, and the plates in it that are wholly seen: their corners (4, 2) and texts."""

    image: Image
    camera: str
    plates: tuple[tuple[npt.NDArray[np.float32], str], ...]


@dataclass(frozen=True, slots=True)
class PhotographReading:
    """Of one plate: whether its text is among those read from the photograph, and read with its true corners."""

    camera: str
    from_whole: bool
    from_corners: bool


def photographs(traffic: Traffic) -> Iterator[Photograph]:
    """Yield the frames that show a plate of LEAST_PX or more."""
    for filmed in film(traffic):
        image = filmed.frame.image
        plates = (filmed.plate(seen) for seen in wholly_seen(filmed.frame))
        shown = tuple(
            plate
            for plate in plates
            if plate is not None and is_inside(plate[0], image) and quad_size(plate[0])[1] >= LEAST_PX
        )
        if shown:
            yield Photograph(image, filmed.camera, shown)


def read_photograph(
    photograph: Photograph,
    read: Callable[[Image], Sequence[Plate]],
    read_at: Callable[[Image, npt.NDArray[np.float32]], str | None],
) -> list[PhotographReading]:
    """Return how each plate of a photograph is read by `read`, and by `read_at` its true corners."""
    texts = {plain(plate.text) for plate in read(photograph.image) if plate.text}
    return [
        PhotographReading(photograph.camera, plain(text) in texts, read_at(photograph.image, corners) == plain(text))
        for corners, text in photograph.plates
    ]
