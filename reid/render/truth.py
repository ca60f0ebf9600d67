"""Say where each drawn vehicle is and how much of it is seen, from the very masks that were drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reid.render.vehicles.layers import Layer, Window
from reid.vehicle import Box

_HIDING = 128


@dataclass(frozen=True, slots=True)
class SeenBox:
    """Where placement number `index` is: its whole box, cut to the frame, and which share of its pixels is seen.

    `plate_height_px` is None where no plate is seen; `name` is set for parked scenery, whose index is -1.
    """

    index: int
    box: Box
    visible: float
    plate_height_px: float | None
    heading_deg: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A vehicle as it was drawn, before others hid it."""

    index: int
    layer: Layer
    plate_height_px: float | None
    heading_deg: float
    name: str = ""


def seen_boxes(drawn: Sequence[Drawn], before: npt.NDArray[np.uint8]) -> tuple[SeenBox, ...]:
    """Return the truth of vehicles drawn in this order, the furthest first; `before` (h, w) hides them all."""
    boxes = []
    for place, found in enumerate(drawn):
        window, mask = found.layer.window, found.layer.solid
        hidden = before[window.slices] >= _HIDING
        for nearer in drawn[place + 1 :]:
            _hide(hidden, window, nearer.layer)
        visible = np.count_nonzero(mask & ~hidden) / np.count_nonzero(mask)
        plate = found.plate_height_px if visible > 0.2 else None
        boxes.append(SeenBox(found.index, _box(window, mask), visible, plate, found.heading_deg, found.name))
    return tuple(sorted(boxes, key=lambda box: (box.index < 0, box.index, box.name)))


def _hide(hidden: npt.NDArray[np.bool_], window: Window, nearer: Layer) -> None:
    """Mark as hidden what a nearer layer covers of a window; changes `hidden`."""
    other = nearer.window
    x0, y0 = max(window.x, other.x), max(window.y, other.y)
    x1, y1 = min(window.x + window.width, other.x + other.width), min(window.y + window.height, other.y + other.height)
    if x0 < x1 and y0 < y1:
        cover = nearer.solid[y0 - other.y : y1 - other.y, x0 - other.x : x1 - other.x]
        hidden[y0 - window.y : y1 - window.y, x0 - window.x : x1 - window.x] |= cover


def _box(window: Window, mask: npt.NDArray[np.bool_]) -> Box:
    """Return the smallest box around a mask."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    return Box(window.x + left, window.y + top, width, height)
