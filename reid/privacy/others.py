"""Find others in a picture of one vehicle, and cover them: other vehicles, all plates but its own, all faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from reid.arrays import Flags
from reid.detect.learned import LearnedDetector, LearnedOptions
from reid.images import resize_to_fit
from reid.plates.locate import PHOTOGRAPH, LocateOptions, locate
from reid.privacy.covering import (
    FACE_CELLS,
    PLATE_CELLS,
    around,
    cover,
    cover_where,
    pixels_of,
    share_inside,
    widened,
)
from reid.vehicle import Box, Corners, Grey, Image

LEAST_SCORE = 0.3

LEAST_HEAT, LEAST_PLATE_SCORE = 0.1, 0.3
"""Doubtful plates are covered as well."""

SAME = 0.6
"""Two boxes show the same if so much of each lies in the other."""

HOLDS, NOT_LARGER = 0.8, 0.3
"""A detection that holds so much of the vehicle's box, and of which that box fills so much, is the vehicle itself."""

LARGEST_PART = 0.3
"""In a picture that one vehicle fills, a detection at the border that is no larger is another."""

FACES_WIDTH_PX = 1280
"""Larger pictures are shrunk before faces are looked for."""

LARGEST_PLATE = 0.35
"""No plate is wider than this share of a picture's longer side."""

CROP_SIDES_PX = (96, 160, 320, 640)
BORDER = 0.03
_LEAST_PX = 32

_CASCADES = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")
_LEAST_FACE_PX = 16


@dataclass(frozen=True, slots=True)
class Others:
    """What a picture shows of others, in its pixels."""

    vehicles: tuple[Box, ...] = ()
    plates: tuple[Box, ...] = ()
    faces: tuple[Box, ...] = ()

    def joined(self, other: "Others") -> "Others":
        """Return both together."""
        return Others(self.vehicles + other.vehicles, self.plates + other.plates, self.faces + other.faces)


def others_in_crop(image: Image, own_plate: Box | None) -> Others:
    """Find others in a picture that one vehicle fills: what is at its borders, and plates of any size."""
    height, width = image.shape[:2]
    options = LocateOptions(CROP_SIDES_PX, PHOTOGRAPH.candidates)
    seen = [one.box for one in _detector().detect_in_photograph(image)] if min(height, width) >= _LEAST_PX else []
    vehicles = tuple(box for box in seen if _at_border(box, width, height) and _is_small(box, width, height))
    return Others(vehicles, plates_in(image, options, own_plate), faces(image))


def cover_others(image: Image, others: Others, subject: Box | None = None, moving: Flags | None = None) -> Image:
    """Return the picture with others covered; vehicles, and what is `moving` (h, w), not where the subject is."""
    hidden = pixels_of(image, map(widened, others.vehicles))
    without_vehicles = cover_where(image, hidden if moving is None else hidden | moving, spare=subject)
    without_faces = cover(without_vehicles, map(widened, others.faces), FACE_CELLS)
    return cover(without_faces, map(widened, others.plates), PLATE_CELLS)


def faces(image: Image, *, width_px: int = FACES_WIDTH_PX) -> tuple[Box, ...]:
    """Return the faces that are found in a picture shrunk to a width; small, turned, masked or dark ones are not."""
    small = resize_to_fit(image, width_px)
    grey = np.asarray(cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)), np.uint8)
    if min(grey.shape) < _LEAST_FACE_PX:
        return ()
    width, scale = grey.shape[1], image.shape[1] / grey.shape[1]
    frontal, profile = (_cascade(name) for name in _CASCADES)
    seen = [*_detect(frontal, grey), *_detect(profile, grey)]
    mirrored = _detect(profile, np.ascontiguousarray(grey[:, ::-1]))
    seen += [Box(width - one.x - one.width, one.y, one.width, one.height) for one in mirrored]
    found = [Box(one.x * scale, one.y * scale, one.width * scale, one.height * scale) for one in seen]
    return tuple(sorted(found, key=lambda box: (box.x, box.y, box.width)))


def is_subject(box: Box, subject: Box) -> bool:
    """Return whether a detection is the vehicle that the picture is about."""
    alike = share_inside(box, subject) >= SAME and share_inside(subject, box) >= SAME
    return alike or (share_inside(subject, box) >= HOLDS and share_inside(box, subject) >= NOT_LARGER)


def plate_box(corners: Corners | None) -> Box | None:
    """Return the upright box of a plate."""
    return around(corners) if corners else None


def plates_in(image: Image, options: LocateOptions, own_plate: Box | None) -> tuple[Box, ...]:
    """Return all plates but the vehicle's own, the surest first; doubtful ones too."""
    located = locate(image, LocateOptions(options.sides_px, options.candidates, LEAST_HEAT, LEAST_PLATE_SCORE))
    boxes = [around([(float(x), float(y)) for x, y in plate.corners]) for plate in located]
    widest_px = LARGEST_PLATE * max(image.shape[:2])
    likely = [box for box in boxes if box.width <= widest_px]
    return tuple(box for box in likely if own_plate is None or not _touches(box, own_plate))


def _at_border(box: Box, width: int, height: int) -> bool:
    near_px = BORDER * max(width, height)
    return (
        box.x < near_px
        or box.y < near_px
        or box.x + box.width > width - near_px
        or box.y + box.height > height - near_px
    )


def _is_small(box: Box, width: int, height: int) -> bool:
    return box.width * box.height <= LARGEST_PART * width * height


def _touches(box: Box, own: Box) -> bool:
    return share_inside(box, widened(own)) >= SAME or share_inside(own, box) >= SAME


def _detect(cascade: cv2.CascadeClassifier, grey: Grey) -> Sequence[Box]:
    found = cascade.detectMultiScale(grey, 1.15, 4, minSize=(_LEAST_FACE_PX, _LEAST_FACE_PX))
    return [Box(*(float(side) for side in one)) for one in found]


@cache
def _cascade(name: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / name))  # type: ignore[attr-defined]


@cache
def _detector() -> LearnedDetector:
    return LearnedDetector(LearnedOptions(min_score=LEAST_SCORE))
