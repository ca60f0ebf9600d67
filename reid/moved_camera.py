"""Suspect that a camera was moved or turned: what stands still has moved from one empty scene to another."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
"""(h, w)."""

Edges = npt.NDArray[np.complex64]
"""(h, w): how strong the edge at a pixel is, and twice the angle it has; which side is brighter does not matter."""


@dataclass(frozen=True, slots=True)
class MovedOptions:
    """Scenes are compared `width_px` wide, whole and in `tiles` x `tiles` parts.

    Two parts show the same if they agree by `least_likeness`, and by `clearly` times more than unmoved. A camera moved
    if most parts that agree at all do so at `least_shift_px` or more.
    """

    width_px: int = 480
    tiles: int = 3
    least_likeness: float = 0.25
    clearly: float = 1.25
    least_shift_px: float = 1.5
    least_parts: int = 3


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a part has moved in pixels, and how alike it is there and unmoved, 0 to 1."""

    right: float
    down: float
    likeness: float
    unmoved: float

    @property
    def far(self) -> float:
        """Return the length of the way."""
        return float(np.hypot(self.right, self.down))


def edges(scene: Grey) -> Edges:
    """Return the edges of a scene, weak ones nearly as strong as strong ones: lamps and sun light scenes unevenly."""
    smooth = cv2.GaussianBlur(scene, (0, 0), 1.0).astype(np.float32)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    turned = (across + 1j * down) ** 2
    strength = np.abs(turned)
    usual = float(np.median(strength)) + 16.0
    return np.asarray(turned / (strength + 4 * usual), dtype=np.complex64)


def shift_between(before: Edges, now: Edges) -> Shift:
    """Return where `now` shows best what `before` shows, by correlation (n, m)."""
    height, width = before.shape
    spectrum = np.fft.fft2(now) * np.conj(np.fft.fft2(before))
    agreement = np.fft.ifft2(spectrum).real
    whole = float(np.sqrt((np.abs(before) ** 2).sum() * (np.abs(now) ** 2).sum())) + 1e-9
    best = np.unravel_index(int(agreement.argmax()), agreement.shape)
    down, right = (int(at) if at <= size // 2 else int(at) - size for at, size in zip(best, (height, width), strict=True))
    return Shift(float(right), float(down), float(agreement.max()) / whole, float(agreement[0, 0]) / whole)
