"""Turn places in the world into pixels: one pinhole camera."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reid.render.mesh import Floats

NEAREST_M = 0.4
"""Nothing closer to the camera than this is drawn."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A camera at `eye` (3,) with `axes` (3, 3): right, down and forward in the world."""

    eye: Floats
    axes: Floats
    focal_px: float
    centre_x_px: float
    centre_y_px: float
    width: int
    height: int

    def project(self, points: Floats) -> Floats:
        """Return (n, 3): pixel x, pixel y and 1 / depth; 1 / depth is 0 for what is not in front of the camera."""
        seen = (points - self.eye) @ self.axes.T
        inverse = np.where(seen[:, 2] > NEAREST_M, 1.0 / np.maximum(seen[:, 2], NEAREST_M), 0.0)
        screen = np.empty((len(seen), 3), np.float32)
        screen[:, 0] = seen[:, 0] * self.focal_px * inverse + self.centre_x_px
        screen[:, 1] = seen[:, 1] * self.focal_px * inverse + self.centre_y_px
        screen[:, 2] = inverse
        return screen

    def part(self, x: int, y: int, width: int, height: int, scale: int = 1) -> "Lens":
        """Return the lens that sees only a rectangle of the picture, `scale` times finer."""
        return replace(
            self,
            focal_px=self.focal_px * scale,
            centre_x_px=(self.centre_x_px - x) * scale,
            centre_y_px=(self.centre_y_px - y) * scale,
            width=width * scale,
            height=height * scale,
        )

    def moved(self, right_px: float, down_px: float) -> "Lens":
        """Return the lens whose picture is shifted by parts of a pixel."""
        return replace(self, centre_x_px=self.centre_x_px + right_px, centre_y_px=self.centre_y_px + down_px)

    def rays(self) -> Floats:
        """Return the (height, width, 3) unit direction that each pixel looks in."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5 - self.centre_x_px) / self.focal_px
        y = (np.arange(self.height, dtype=np.float32) + 0.5 - self.centre_y_px) / self.focal_px
        right, down, forward = self.axes.astype(np.float32)
        rays = x[None, :, None] * right + y[:, None, None] * down + forward
        unit: Floats = rays / np.linalg.norm(rays, axis=2, keepdims=True)
        return unit


def aimed(eye: Sequence[float], target: Sequence[float], focal_px: float, width: int, height: int) -> Lens:
    """Return an upright camera that looks from `eye` to `target`."""
    forward = np.subtract(target, eye).astype(float)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(forward, right), forward]).astype(np.float32)
    return Lens(np.array(eye, np.float32), axes, focal_px, width / 2, height / 2, width, height)
