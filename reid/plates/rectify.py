"""Rectify plates: cut a plate out of a picture by its four corners, seen from in front, and correct those corners."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Floats
from reid.onnx import Session, to_blob
from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_MARGIN, CUT_WIDTH_PX
from reid.vehicle import Image
from reid.weights import PictureInput

Quad = npt.NDArray[np.float32]
"""(4, 2) x, y in pixels of a picture: the corners top left, top right, bottom right, bottom left of a plate."""

MARGIN = 0.08
"""Share of a plate's width and height that readers and verifiers see around it, on every side."""

UNROLLED_ASPECT = 2.4
"""Plates narrower than this, by their height, may have two lines."""

UNROLLED_PARTS = ((0.0, 0.56), (0.42, 1.0))
"""Where the two lines of a plate lie, by its height; they overlap, because countries divide it differently."""

_SHRINKS = 1.5
"""A plate this many times larger than its target is averaged before it is warped, to avoid aliasing."""

_UNIT_SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


def rectified(image: Image, corners: Quad, width_px: int, height_px: int, margin: float = 0.0) -> Image:
    """Return the plate (height_px, width_px, 3) as seen from directly in front.

    `margin` is the share of the plate's own width and height that is added on every side.
    """
    left, top, patch = _surroundings(image, corners, margin)
    shrunk, scale = _averaged(patch, corners, width_px, height_px)
    # pixel centres lie at whole numbers, corners on the edges of the pixel grid
    source = (np.asarray(corners, np.float32) - (left, top)) * scale - 0.5
    inset = np.array([width_px, height_px], np.float32) * margin / (1 + 2 * margin)
    right, bottom = width_px - inset[0], height_px - inset[1]
    target = np.array([inset, (right, inset[1]), (right, bottom), (inset[0], bottom)], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(source.astype(np.float32), target)
    size = (width_px, height_px)
    drawn = cv2.warpPerspective(shrunk, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8)


def unrolled(image: Image, corners: Quad, width_px: int, height_px: int, margin: float = 0.0) -> Image:
    """Return the plate's upper half with its lower half beside it: two lines become one."""
    halves = (plate_band(corners, *span) for span in UNROLLED_PARTS)
    return np.concatenate([rectified(image, half, width_px // 2, height_px, margin) for half in halves], axis=1)


def plate_band(corners: Quad, start: float, stop: float) -> Quad:
    """Return the corners of the band of a plate from `start` to `stop`, shares of its height from the top."""
    top_left, top_right, bottom_right, bottom_left = corners
    left, right = bottom_left - top_left, bottom_right - top_right
    cut = [top_left + start * left, top_right + start * right, top_right + stop * right, top_left + stop * left]
    return np.array(cut, np.float32)


def quad_size(corners: Quad) -> tuple[float, float]:
    """Return width and height in pixels: the means of opposite sides."""
    ((width_px, height_px),) = quad_sizes(corners[None])
    return float(width_px), float(height_px)


def quad_sizes(corners: Quad) -> Floats:
    """Return the widths and heights in pixels, (n, 2), of many plates, (n, 4, 2)."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
    return np.asarray((sides[:, :2] + sides[:, 2:]).astype(np.float64) / 2)


def corrected_corners(
    image: Image, rough: Sequence[Quad], network: Session, picture_input: PictureInput
) -> list[tuple[Quad, float]]:
    """Return for each roughly located plate its corners as the network sees them, and the probability of a plate."""
    if not rough:
        return []
    cuts = [rough_cut(image, corners) for corners in rough]
    offsets, probabilities = network.run(["offsets", "chance"], {"cuts": to_blob(cuts, picture_input)})
    moved = [from_cut(_UNIT_SQUARE + off.reshape(4, 2), corners) for off, corners in zip(offsets, rough, strict=True)]
    return list(zip(moved, probabilities.tolist(), strict=True))


def rough_cut(image: Image, corners: Quad) -> Image:
    """Return the plate (CUT_HEIGHT_PX, CUT_WIDTH_PX, 3) rectified by inaccurate corners, with room around it."""
    return rectified(image, corners, CUT_WIDTH_PX, CUT_HEIGHT_PX, CUT_MARGIN)


def to_cut(places: Quad, corners: Quad) -> Quad:
    """Return places (n, 2) of a picture as shares of the plate rectified by `corners`, (0, 0) its top left."""
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), _UNIT_SQUARE)
    return np.asarray(cv2.perspectiveTransform(places[None].astype(np.float32), warp)[0], np.float32)


def from_cut(shares: Quad, corners: Quad) -> Quad:
    """Return the places in the picture of shares (n, 2) of the plate rectified by `corners`."""
    warp = cv2.getPerspectiveTransform(_UNIT_SQUARE, corners.astype(np.float32))
    return np.asarray(cv2.perspectiveTransform(shares[None].astype(np.float32), warp)[0], np.float32)


def _surroundings(image: Image, corners: Quad, margin: float) -> tuple[int, int, Image]:
    """Return the left and top edge of the part of the picture around the plate, and that part."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = (high - low) * (margin + 0.1) + 4
    height, width = image.shape[:2]
    left, top = (int(value) for value in np.clip(np.floor(low - room), 0, (width - 1, height - 1)))
    right, bottom = (int(value) for value in np.clip(np.ceil(high + room), (left + 1, top + 1), (width, height)))
    return left, top, image[top:bottom, left:right]


def _averaged(patch: Image, corners: Quad, width_px: int, height_px: int) -> tuple[Image, Quad]:
    """Return the part, shrunk towards the target's size if it is much larger, and its scale in x and y."""
    wide, high = quad_size(corners)
    scale = 1 / max(1.0, min(wide / width_px, high / height_px))
    if scale * _SHRINKS > 1:
        return patch, np.ones(2, np.float32)
    size = (max(1, round(patch.shape[1] * scale)), max(1, round(patch.shape[0] * scale)))
    shrunk = np.asarray(cv2.resize(patch, size, interpolation=cv2.INTER_AREA), np.uint8)
    return shrunk, np.array([size[0] / patch.shape[1], size[1] / patch.shape[0]], np.float32)
