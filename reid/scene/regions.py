"""Define the regions of a camera's picture in which vehicles count, and those in which they are ignored."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from reid.errors import SeeingError
from reid.vehicle import Box

Polygon = tuple[tuple[float, float], ...]
"""Three or more corners (x, y) in shares of the picture's width and height, from its top left."""

MOST_CORNERS = 10_000
"""A polygon with more is no outline that a person drew."""

CELLS = 512
"""Regions are drawn on a grid of this many cells each way."""

LEAST_SHARE = 0.5
"""A vehicle counts if at least this share of its box lies in the regions."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Count vehicles inside any polygon of `look` (everywhere if there is none), but in none of `ignore`."""

    look: tuple[Polygon, ...] = ()
    ignore: tuple[Polygon, ...] = ()

    def keep(self, box: Box, width_px: int, height_px: int) -> bool:
        """Say whether a box in a picture of that size counts."""
        sums = _sums(self)
        across, down = CELLS / width_px, CELLS / height_px
        left, right = _span(box.x * across, (box.x + box.width) * across)
        top, bottom = _span(box.y * down, (box.y + box.height) * down)
        inside = int(sums[bottom, right]) - int(sums[top, right]) - int(sums[bottom, left]) + int(sums[top, left])
        return inside >= LEAST_SHARE * (right - left) * (bottom - top)


def check_polygon(corners: Sequence[Sequence[float]], where: str) -> Polygon:
    """Return the corners as a polygon; refuse too few, and corners that are not shares of the picture's size."""
    try:
        polygon = tuple((float(x), float(y)) for x, y in corners)
    except (TypeError, ValueError, OverflowError):
        raise SeeingError(f"{where}: a polygon is a list of [x, y] corners, as [[0, 0.4], [1, 0.4], [1, 1]]") from None
    if polygon and polygon[0] == polygon[-1]:
        polygon = polygon[:-1]
    if not 3 <= len(polygon) <= MOST_CORNERS:
        raise SeeingError(f"{where}: a polygon of {len(polygon)} corners: give three or more, up to {MOST_CORNERS:,}")
    outside = next((corner for corner in polygon if not all(0 <= share <= 1 for share in corner)), None)
    if outside is not None:
        raise SeeingError(
            f"{where}: corner {list(outside)} lies outside the picture: write shares of its width and height, 0 to 1"
        )
    return polygon


def _span(low: float, high: float) -> tuple[int, int]:
    """Return the range of cells from low to high, at least one, inside the grid."""
    first = min(CELLS - 1, max(0, round(low)))
    return first, max(first + 1, min(CELLS, round(high)))


@lru_cache(maxsize=64)
def _sums(regions: Regions) -> npt.NDArray[np.int32]:
    """Return (CELLS + 1, CELLS + 1) the integral image of the cells in which vehicles count."""
    counted = np.full((CELLS, CELLS), 0 if regions.look else 1, np.uint8)
    for polygons, value in ((regions.look, 1), (regions.ignore, 0)):
        for polygon in polygons:
            corners = np.round(np.array(polygon) * CELLS).astype(np.int32)
            cv2.fillPoly(counted, [corners], value)
    return np.asarray(cv2.integral(counted), dtype=np.int32)
