"""Read real pictures of plates whose texts are known, and draw training samples of the reader from them."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from reid.errors import SeeingError
from reid.images import read_image
from reid.plates.locate import locate_in_crop
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.networks.reader import PLACES
from reid.plates.rectify import MARGIN, Quad, rectified
from reid.plates.spelling import CHARACTERS
from reid.training.plates.degradation import degraded, relit
from reid.vehicle import Image

HALVES = ("develop", "judge")
"""Half of the plates, by the SHA-256 of the text, teach; the others judge. All pictures of a plate are in one half."""

TEXTS = "texts.csv"

_WHOLE_SHARE, _DEGRADED_SHARE, _RELIT_SHARE, _COARSE_SHARE = 0.35, 0.25, 0.2, 0.4
_EDGE = 0.03
"""How far an edge of a cut is off, in parts of its side."""

_COARSEST = 0.5
"""Pictures are seen as from twice as far away at most."""


@dataclass(frozen=True, slots=True)
class TextCrop:
    """A picture of a plate and the text on it."""

    path: Path
    text: str

    @property
    def half(self) -> str:
        """Return the half of the plate, one of HALVES."""
        return HALVES[int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % 2]


@dataclass(frozen=True, slots=True)
class RealPlate:
    """A real picture of a plate, the plate's corners in it, and its text."""

    image: Image
    corners: Quad
    text: str


def labelled_crops(folder: Path) -> list[TextCrop]:
    """Return the crops that `texts.csv` of a folder names (`file,text`)."""
    try:
        with (folder / TEXTS).open(encoding="utf-8", newline="") as file:
            return [TextCrop(folder / row["file"], row["text"]) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, KeyError, TypeError):
        raise SeeingError(f"{folder} needs a {TEXTS} with the columns file and text") from None


def read_real_plates(folders: Sequence[Path]) -> tuple[RealPlate, ...]:
    """Return the plates of all folders that may teach."""
    crops = [crop for folder in folders for crop in labelled_crops(folder) if crop.half == HALVES[0]]
    for crop in crops:
        if not 0 < len(crop.text) <= PLACES or not set(crop.text) <= set(CHARACTERS):
            raise SeeingError(f"{crop.path}: {crop.text!r} is no plate of up to {PLACES} letters, digits and provinces")
    if folders and not crops:
        raise SeeingError("no plate of these folders may teach: half of the plates, by their texts, are kept aside")
    images = [read_image(crop.path) for crop in crops]
    return tuple(RealPlate(image, locate_in_crop(image), crop.text) for image, crop in zip(images, crops, strict=True))


def real_view(plate: RealPlate, rng: np.random.Generator) -> Image:
    """Return a network input of the plate: cut by imprecise corners or whole, often coarser, sometimes degraded."""
    image = plate.image
    height, width = image.shape[:2]
    if rng.random() < _WHOLE_SHARE:
        cut, margin = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32), 0.0
    else:
        cut, margin = plate.corners, MARGIN
    if rng.random() < _COARSE_SHARE:
        share = rng.uniform(_COARSEST, 1.0)
        small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        image = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < _RELIT_SHARE:
        image = relit(image, rng)
    sides = np.linalg.norm(cut[1] - cut[0]), np.linalg.norm(cut[3] - cut[0])
    moved = np.asarray(cut + rng.normal(0, _EDGE, (4, 2)) * [min(sides), min(sides)], np.float32)
    picture = rectified(image, moved, WIDTH_PX, HEIGHT_PX, margin)
    return degraded(picture, rng) if rng.random() < _DEGRADED_SHARE else picture
