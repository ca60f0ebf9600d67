"""Hold labelled vehicle pictures for training, and save them so that they are rendered or read only once."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Flags, Floats32, Ints
from reid.vehicle import Image

Pictures = npt.NDArray[np.uint8]
BOX_SIDE_PX = 128
MARGIN_PX = 8
"""A picture shows its box at BOX_SIDE_PX squared with this margin around it, so that crops can be moved."""

UNKNOWN = -1
"""The type or colour of a picture without that label."""


@dataclass(frozen=True, slots=True)
class Crops:
    """Pictures (n, side, side, 3) RGB, a box of BOX_SIDE_PX with its margin, and labels in arrays (n,).

    `vehicle`, `model` and `camera` are numbers within this set; vehicles of one `model` have the same shape.
    `type` and `colour` index VEHICLE_TYPES and COLOURS, or are UNKNOWN; an unknown `heading_deg` is NaN.
    `source` numbers the data set of each picture, so that a batch can hold a share of each.
    """

    pictures: Pictures
    vehicle: Ints
    model: Ints
    camera: Ints
    type: Ints
    colour: Ints
    heading_deg: Floats32
    source: Ints

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.vehicle)

    @property
    def vehicles(self) -> int:
        """Return the number of vehicles, which are numbered from 0 without gaps."""
        return int(self.vehicle.max()) + 1 if len(self) else 0

    @property
    def boxes(self) -> Pictures:
        """Return the pictures without their margin."""
        return self.pictures[:, MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]

    def take(self, rows: Flags | Ints) -> "Crops":
        """Return the pictures of these rows with their labels."""
        return Crops(*(getattr(self, field.name)[rows] for field in fields(self)))

    def save(self, path: Path) -> None:
        """Write the file atomically."""
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


def resized_box(picture: Image) -> Image:
    """Return the picture of a box at BOX_SIDE_PX; its border is replicated into the margin."""
    shrinks = min(picture.shape[:2]) > BOX_SIDE_PX
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    box = cv2.resize(picture, (BOX_SIDE_PX, BOX_SIDE_PX), interpolation=how)
    margins = (MARGIN_PX,) * 4
    return np.asarray(cv2.copyMakeBorder(box, *margins, cv2.BORDER_REPLICATE), dtype=np.uint8)


def stack(parts: Sequence[Crops]) -> Crops:
    """Return the pictures of all parts with their labels unchanged."""
    return Crops(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Crops)))


def join(parts: Sequence[Crops]) -> Crops:
    """Return the pictures of all parts as separate sources, with vehicles, models and cameras renumbered apart."""
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
    """Return the offset to add to each part's numbers so that parts do not share any."""
    sizes = [int(getattr(part, name).max(initial=-1)) + 1 for part in parts]
    return [0, *np.cumsum(sizes)[:-1].tolist()]
