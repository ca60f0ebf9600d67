"""Detect that a camera was moved or turned, by comparing two of its empty scenes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from reid.vehicle import Grey

Edges = npt.NDArray[np.complex128]
"""(h, w) complex: strength of the edge at a pixel and twice its angle, so that light and dark sides are equal."""

PARTS = 3
"""Scenes are compared as a whole and in 3 x 3 parts: a camera turned about its axis shifts each differently."""

LEAST_SHIFT_PX = 1.5
"""In a scene 480 pixels wide; wind moves a mast by less."""

ALIKE, CLEARLY = 0.4, 1.15
"""A part has moved if its likeness elsewhere is this high, and this many times that in its place."""

LEAST_PARTS = 3
"""This many parts must have moved, and more than have stayed."""

OTHER_VIEW = 0.25
"""Scenes of a lower likeness show different views."""

LEAST_DETAIL = 0.1
"""The mean strength of edges, 0 to 1, below which a scene cannot be compared."""


@dataclass(frozen=True, slots=True)
class SceneShift:
    """How far a scene has moved in pixels, its likeness there, and its likeness `unmoved`, each up to 1."""

    right: float
    down: float
    likeness: float
    unmoved: float

    @property
    def far_px(self) -> float:
        """Return the distance moved."""
        return float(np.hypot(self.right, self.down))

    @property
    def is_sure(self) -> bool:
        """Say whether the scene was found again."""
        return self.likeness >= ALIKE

    @property
    def has_moved(self) -> bool:
        """Say whether the scene was found again at another place."""
        return self.is_sure and self.far_px >= LEAST_SHIFT_PX and self.likeness >= CLEARLY * self.unmoved


@dataclass(frozen=True, slots=True)
class CameraMove:
    """A suspected move of the camera, by a share of the picture's width; None if it shows another view."""

    share: float | None


def suspect_move(before: Grey, now: Grey) -> CameraMove | None:
    """Return the move between two empty scenes of one size; None if there was none, or too little can be seen."""
    if before.shape != now.shape:
        return None
    first, second = edges(before), edges(now)
    if min(np.abs(first).mean(), np.abs(second).mean()) < LEAST_DETAIL:
        return None
    whole = shift_between(first, second)
    parts = [shift_between(*pair) for pair in zip(_parts(first), _parts(second), strict=True)]
    moved = [part for part in parts if part.has_moved]
    stayed = sum(part.is_sure for part in parts) - len(moved)
    if whole.has_moved or len(moved) >= max(LEAST_PARTS, stayed + 1):
        far_px = whole.far_px if whole.has_moved else float(np.median([part.far_px for part in moved]))
        return CameraMove(far_px / before.shape[1])
    return CameraMove(None) if whole.likeness < OTHER_VIEW else None


def edges(scene: Grey) -> Edges:
    """Return the edges of a scene, weak ones raised towards strong ones: sun and lamps light it unevenly."""
    smooth = cv2.GaussianBlur(scene, (0, 0), 1.0).astype(np.float32)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    doubled = np.asarray(across + 1j * down, dtype=np.complex128) ** 2
    strength = np.abs(doubled)
    return np.asarray(doubled / (strength + 4.0 * float(np.median(strength)) + 64.0))


def shift_between(before: Edges, now: Edges) -> SceneShift:
    """Return the shift at which `now` agrees best with `before` (cross-correlation by FFT)."""
    height, width = before.shape
    agreement = np.fft.ifft2(np.fft.fft2(now) * np.conj(np.fft.fft2(before))).real
    whole = float(np.sqrt((np.abs(before) ** 2).sum() * (np.abs(now) ** 2).sum())) + 1e-9
    row, column = divmod(int(agreement.argmax()), width)
    right, down = column - width * (2 * column > width), row - height * (2 * row > height)
    return SceneShift(right, down, float(agreement.max()) / whole, float(agreement[0, 0]) / whole)


def _parts(scene: Edges) -> Sequence[Edges]:
    """Return the parts of a scene, each faded towards its border: content that leaves it must not count."""
    height, width = scene.shape
    rows, columns = np.linspace(0, height, PARTS + 1).astype(int), np.linspace(0, width, PARTS + 1).astype(int)
    cut = [
        scene[top:bottom, left:right]
        for top, bottom in pairwise(rows.tolist())
        for left, right in pairwise(columns.tolist())
    ]
    return [part * np.outer(np.hanning(part.shape[0]), np.hanning(part.shape[1])) for part in cut]
