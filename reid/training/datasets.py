"""Hold labelled pictures of vehicles for training, and keep them on disk so that they are rendered or read once."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reid.vehicle import Image

Pictures = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

BOX_SIDE_PX = 128
MARGIN_PX = 8
"""A picture holds its box at BOX_SIDE_PX squared and this much of what is around it, for carelessly cut boxes."""

UNKNOWN = -1
"""A type or colour that nobody has named."""


@dataclass(frozen=True, slots=True)
class Crops:
    """Pictures (n, side, side, 3) RGB, of BOX_SIDE_PX and a margin on all sides, and a label of each in arrays (n,).

    `vehicle`, `model` and `camera` are numbers that mean nothing outside; vehicles of one `model` are built alike.
    `type` and `colour` index VEHICLE_TYPES and COLOURS, UNKNOWN where nobody said; `heading_deg` is NaN there.
    `source` numbers where pictures come from, so that a batch can hold a share of each.
    """

    pictures: Pictures
    vehicle: Numbers
    model: Numbers
    camera: Numbers
    type: Numbers
    colour: Numbers
    heading_deg: Floats
    source: Numbers

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.vehicle)

    @property
    def vehicles(self) -> int:
        """Return how many vehicles there are, given that they are numbered from 0 without gaps."""
        return int(self.vehicle.max()) + 1 if len(self) else 0

    @property
    def boxes(self) -> Pictures:
        """Return the pictures without their margin."""
        return self.pictures[:, MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]

    def take(self, rows: npt.NDArray[np.bool_] | Numbers) -> "Crops":
        """Return the pictures of these rows, labels as they are."""
        return Crops(*(getattr(self, field.name)[rows] for field in fields(self)))

    def save(self, path: Path) -> None:
        """Write to a file that is either whole or not there."""
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        with unfinished.open("wb") as file:
            # no keyword of savez may be called "file"; the labels' names are ours
            np.savez(file, allow_pickle=False, **{field.name: getattr(self, field.name) for field in fields(self)})
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Crops":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(*(stored[field.name] for field in fields(cls)))


def squared(picture: Image) -> Image:
    """Return the picture of a box at BOX_SIDE_PX; its border goes on into the margin."""
    shrinks = min(picture.shape[:2]) > BOX_SIDE_PX
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    box = cv2.resize(picture, (BOX_SIDE_PX, BOX_SIDE_PX), interpolation=how)
    margins = (MARGIN_PX,) * 4
    return np.asarray(cv2.copyMakeBorder(box, *margins, cv2.BORDER_REPLICATE), dtype=np.uint8)


def stack(parts: Sequence[Crops]) -> Crops:
    """Return the pictures of all parts, labels as they are."""
    return Crops(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Crops)))


def join(parts: Sequence[Crops]) -> Crops:
    """Return the pictures of all parts; each part becomes a source with vehicles, models and cameras of its own."""
    starts = {name: _starts(parts, name) for name in ("vehicle", "model", "camera")}
    apart = [
        replace(
            part,
            vehicle=part.vehicle + starts["vehicle"][number],
            model=part.model + starts["model"][number],
            camera=part.camera + starts["camera"][number],
            source=np.full(len(part), number, dtype=np.int64),
        )
        for number, part in enumerate(parts)
    ]
    return stack(apart)


def _starts(parts: Sequence[Crops], name: str) -> list[int]:
    """Return what to add to each part's numbers so that none meets those of another part."""
    sizes = [int(getattr(part, name).max(initial=-1)) + 1 for part in parts]
    return [0, *np.cumsum(sizes)[:-1].tolist()]
