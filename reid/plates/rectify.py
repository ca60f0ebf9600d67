"""Cut a plate out of a picture by its four corners and lay it flat."""

import cv2
import numpy as np
import numpy.typing as npt

from reid.vehicle import Image

Quad = npt.NDArray[np.float32]
"""(4, 2) x, y in pixels of a picture: the corners top left, top right, bottom right, bottom left of a plate."""

MARGIN = 0.08
"""Share of a plate's width and height that readers and verifiers see around it, on every side."""

UNROLLED_ASPECT = 2.4
"""Plates narrower than this, by their height, may have two lines."""

UNROLLED_PARTS = ((0.0, 0.56), (0.42, 1.0))
"""Where the two lines of a plate stand, by its height: they overlap, because no two countries divide it alike."""

_SHRINKS = 1.5
"""A plate this many times larger than its target is averaged before it is drawn, so that it does not flicker."""


def rectified(image: Image, corners: Quad, width_px: int, height_px: int, margin: float = 0.0) -> Image:
    """Return the plate (height_px, width_px, 3) as seen from straight in front.

    `margin` is the share of the plate's own width and height that is added on every side.
    """
    left, top, patch = _surroundings(image, corners, margin)
    shrunk, scale = _averaged(patch, corners, width_px, height_px)
    # pixel centres lie at whole numbers, corners are places on the pixel grid's edges
    source = (np.asarray(corners, np.float32) - (left, top)) * scale - 0.5
    inset = np.array([width_px, height_px], np.float32) * margin / (1 + 2 * margin)
    right, bottom = width_px - inset[0], height_px - inset[1]
    target = np.array([inset, (right, inset[1]), (right, bottom), (inset[0], bottom)], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(source.astype(np.float32), target)
    size = (width_px, height_px)
    drawn = cv2.warpPerspective(shrunk, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8)


def unrolled(image: Image, corners: Quad, width_px: int, height_px: int, margin: float = 0.0) -> Image:
    """Return the plate's upper half and beside it its lower half: a plate of two lines becomes one of one line."""
    halves = (part(corners, *span) for span in UNROLLED_PARTS)
    return np.concatenate([rectified(image, half, width_px // 2, height_px, margin) for half in halves], axis=1)


def part(corners: Quad, start: float, stop: float) -> Quad:
    """Return the corners of a plate's part from `start` to `stop`, shares of its height from the top."""
    top_left, top_right, bottom_right, bottom_left = corners
    left, right = bottom_left - top_left, bottom_right - top_right
    cut = [top_left + start * left, top_right + start * right, top_right + stop * right, top_left + stop * left]
    return np.array(cut, np.float32)


def quad_size(corners: Quad) -> tuple[float, float]:
    """Return width and height in pixels: the means of opposite sides."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(sides[0] + sides[2]) / 2, float(sides[1] + sides[3]) / 2


def _surroundings(image: Image, corners: Quad, margin: float) -> tuple[int, int, Image]:
    """Return the left and top edge of the part of the picture that the plate needs, and the part."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = (high - low) * (margin + 0.1) + 4
    height, width = image.shape[:2]
    left, top = (int(value) for value in np.clip(np.floor(low - room), 0, (width - 1, height - 1)))
    right, bottom = (int(value) for value in np.clip(np.ceil(high + room), (left + 1, top + 1), (width, height)))
    return left, top, image[top:bottom, left:right]


def _averaged(patch: Image, corners: Quad, width_px: int, height_px: int) -> tuple[Image, Quad]:
    """Return the part, shrunk towards the target's size where it is much larger, and its scale in x and y."""
    wide, high = quad_size(corners)
    scale = 1 / max(1.0, min(wide / width_px, high / height_px))
    if scale * _SHRINKS > 1:
        return patch, np.ones(2, np.float32)
    size = (max(1, round(patch.shape[1] * scale)), max(1, round(patch.shape[0] * scale)))
    shrunk = np.asarray(cv2.resize(patch, size, interpolation=cv2.INTER_AREA), np.uint8)
    return shrunk, np.array([size[0] / patch.shape[1], size[1] / patch.shape[0]], np.float32)
