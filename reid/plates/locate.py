"""Find the plates in a picture with their four corners: a vehicle, a whole photograph, or a loose crop of a plate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from reid.errors import SeeingError
from reid.plates.candidates import Located, distinct, peaks
from reid.plates.corners import as_planes, corrected
from reid.plates.networks.grid import MULTIPLE_PX
from reid.plates.rectify import Quad, quad_size
from reid.plates.session import open_network
from reid.vehicle import Image
from reid.weights import Weights, find_weights

FINDER, SETTER = "locator", "plate-corners"
"""The names of the packaged weights."""

Floats = npt.NDArray[np.float32]

_PADDING = 114
_LEAST_SIDE_PX = 12
_WORTH = 0.3
"""Candidates that are this much less hot than the hottest are not looked at."""

_LOOKS = 2
_FRAME_INSET = 0.05
"""How far inside of a plate's own picture its edge is supposed, by the picture's height, before it is set right."""

_FILLS = 0.55
"""A plate that fills less of its picture has room around it."""

_BEYOND = 0.4
"""What reaches further out of the picture, in heights of a plate, is a line on the road rather than a plate."""


@dataclass(frozen=True, slots=True)
class LocateOptions:
    """At which sizes the picture is looked at, its longer side in pixels, and what is handed out.

    The hottest `candidates` of at least `least_heat` are looked at from near, twice: their corners are set right, and
    those that are plates by `least_score` or more are handed out.
    """

    sides_px: tuple[int, ...] = (160,)
    candidates: int = 2
    least_heat: float = 0.15
    least_score: float = 0.5


VEHICLE = LocateOptions()
"""For a picture that a vehicle fills."""

PHOTOGRAPH = LocateOptions(sides_px=(96, 192, 384, 640), candidates=6, least_score=0.6)
"""For a picture of anything, the plate anywhere in it and of any size."""

CROP = LocateOptions(sides_px=(96, 144), least_score=0.4)
"""For a picture that is a plate with room around it."""


class Locator:
    """Run the two networks of a locator: one says where plates may be, one sets their corners right."""

    def __init__(self, finder: Weights, setter: Weights) -> None:
        self.model_id = f"{finder.model_id}+{setter.model_id}"
        self._finder, self._setter = open_network(finder), open_network(setter)

    def locate(self, image: Image, options: LocateOptions = VEHICLE) -> list[Located]:
        """Return the plates of a picture, best first."""
        if image.ndim != 3 or image.shape[2] != 3:
            raise SeeingError(f"a picture of shape {image.shape} shows no plate: it must be (h, w, 3)")
        if min(image.shape[:2]) < _LEAST_SIDE_PX:
            return []
        hot = distinct([one for side_px in options.sides_px for one in self._candidates(image, side_px, options)])
        kept = [one for one in hot if one.score >= _WORTH * hot[0].score][: options.candidates]
        found = distinct(self._set_right(image, kept))
        return [one for one in found if one.score >= options.least_score and _is_inside(one, image)]

    def locate_in_crop(self, image: Image) -> Quad:
        """Return where the plate is in a picture that shows a plate and little else; somewhere even if none is seen.

        The frame of the picture is set right, as far as the network is sure of it. What is hot in the picture counts
        where it is a plate more surely, or where the frame leads to one so small that the picture is a loose one.
        """
        frame = _frame(image)
        framed = self._set_right(image, [Located(frame, 1.0)])[0]
        found = self.locate(image, CROP)
        width, height = quad_size(framed.corners)
        is_loose = width * height < _FILLS * image.shape[0] * image.shape[1]
        if found and (is_loose or found[0].score > framed.score):
            return found[0].corners
        return np.asarray(frame + framed.score * (framed.corners - frame), np.float32)

    def _candidates(self, image: Image, side_px: int, options: LocateOptions) -> list[Located]:
        """Return what is hot in the picture at one size."""
        seen = _fitted(image, side_px)
        heat, offsets = self._finder.run(["heat", "corners"], {"pictures": as_planes([seen.image])})
        found = peaks(heat[0], offsets[0], least=options.least_heat, most=options.candidates)
        return [replace(one, corners=(one.corners - seen.corner) / seen.scale) for one in found]

    def _set_right(self, image: Image, found: Sequence[Located]) -> list[Located]:
        """Return the candidates with their corners set right, each as likely as both networks together find it."""
        rough = [one.corners for one in found]
        for _ in range(_LOOKS):
            set_right = corrected(image, rough, self._setter)
            rough = [corners for corners, _ in set_right]
        scores = [float(np.sqrt(one.score * chance)) for one, (_, chance) in zip(found, set_right, strict=True)]
        return [Located(corners, score) for corners, score in zip(rough, scores, strict=True)]


@dataclass(frozen=True, slots=True)
class _View:
    """A picture at another size: a place in it is scale times that in the picture, plus the corner."""

    image: Image
    scale: Floats
    corner: Floats


@cache
def packaged_locator() -> Locator:
    """Return the packaged locator, loaded once a process."""
    return Locator(find_weights(FINDER), find_weights(SETTER))


def locate(image: Image, options: LocateOptions = VEHICLE) -> list[Located]:
    """Return the plates of a picture by the packaged locator, best first."""
    return packaged_locator().locate(image, options)


def locate_in_crop(image: Image) -> Quad:
    """Return where the packaged locator sees the plate in a picture that shows a plate and little else."""
    return packaged_locator().locate_in_crop(image)


def _frame(image: Image) -> Quad:
    """Return the corners of a picture, a little inside."""
    height, width = image.shape[:2]
    inset = _FRAME_INSET * height
    right, bottom = width - inset, height - inset
    return np.array([[inset, inset], [right, inset], [right, bottom], [inset, bottom]], np.float32)


def _is_inside(one: Located, image: Image) -> bool:
    """Return whether the picture shows the whole plate, or all but a little of it."""
    height, width = image.shape[:2]
    beyond = np.maximum(-one.corners, one.corners - np.array([width, height], np.float32)).max()
    return float(beyond) <= _BEYOND * quad_size(one.corners)[1]


def _fitted(image: Image, side_px: int) -> _View:
    """Return the picture with its longer side `side_px`, padded to what the network takes."""
    height, width = image.shape[:2]
    ratio = side_px / max(height, width)
    size = (max(4, round(width * ratio)), max(4, round(height * ratio)))
    how = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
    seen = np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)
    wide, high = (-(-side // MULTIPLE_PX) * MULTIPLE_PX for side in size)
    left, top = (wide - size[0]) // 2, (high - size[1]) // 2
    padded = np.full((high, wide, 3), _PADDING, np.uint8)
    padded[top : top + size[1], left : left + size[0]] = seen
    scale = np.array([size[0] / width, size[1] / height], np.float32)
    return _View(padded, scale, np.array([left, top], np.float32))
