"""Find the visible triangle of each pixel, with numba where it is installed, else with numpy."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from reid.arrays import AnyFloats, AnyInts

Fill = Callable[[AnyFloats, int, int], AnyInts]
"""(f, 3, 3) triangles far to near, width, height -> the visible triangle of each pixel, flat, -1 for none."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The visible part of a mesh: flat `pixels` (n,), the `faces` (n,) there and their corner `weights` (3, n)."""

    pixels: AnyInts
    faces: AnyInts
    weights: AnyFloats


def cover(screen: AnyFloats, faces: AnyInts, width: int, height: int, fill: Fill | None = None) -> Cover:
    """Return the pixels that faces (f, 3) over `screen` (v, 3: x, y, 1 / depth) cover, hidden ones removed.

    The weights are perspective-correct: they interpolate anything that is linear in the world.
    """
    corners = screen[faces]
    drawn = np.flatnonzero(_faces_camera(corners) & (corners[..., 2] > 0).all(axis=1))
    drawn = drawn[np.argsort(corners[drawn, :, 2].sum(axis=1), kind="stable")]
    seen = (fill or FILL)(corners[drawn], width, height)
    pixels = np.flatnonzero(seen >= 0).astype(np.int32)
    order = seen[pixels]
    return Cover(pixels, drawn[order], _weights(corners[drawn], order, pixels, width))


def fill_numpy(corners: AnyFloats, width: int, height: int) -> AnyInts:
    """Fill all triangles at once: their rows, the span of each row, then the nearest of each pixel's fragments."""
    face, row_y, start, stop = _spans(corners, width, height)
    length = stop - start
    slope_x, slope_y = _depth_slopes(corners)
    across, down = np.take(slope_x, face), np.take(slope_y, face)
    first_x, first_y, first_depth = (np.take(corners[:, 0, axis], face) for axis in range(3))
    at_row = first_depth + down * (row_y + np.float32(0.5) - first_y) - across * first_x
    span = np.repeat(np.arange(len(length), dtype=np.int32), length)
    began = start - (np.cumsum(length, dtype=np.int32) - length)
    x = np.arange(len(span), dtype=np.int32) + np.take(began, span)
    depth = np.take(at_row, span) + np.take(across, span) * (x + np.float32(0.5))
    pixel = x + np.take(row_y * np.int32(width), span)
    nearest = _nearest(pixel, depth, width * height)
    seen = np.full(width * height, -1, np.int32)
    hit = np.flatnonzero(nearest >= 0)
    seen[hit] = np.take(face, np.take(span, np.take(nearest, hit)))
    return seen


def _nearest(pixel: AnyInts, depth: AnyFloats, size: int) -> AnyInts:
    """Return for each pixel the fragment with the greatest 1 / depth, -1 for none.

    Faces come far to near, so the last fragment written is nearly always the nearest; nearer ones are written again
    until none is left.
    """
    nearest = np.full(size, -1, np.int32)
    fragments = np.arange(len(pixel), dtype=np.int32)
    while fragments.size:
        own_pixel = np.take(pixel, fragments)
        nearest[own_pixel] = fragments
        is_nearer = np.take(depth, fragments) > np.take(depth, np.take(nearest, own_pixel))
        fragments = fragments[is_nearer]
    return nearest


def _spans(corners: AnyFloats, width: int, height: int) -> tuple[AnyInts, AnyInts, AnyInts, AnyInts]:
    """Return for each row of each triangle: the triangle, the row, and its first and one-past-last pixel.

    A row is cut by the long edge, from the upper to the lower corner, and by one of the two short edges.
    """
    downwards = np.argsort(corners[:, :, 1], axis=1) + 3 * np.arange(len(corners))[:, None]
    (upper_x, middle_x, lower_x), (upper_y, middle_y, lower_y) = (
        np.take(corners[:, :, axis].ravel(), downwards).T for axis in (0, 1)
    )
    top = np.clip(np.ceil(upper_y - 0.5), 0, height).astype(np.int32)
    bottom = np.clip(np.ceil(lower_y - 0.5), 0, height).astype(np.int32)
    rows = np.maximum(bottom - top, 0)
    face = np.repeat(np.arange(len(corners), dtype=np.int32), rows)
    row_y = np.arange(rows.sum(), dtype=np.int32) - np.repeat(np.cumsum(rows, dtype=np.int32) - rows - top, rows)
    line = row_y + np.float32(0.5)
    long_slope = (lower_x - upper_x) / _not_zero(lower_y - upper_y)
    high_slope = (middle_x - upper_x) / _not_zero(middle_y - upper_y)
    low_slope = (lower_x - middle_x) / _not_zero(lower_y - middle_y)
    edge = face + np.int32(len(corners)) * (line > np.take(middle_y, face))
    from_x, from_y, slope = (
        np.take(np.concatenate(pair), edge)
        for pair in ((upper_x, middle_x), (upper_y, middle_y), (high_slope, low_slope))
    )
    one = np.take(upper_x, face) + (line - np.take(upper_y, face)) * np.take(long_slope, face)
    other = from_x + (line - from_y) * slope
    start = np.clip(np.ceil(np.minimum(one, other) - 0.5), 0, width).astype(np.int32)
    stop = np.clip(np.ceil(np.maximum(one, other) - 0.5), 0, width).astype(np.int32)
    kept = np.flatnonzero(stop > start)
    face, row_y, start, stop = (np.take(values, kept) for values in (face, row_y, start, stop))
    return face, row_y, start, stop


def _not_zero(rise: AnyFloats) -> AnyFloats:
    """Return the heights of edges, with 1 for level ones, which no row cuts."""
    return np.where(rise == 0, np.float32(1), rise)


def _depth_slopes(corners: AnyFloats) -> tuple[AnyFloats, AnyFloats]:
    """Return how 1 / depth changes a pixel to the right and a pixel down on each triangle."""
    (ax, ay, aw), (bx, by, bw) = (np.moveaxis(corners[:, k] - corners[:, 0], 1, 0) for k in (1, 2))
    area = ax * by - bx * ay
    return (aw * by - bw * ay) / area, (bw * ax - aw * bx) / area


def _faces_camera(corners: AnyFloats) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which triangles show their outer side, by their orientation in pixels with y down."""
    ax, ay = (corners[:, 1, :2] - corners[:, 0, :2]).T
    bx, by = (corners[:, 2, :2] - corners[:, 0, :2]).T
    facing: np.ndarray[tuple[int], np.dtype[np.bool_]] = ax * by - bx * ay < -1e-6
    return facing


def _weights(corners: AnyFloats, order: AnyInts, pixels: AnyInts, width: int) -> AnyFloats:
    """Return the perspective-correct corner weights (3, n) of the visible pixels."""
    first = corners[:, 0]
    (ax, ay), (bx, by) = ((corners[:, k, :2] - first[:, :2]).T for k in (1, 2))
    area = ax * by - bx * ay
    row = pixels // np.int32(width)
    x = (pixels - row * np.int32(width)).astype(np.float32) + np.float32(0.5) - np.take(first[:, 0], order)
    y = row.astype(np.float32) + np.float32(0.5) - np.take(first[:, 1], order)
    second = np.clip(np.take(by / area, order) * x - np.take(bx / area, order) * y, 0, 1)
    third = np.clip(np.take(ax / area, order) * y - np.take(ay / area, order) * x, 0, 1 - second)
    weights = np.stack([1 - second - third, second, third])
    weights *= np.take(corners[:, :, 2], order, axis=0).T
    weights /= weights[0] + weights[1] + weights[2]
    return weights


def _choose_fill() -> Fill:
    """Return the compiled function where numba is installed."""
    if find_spec("numba") is None:
        return fill_numpy
    from reid.render.numba_fill import fill_numba

    compiled: Fill = fill_numba
    return compiled


FILL: Fill = _choose_fill()
