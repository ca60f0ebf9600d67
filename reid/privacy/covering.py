"""Cover parts of a picture so that nobody is recognised in them, however the picture is processed."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from reid.arrays import Flags
from reid.vehicle import Box, Image

PLATE_CELLS, FACE_CELLS = 1, 3
"""Into so many cells of one colour the longer side of a region is divided."""

GRID_CELLS = 32
"""Into so many cells the longer side of a picture is divided where other vehicles are covered in it."""

MARGIN = 0.15
"""A region is covered with so much more on each side, in shares of its longer side."""


def cover(image: Image, regions: Iterable[Box], cells: int) -> Image:
    """Return the picture with each region reduced to a few cells of one colour.

    The mean of a cell is all that is left of it: unlike a blur it cannot be undone.
    """
    covered = image.copy()
    for region in regions:
        part = _within(image, region)
        if part is not None:
            covered[part] = _mosaic(image[part], cells)
    return covered


def cover_where(image: Image, hidden: Flags, *, spare: Box | None = None) -> Image:
    """Return the picture as a coarse grid of cells where `hidden` (h, w) is true, apart from the pixels of `spare`."""
    covered = np.where(hidden[:, :, None], _mosaic(image, GRID_CELLS), image)
    kept = None if spare is None else _within(image, spare)
    if kept is not None:
        covered[kept] = image[kept]
    return np.asarray(covered, np.uint8)


def pixels_of(image: Image, regions: Iterable[Box]) -> Flags:
    """Return which pixels (h, w) of a picture lie in any of the regions."""
    inside = np.zeros(image.shape[:2], bool)
    for region in regions:
        part = _within(image, region)
        if part is not None:
            inside[part] = True
    return inside


def widened(region: Box, margin: float = MARGIN) -> Box:
    """Return a region with a margin all round."""
    margin_px = margin * max(region.width, region.height)
    return Box(region.x - margin_px, region.y - margin_px, region.width + 2 * margin_px, region.height + 2 * margin_px)


def around(points: Sequence[tuple[float, float]]) -> Box:
    """Return the upright box around some points."""
    left, top = (min(axis) for axis in zip(*points, strict=True))
    right, bottom = (max(axis) for axis in zip(*points, strict=True))
    return Box(left, top, right - left, bottom - top)


def share_inside(inner: Box, outer: Box) -> float:
    """Return the share of a box that lies inside another."""
    width = min(inner.x + inner.width, outer.x + outer.width) - max(inner.x, outer.x)
    height = min(inner.y + inner.height, outer.y + outer.height) - max(inner.y, outer.y)
    return max(width, 0.0) * max(height, 0.0) / max(inner.width * inner.height, 1e-9)


def _within(image: Image, region: Box) -> tuple[slice, slice] | None:
    """Return the rows and columns of a region, None where the picture has no pixel of it."""
    height, width = image.shape[:2]
    top, left = max(0, int(np.floor(region.y))), max(0, int(np.floor(region.x)))
    bottom = min(height, int(np.ceil(region.y + region.height)))
    right = min(width, int(np.ceil(region.x + region.width)))
    return (slice(top, bottom), slice(left, right)) if bottom > top and right > left else None


def _mosaic(part: Image, cells: int) -> Image:
    height, width = part.shape[:2]
    cell_px = max(height, width) / cells
    small = (max(1, round(width / cell_px)), max(1, round(height / cell_px)))
    means = cv2.resize(part, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(means, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
