"""Find moving vehicles without weights: the pixels that differ from the empty scene, without shadows and lights."""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid import boxes
from reid.arrays import Flags, Floats, Floats32, Mask
from reid.detect.background import Background, BackgroundOptions, BackgroundSamples, match_exposure
from reid.vehicle import Detection, Image

RIM_FROM_PX = (0, 400, 1500)
"""Areas from which the rim of a patch is one, two, three pixels wide."""

JOIN_GAP_PX, JOIN_GAP_SHARE = 3.0, 0.2
"""Fragments of one vehicle lie within this of each other, in pixels or in shares of its size."""

_LEAST_PATCH_PX = 6
_SURROUNDINGS_PX = 2
"""The neighbourhood that the filters need around the part of the picture where anything moves."""

_ONES = np.ones(3, dtype=np.float32)
_BLACK = (0, 0, 0)
_SPECK = np.ones((2, 2), np.uint8)
_LOGARITHM = np.log(np.arange(256, dtype=np.float32) + 12.0).astype(np.float32)
"""The logarithm of a grey level, softened in the dark, where noise would be loud."""


@dataclass(frozen=True, slots=True)
class MotionOptions:
    """Pixels and grey levels are those of the working picture, which is `width_px` wide.

    A pixel moves if it differs from the empty scene by `min_difference`, `spread_weight` times its own spread, and
    `contrast_weight` times the local contrast, which is what a small shift of the camera would make of it.
    """

    width_px: int = 480
    min_difference: float = 12.0
    spread_weight: float = 3.0
    contrast_weight: float = 0.3
    min_height_px: float = 7.0
    min_area_px: float = 40.0
    shadow_darkest: float = 0.4
    shadow_colour_shift: float = 20.0
    lamp_colour_shift: float = 60.0
    edge_to_change: float = 2.0
    min_edge: float = 0.2
    max_edge: float = 0.6
    margin_px: int = 1
    min_proof: float = 0.03
    background: BackgroundOptions = field(default_factory=BackgroundOptions)


@dataclass(frozen=True, slots=True)
class SceneDifference:
    """How a frame differs from the empty scene, in the part of it that differs, which begins at (left, top); (h, w).

    `moving` is the mask of what differs, `recoloured` where a change of light alone cannot explain it, `light` the
    logarithm of the change of light, `gradient` the strength of that change's edges.
    """

    left: int
    top: int
    moving: Mask
    recoloured: Flags
    light: Floats32
    gradient: Floats32


@dataclass(frozen=True, slots=True)
class _Patch:
    """One connected part of the difference, cut out at (x, y)."""

    x: int
    y: int
    area: int
    mask: Flags
    recoloured: Flags
    light: Floats32
    gradient: Floats32


class MotionDetector:
    """Compare each frame with the empty scene, learned from the frames before."""

    model_id = "motion-1"
    certain_score = 0.0
    in_pieces = True

    def __init__(self, options: MotionOptions | None = None) -> None:
        self._options = options or MotionOptions()
        self._samples = BackgroundSamples(self._options.background)

    @property
    def width_px(self) -> int:
        """Return the width to which it shrinks larger pictures."""
        return self._options.width_px

    @property
    def warm_up_s(self) -> float:
        """Return how much footage to show before the first frame that matters."""
        return self._options.background.span_s

    @property
    def learn_every_s(self) -> float:
        """Return how often a frame helps to learn the scene."""
        return self._options.background.every_s

    def learn(self, image: Image, time_s: float) -> None:
        """Learn the scene from a frame without looking for vehicles in it."""
        self._samples.add(_shrink(image, self._options.width_px), time_s)

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the moving objects of a frame, boxes in its own pixels; none before the scene is known."""
        small = _shrink(image, self._options.width_px)
        background = self._samples.background_with(small, time_s)
        if background is None:
            return []
        difference = compare(small, background, self._options)
        found = vehicle_boxes(difference, self._options) if difference is not None else []
        scale = np.array([image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]] * 2)
        rows = np.array([row for row, _ in found]).reshape(-1, 4) * scale
        return [Detection(box, score) for box, (_, score) in zip(boxes.to_boxes(rows), found, strict=True)]


def compare(small: Image, background: Background, options: MotionOptions) -> SceneDifference | None:
    """Return how a working picture differs from the empty scene; None if it does not."""
    empty = match_exposure(small, background.median)
    allowed = cv2.addWeighted(
        background.spread, options.spread_weight, background.contrast, options.contrast_weight, options.min_difference
    )
    excess = cv2.subtract(cv2.absdiff(small, empty), allowed)
    moving = _opened(cv2.bitwise_not(cv2.inRange(excess, _BLACK, _BLACK)))
    x, y, width, height = cv2.boundingRect(moving)
    if width == 0:
        return None
    left, top = max(0, x - _SURROUNDINGS_PX), max(0, y - _SURROUNDINGS_PX)
    part = (slice(top, y + height + _SURROUNDINGS_PX), slice(left, x + width + _SURROUNDINGS_PX))
    return _difference(left, top, moving[part], small[part], empty[part], options)


def _difference(
    left: int, top: int, moving: Mask, small: Image, empty: Image, options: MotionOptions
) -> SceneDifference:
    """Return the difference in the part of the picture, at (left, top), where anything moves."""
    where = moving > 0
    recoloured = np.zeros(moving.shape, dtype=np.uint8)
    recoloured[where] = 255 * _is_recoloured(small[where].astype(np.float32), empty[where].astype(np.float32), options)
    light = _brightness(small) - _brightness(empty)
    gradient = np.abs(cv2.Sobel(light, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(light, cv2.CV_32F, 0, 1))
    return SceneDifference(left, top, moving, _opened(recoloured) > 0, light, np.asarray(gradient, dtype=np.float32))


def _brightness(picture: Image) -> Floats32:
    return np.asarray(cv2.LUT(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), _LOGARITHM), dtype=np.float32)


def vehicle_boxes(difference: SceneDifference, options: MotionOptions) -> list[tuple[Floats, float]]:
    """Return (xyxy, score) of each moving object; the score is the share of its box that moves."""
    count, numbered, stats, _ = cv2.connectedComponentsWithStats(difference.moving, connectivity=8)
    corner = np.array([difference.left, difference.top] * 2)
    labels = np.asarray(numbered, dtype=np.int32)
    patches = (_patch(difference, labels, number, stats[number]) for number in range(1, count))
    fragments = [fragment for patch in patches if (fragment := _solid_part(patch, options)) is not None]
    found = []
    for row in join_fragments(np.array(fragments, dtype=np.float64).reshape(-1, 4)):
        left, top, right, bottom = row.astype(int)
        covered = float(np.count_nonzero(difference.moving[top:bottom, left:right])) / ((right - left) * (bottom - top))
        if bottom - top >= options.min_height_px and covered * boxes.areas(row[None])[0] >= options.min_area_px:
            found.append((row + corner, round(min(1.0, covered), 3)))
    return found


def _patch(
    difference: SceneDifference, labels: npt.NDArray[np.int32], number: int, stats: npt.NDArray[np.int32]
) -> _Patch:
    x, y, width, height, area = (int(value) for value in stats)
    part = (slice(y, y + height), slice(x, x + width))
    return _Patch(
        x,
        y,
        area,
        labels[part] == number,
        difference.recoloured[part],
        difference.light[part],
        difference.gradient[part],
    )


def _solid_part(patch: _Patch, options: MotionOptions) -> tuple[int, int, int, int] | None:
    """Return the xyxy of a moving patch, cut to where neither shadow nor lamp explains it; None if they explain all."""
    if patch.area < _LEAST_PATCH_PX:
        return None
    change = float(np.median(np.abs(patch.light[patch.mask])))
    edge = patch.mask & (patch.gradient > np.clip(options.edge_to_change * change, options.min_edge, options.max_edge))
    # light falls off softly, shadows end sharply: only inside a darker patch does an edge prove an object
    proof = (patch.mask & patch.recoloured) | (edge & ((patch.light > 0) | _inside(patch.mask)))
    if np.count_nonzero(proof) < options.min_proof * patch.area:
        return None
    height, width = proof.shape
    columns, rows = np.flatnonzero(proof.any(axis=0)), np.flatnonzero(proof.any(axis=1))
    left, right = max(0, columns[0] - options.margin_px), min(width, columns[-1] + 1 + options.margin_px)
    top, bottom = max(0, rows[0] - options.margin_px), min(height, rows[-1] + 1 + options.margin_px)
    return patch.x + left, patch.y + top, patch.x + right, patch.y + bottom


def _inside(mask: Flags) -> Flags:
    """Return the patch without its rim; the rim of a small patch is thin."""
    side = 1 + 2 * int(np.searchsorted(RIM_FROM_PX, np.count_nonzero(mask), side="right"))
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.erode(padded, np.ones((side, side), np.uint8))[1:-1, 1:-1]) > 0


def join_fragments(parts: boxes.Boxes) -> boxes.Boxes:
    """Join the boxes that are fragments of one vehicle: close to each other, relative to their own size."""
    while len(parts) > 1:
        joined = _join_once(parts)
        if len(joined) == len(parts):
            return parts
        parts = joined
    return parts


def _join_once(parts: boxes.Boxes) -> boxes.Boxes:
    near = _belong_together(parts)
    group = np.arange(len(parts))
    for row in range(len(parts)):
        for other in np.flatnonzero(near[row]):
            group[group == group[other]] = group[row]
    return np.array([boxes.hull(parts[group == number]) for number in np.unique(group)])


def _belong_together(parts: boxes.Boxes) -> Flags:
    """Say for each pair whether they overlap on one axis and nearly touch on the other."""
    sizes = parts[:, 2:] - parts[:, :2]
    smaller = np.minimum(sizes[:, None], sizes[None])
    larger = np.maximum(sizes[:, None], sizes[None])
    shared = np.minimum(parts[:, None, 2:], parts[None, :, 2:]) - np.maximum(parts[:, None, :2], parts[None, :, :2])
    aligned = shared >= 0.5 * smaller
    gap = boxes.gaps(parts, parts)
    close = gap <= np.maximum(JOIN_GAP_PX, JOIN_GAP_SHARE * larger.mean(axis=2, keepdims=True))
    together: Flags = (aligned[..., 0] & close[..., 1]) | (aligned[..., 1] & close[..., 0])
    return together


def _shrink(image: Image, width_px: int) -> Image:
    small = image
    if image.shape[1] > width_px:
        height = max(1, round(image.shape[0] * width_px / image.shape[1]))
        small = np.asarray(cv2.resize(image, (width_px, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    blurred: Image = np.asarray(cv2.GaussianBlur(small, (3, 3), 0), dtype=np.uint8)
    return blurred


def _is_recoloured(pixels: Floats32, empty: Floats32, options: MotionOptions) -> Flags:
    """Say which of (n, 3) pixels are not merely the empty scene in another light: other in colour, or far too dark."""
    brightening = (pixels @ _ONES + 1.0) / (empty @ _ONES + 1.0)
    shift = np.abs(pixels - empty * brightening[:, None]) @ _ONES
    allowed = np.where(brightening >= 1.0, options.lamp_colour_shift, options.shadow_colour_shift)
    return np.asarray((brightening < options.shadow_darkest) | (shift > allowed))


def _opened(mask: "np.ndarray[Any, Any]") -> Mask:
    """Return the mask without specks."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, _SPECK), dtype=np.uint8)
