"""Locate plates by their four corners in the picture of a vehicle, in a photograph, or in a loose crop of a plate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from reid.arrays import Floats32
from reid.errors import SeeingError
from reid.onnx import open_session, to_blob
from reid.plates.networks.grid import MULTIPLE_PX, OFFSET_PX, STRIDE
from reid.plates.rectify import Quad, corrected_corners, quad_size
from reid.vehicle import Image
from reid.weights import Weights, find_weights

FINDER, SETTER = "locator", "plate-corners"
"""The names of the packaged weights: one network finds plates, one corrects their corners."""

_PADDING = 114

_LEAST_SIDE_PX = 12

_LEAST_RELATIVE_HEAT = 0.3
"""Candidates with less than this share of the best score are dropped."""

_CORRECTIONS = 2

_FRAME_INSET = 0.05
"""Where the edge of a plate is assumed in a crop of it, in shares of the height from the border, before correction."""

_FILLS_CROP = 0.55
"""A plate that fills a smaller share of its crop has room around it."""

_BEYOND = 0.4
"""A shape that reaches further out of the picture, in plate heights, is a road marking rather than a plate."""


@dataclass(frozen=True, slots=True)
class LocateOptions:
    """The sizes at which a picture is searched, its longer side in pixels, and which plates are returned.

    The corners of the best `candidates` with a heat of at least `least_heat` are corrected, and those with a score of
    at least `least_score` are returned.
    """

    sides_px: tuple[int, ...] = (160,)
    candidates: int = 2
    least_heat: float = 0.15
    least_score: float = 0.5


VEHICLE = LocateOptions()
"""For a picture filled by a vehicle."""

PHOTOGRAPH = LocateOptions(sides_px=(96, 192, 384, 640), candidates=6, least_score=0.6)
"""For any picture, with plates anywhere in it and of any size."""

CROP = LocateOptions(sides_px=(96, 144), least_score=0.4)
"""For a picture of a plate with room around it."""


@dataclass(frozen=True, slots=True)
class Located:
    """A plate: its `corners` (4, 2) in pixels, top left, top right, bottom right, bottom left; `score` is 0 to 1."""

    corners: Quad
    score: float


class Locator:
    """Run the two networks of a locator: one finds candidates, one corrects their corners."""

    def __init__(self, finder: Weights, setter: Weights) -> None:
        self.model_id = f"{finder.model_id}+{setter.model_id}"
        self._finder, self._setter = (open_session(weights.read(), weights.path) for weights in (finder, setter))
        self._finder_input, self._setter_input = finder.card.picture, setter.card.picture

    def locate(self, image: Image, options: LocateOptions = VEHICLE) -> list[Located]:
        """Return the plates of a picture, best first."""
        if image.ndim != 3 or image.shape[2] != 3:
            raise SeeingError(f"a picture of shape {image.shape} shows no plate: it must be (h, w, 3)")
        if min(image.shape[:2]) < _LEAST_SIDE_PX:
            return []
        hot = distinct([found for side_px in options.sides_px for found in self._candidates(image, side_px, options)])
        best = [found for found in hot if found.score >= _LEAST_RELATIVE_HEAT * hot[0].score][: options.candidates]
        plates = distinct(self._corrected(image, best))
        return [plate for plate in plates if plate.score >= options.least_score and _is_inside(plate, image)]

    def locate_in_crop(self, image: Image) -> Quad:
        """Return the corners of the plate in a picture of a plate and little else; a guess even if none is found.

        The corners of the picture are corrected, as far as the network is sure of them. A plate found in the picture
        counts instead if its score is higher, or if the crop turns out to be loose.
        """
        frame = _frame(image)
        framed = self._corrected(image, [Located(frame, 1.0)])[0]
        found = self.locate(image, CROP)
        width, height = quad_size(framed.corners)
        is_loose = width * height < _FILLS_CROP * image.shape[0] * image.shape[1]
        if found and (is_loose or found[0].score > framed.score):
            return found[0].corners
        return np.asarray(frame + framed.score * (framed.corners - frame), np.float32)

    def _candidates(self, image: Image, side_px: int, options: LocateOptions) -> list[Located]:
        """Return the candidates of a picture searched at one size."""
        scaled = _fitted(image, side_px)
        blob = to_blob([scaled.image], self._finder_input)
        heat, offsets = self._finder.run(["heat", "corners"], {"pictures": blob})
        found = peaks(heat[0], offsets[0], least=options.least_heat, most=options.candidates)
        return [replace(peak, corners=(peak.corners - scaled.corner) / scaled.scale) for peak in found]

    def _corrected(self, image: Image, found: Sequence[Located]) -> list[Located]:
        """Return the candidates with corrected corners, scored by the geometric mean of both networks."""
        rough = [candidate.corners for candidate in found]
        for _ in range(_CORRECTIONS):
            corrected = corrected_corners(image, rough, self._setter, self._setter_input)
            rough = [corners for corners, _ in corrected]
        scores = [
            float(np.sqrt(candidate.score * probability))
            for candidate, (_, probability) in zip(found, corrected, strict=True)
        ]
        return [Located(corners, score) for corners, score in zip(rough, scores, strict=True)]


@dataclass(frozen=True, slots=True)
class _ScaledPicture:
    """A scaled and padded picture: a place in it is `scale` times that in the original, plus `corner`."""

    image: Image
    scale: Floats32
    corner: Floats32


@cache
def packaged_locator() -> Locator:
    """Return the packaged locator, loaded once per process."""
    return Locator(find_weights(FINDER), find_weights(SETTER))


def locate(image: Image, options: LocateOptions = VEHICLE) -> list[Located]:
    """Return the plates of a picture by the packaged locator, best first."""
    return packaged_locator().locate(image, options)


def locate_in_crop(image: Image) -> Quad:
    """Return the corners of the plate in a picture of a plate and little else, by the packaged locator."""
    return packaged_locator().locate_in_crop(image)


def peaks(heat: Floats32, offsets: Floats32, *, least: float, most: int) -> list[Located]:
    """Return the strongest local maxima of `heat` (h, w), 0 to 1, with their corners from `offsets` (8, h, w)."""
    padded = np.pad(heat, 1)
    height, width = heat.shape
    around = np.max([padded[y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=0)
    rows, columns = np.nonzero((heat >= around) & (heat >= least))
    order = np.argsort(-heat[rows, columns], kind="stable")[:most]
    return [_located(heat, offsets, int(rows[k]), int(columns[k])) for k in order]


def distinct(found: Sequence[Located], overlap: float = 0.3) -> list[Located]:
    """Return the plates, best first, without those that overlap a better one."""
    kept: list[Located] = []
    for plate in sorted(found, key=lambda plate: (-plate.score, *plate.corners[0].tolist())):
        if all(box_iou(plate.corners, better.corners) < overlap for better in kept):
            kept.append(plate)
    return kept


def box_iou(first: Quad, second: Quad) -> float:
    """Return intersection over union of the upright boxes around two quads."""
    low = np.maximum(first.min(axis=0), second.min(axis=0))
    high = np.minimum(first.max(axis=0), second.max(axis=0))
    common = float(np.prod(np.maximum(high - low, 0)))
    areas = [float(np.prod(quad.max(axis=0) - quad.min(axis=0))) for quad in (first, second)]
    return common / max(sum(areas) - common, 1e-9)


def corner_error(found: Quad, truth: Quad) -> float:
    """Return the mean distance of corners as a share of the true plate's height."""
    height = (np.linalg.norm(truth[3] - truth[0]) + np.linalg.norm(truth[2] - truth[1])) / 2
    return float(np.linalg.norm(found - truth, axis=1).mean() / max(float(height), 1e-9))


def _frame(image: Image) -> Quad:
    """Return the corners of a picture, moved inside a little."""
    height, width = image.shape[:2]
    inset = _FRAME_INSET * height
    right, bottom = width - inset, height - inset
    return np.array([[inset, inset], [right, inset], [right, bottom], [inset, bottom]], np.float32)


def _is_inside(plate: Located, image: Image) -> bool:
    """Say whether the picture shows all of the plate, or almost all."""
    height, width = image.shape[:2]
    beyond = np.maximum(-plate.corners, plate.corners - np.array([width, height], np.float32)).max()
    return float(beyond) <= _BEYOND * quad_size(plate.corners)[1]


def _fitted(image: Image, side_px: int) -> _ScaledPicture:
    """Return the picture with its longer side `side_px`, padded to a size that the network takes."""
    height, width = image.shape[:2]
    factor = side_px / max(height, width)
    size = (max(4, round(width * factor)), max(4, round(height * factor)))
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)
    wide, high = (-(-side // MULTIPLE_PX) * MULTIPLE_PX for side in size)
    left, top = (wide - size[0]) // 2, (high - size[1]) // 2
    padded = np.full((high, wide, 3), _PADDING, np.uint8)
    padded[top : top + size[1], left : left + size[0]] = resized
    scale = np.array([size[0] / width, size[1] / height], np.float32)
    return _ScaledPicture(padded, scale, np.array([left, top], np.float32))


def _located(heat: Floats32, offsets: Floats32, row: int, column: int) -> Located:
    middle = (np.array([column, row], np.float32) + 0.5) * STRIDE
    corners = offsets[:, row, column].reshape(4, 2) * OFFSET_PX + middle
    return Located(corners.astype(np.float32), float(heat[row, column]))
