"""Compute the true boxes, visibility and plate corners of drawn vehicles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import AnyFloats, Flags
from reid.render.light.lens import Lens
from reid.render.mesh import turning
from reid.render.vehicles.layers import Layer, PixelWindow
from reid.vehicle import Box

_HIDING = 128


@dataclass(frozen=True, slots=True)
class VisibleBox:
    """The whole box of placement number `index`, cut to the frame, and the visible share of its pixels.

    `plate_height_px` is None if no plate is visible; `name` is set for parked vehicles, whose index is -1.
    """

    index: int
    box: Box
    visible: float
    plate_height_px: float | None
    heading_deg: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class DrawnVehicle:
    """A drawn vehicle, before others occlude it."""

    index: int
    layer: Layer
    plate_height_px: float | None
    heading_deg: float
    name: str = ""


class WithPlates(Protocol):
    """A vehicle whose plates' corners (4, 3) are known: bottom left, bottom right, top right, top left of each."""

    @property
    def plates(self) -> tuple[AnyFloats, ...]:
        """Return the corners of each plate."""


def visible_boxes(drawn: Sequence[DrawnVehicle], before: npt.NDArray[np.uint8]) -> tuple[VisibleBox, ...]:
    """Return the boxes of vehicles drawn in this order, the farthest first; `before` (h, w) occludes them all."""
    boxes = []
    for place, found in enumerate(drawn):
        window, mask = found.layer.window, found.layer.solid
        hidden = before[window.slices] >= _HIDING
        for nearer in drawn[place + 1 :]:
            _hide(hidden, window, nearer.layer)
        visible = np.count_nonzero(mask & ~hidden) / np.count_nonzero(mask)
        plate = found.plate_height_px if visible > 0.2 else None
        boxes.append(VisibleBox(found.index, _box(window, mask), visible, plate, found.heading_deg, found.name))
    return tuple(sorted(boxes, key=lambda box: (box.index < 0, box.index, box.name)))


def plate_corners(solid: WithPlates, x_m: float, y_m: float, turn: float, lens: Lens) -> AnyFloats | None:
    """Return the (4, 2) corners of the plate that faces the camera: top left, top right, bottom right, bottom left.

    The vehicle stands at x, y, turned by `turn` radians; None if no plate faces the camera.
    """
    for plate in solid.plates:
        screen = lens.project(plate @ turning(turn).T + np.array([x_m, y_m, 0], np.float32))
        shows_its_face = screen[1, 0] > screen[0, 0] and screen[:, 2].min() > 0
        if shows_its_face:
            corners: AnyFloats = screen[::-1, :2].astype(np.float32)
            return corners
    return None


def plate_height_px(corners: AnyFloats) -> float:
    """Return the mean length of a plate's left and right side."""
    rises = corners[[0, 1]] - corners[[3, 2]]
    return float(np.hypot(rises[:, 0], rises[:, 1]).mean())


def _hide(hidden: Flags, window: PixelWindow, nearer: Layer) -> None:
    """Mark as hidden the part of a window covered by a nearer layer; changes `hidden`."""
    other = nearer.window
    x0, y0 = max(window.x, other.x), max(window.y, other.y)
    x1, y1 = min(window.x + window.width, other.x + other.width), min(window.y + window.height, other.y + other.height)
    if x0 < x1 and y0 < y1:
        cover = nearer.solid[y0 - other.y : y1 - other.y, x0 - other.x : x1 - other.x]
        hidden[y0 - window.y : y1 - window.y, x0 - window.x : x1 - window.x] |= cover


def _box(window: PixelWindow, mask: Flags) -> Box:
    """Return the smallest box around a mask."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    return Box(window.x + left, window.y + top, width, height)
