"""Project points to pixels, and pixels to rays: a pinhole camera with barrel distortion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reid.arrays import AnyFloats

NEAREST_M = 0.4
"""Points closer to the camera than this are not drawn."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A camera at `eye` (3,) with `axes` (3, 3): right, down and forward in the world.

    With `barrel` above 0 lines bow outwards: a point u focal lengths from the centre in a pinhole camera is shown at v,
    u = v / (1 - barrel * v**2), the division model (Fitzgibbon, CVPR 2001, equation 4). It has a closed form in both
    directions, and never folds distant points back into the picture.
    """

    eye: AnyFloats
    axes: AnyFloats
    focal_px: float
    centre_x_px: float
    centre_y_px: float
    width: int
    height: int
    barrel: float = 0.0

    def project(self, points: AnyFloats) -> AnyFloats:
        """Return (n, 3): pixel x, pixel y and 1 / depth, which is 0 for points behind the camera."""
        screen = self.project_straight(points)
        screen[:, :2] = self.bent(screen[:, :2])
        return screen

    def project_straight(self, points: AnyFloats) -> AnyFloats:
        """Return the projection without distortion: straight lines stay straight."""
        seen = (points - self.eye) @ self.axes.T
        inverse = np.where(seen[:, 2] > NEAREST_M, 1.0 / np.maximum(seen[:, 2], NEAREST_M), 0.0)
        screen = np.empty((len(seen), 3), np.float32)
        screen[:, 0] = seen[:, 0] * self.focal_px * inverse + self.centre_x_px
        screen[:, 1] = seen[:, 1] * self.focal_px * inverse + self.centre_y_px
        screen[:, 2] = inverse
        return screen

    def bent(self, pixels: AnyFloats) -> AnyFloats:
        """Return the distorted places of (n, 2) pixels of a pinhole camera."""
        if not self.barrel:
            return pixels
        centre = np.array([self.centre_x_px, self.centre_y_px], np.float32)
        out = (pixels - centre) / np.float32(self.focal_px)
        far = (out**2).sum(axis=1, keepdims=True)
        moved: AnyFloats = centre + out * (2 * self.focal_px / (1 + np.sqrt(1 + 4 * self.barrel * far)))
        return moved.astype(np.float32)

    def straightened(self, pixels: AnyFloats) -> AnyFloats:
        """Return the undistorted places of (n, 2) pixels: the inverse of `bent`."""
        centre = np.array([self.centre_x_px, self.centre_y_px], np.float32)
        out = (pixels - centre) / np.float32(self.focal_px)
        moved: AnyFloats = centre + out * (self.focal_px / (1 - self.barrel * (out**2).sum(axis=1, keepdims=True)))
        return moved.astype(np.float32)

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
        """Return the lens with its picture shifted by parts of a pixel."""
        return replace(self, centre_x_px=self.centre_x_px + right_px, centre_y_px=self.centre_y_px + down_px)

    def under_ground(self) -> "Lens":
        """Return the lens mirrored below the ground, which sees objects where this one sees their reflections."""
        flip = np.array([1, 1, -1], np.float32)
        return replace(self, eye=self.eye * flip, axes=self.axes * flip)

    def rays(self) -> AnyFloats:
        """Return the (height, width, 3) unit direction of each pixel's ray."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5 - self.centre_x_px) / self.focal_px
        y = (np.arange(self.height, dtype=np.float32) + 0.5 - self.centre_y_px) / self.focal_px
        right, down, forward = self.axes.astype(np.float32)
        ahead = 1 - np.float32(self.barrel) * (x[None, :, None] ** 2 + y[:, None, None] ** 2)
        rays = x[None, :, None] * right + y[:, None, None] * down + ahead * forward
        unit: AnyFloats = rays / np.linalg.norm(rays, axis=2, keepdims=True)
        return unit


def aimed(
    eye: Sequence[float], target: Sequence[float], focal_px: float, width: int, height: int, *, drawn_in: float = 0.0
) -> Lens:
    """Return an upright camera that looks from `eye` to `target`.

    `drawn_in` is the share by which the lens moves the corners inwards, compared with a pinhole camera.
    """
    forward = np.subtract(target, eye).astype(float)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(forward, right), forward]).astype(np.float32)
    barrel = drawn_in * 4 * focal_px**2 / (width**2 + height**2)
    return Lens(np.array(eye, np.float32), axes, focal_px, width / 2, height / 2, width, height, barrel)
