"""Fill triangles in a loop compiled by numba; importable only where numba is installed."""

import numba
import numpy as np

from reid.arrays import AnyFloats, AnyInts


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def fill_numba(corners: AnyFloats, width: int, height: int) -> AnyInts:
    """Return the visible triangle of each pixel, as `rasteriser.fill_numpy` does, one pixel at a time."""
    seen = np.full(width * height, -1, np.int32)
    nearest = np.zeros(width * height, np.float32)
    for face in range(corners.shape[0]):
        x, y, w = corners[face, :, 0], corners[face, :, 1], corners[face, :, 2]
        area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
        slope_x = ((w[1] - w[0]) * (y[2] - y[0]) - (w[2] - w[0]) * (y[1] - y[0])) / area
        slope_y = ((w[2] - w[0]) * (x[1] - x[0]) - (w[1] - w[0]) * (x[2] - x[0])) / area
        upper, middle, lower = np.argsort(y)
        top = max(0, int(np.ceil(y[upper] - 0.5)))
        bottom = min(height, int(np.ceil(y[lower] - 0.5)))
        for row in range(top, bottom):
            line = row + 0.5
            one = x[upper] + (line - y[upper]) * (x[lower] - x[upper]) / (y[lower] - y[upper])
            begin, end = (middle, lower) if line > y[middle] else (upper, middle)
            other = x[begin] + (line - y[begin]) * (x[end] - x[begin]) / (y[end] - y[begin])
            left, right = min(one, other), max(one, other)
            for column in range(max(0, int(np.ceil(left - 0.5))), min(width, int(np.ceil(right - 0.5)))):
                depth = w[0] + slope_x * (column + 0.5 - x[0]) + slope_y * (line - y[0])
                pixel = row * width + column
                if depth >= nearest[pixel]:
                    nearest[pixel] = depth
                    seen[pixel] = face
    return seen
