"""Show a network what moves beside the picture: how it differs from the empty scene, and from the frame before."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reid.detect.background import Background, with_light_of
from reid.vehicle import Image

CHANNELS = 8
"""Red, green, blue; half the difference to the empty scene in each; how much that wavers; to the frame before."""

DIFFERENCES, SCENE = slice(3, 6), 6
"""Where the differences to the empty scene are, and what tells whether one is known."""

EVEN = 128
"""No difference, or nothing known to differ from."""

KNOWN = 16
"""The wavering of a scene begins here: 0 says that no scene is known."""

PADDING = (114, 114, 114, EVEN, EVEN, EVEN, 0, EVEN)
"""What stands beyond the picture."""

Channels = npt.NDArray[np.uint8]
"""(h, w, CHANNELS)."""

Grey = npt.NDArray[np.uint8]
"""(h, w)."""


@dataclass(frozen=True, slots=True)
class EmptyScene:
    """What a scene looks like without vehicles, and how much each pixel wavers."""

    picture: Image
    wavering: Grey

    @classmethod
    def of(cls, background: Background) -> "EmptyScene":
        """Return what the network is shown of a background."""
        red, green, blue = cv2.split(background.spread)
        return cls(background.median, np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8))


def stacked(picture: Image, scene: EmptyScene | None, before: Grey | None) -> Channels:
    """Return the channels of a frame; `scene` and the grey frame `before` are as large as the picture, or unknown."""
    even = np.full(picture.shape[:2], EVEN, dtype=np.uint8)
    to_scene = [even, even, even, np.zeros_like(even)] if scene is None else _against_scene(picture, scene)
    to_before = even if before is None else _half_difference(picture, before)
    return np.asarray(cv2.merge([*cv2.split(picture), *to_scene, to_before]), dtype=np.uint8)


def _against_scene(picture: Image, scene: EmptyScene) -> list[Grey]:
    """Return half the difference in each colour, and how much the scene wavers."""
    difference = cv2.addWeighted(picture, 0.5, with_light_of(picture, scene.picture), -0.5, EVEN)
    wavering = cv2.addWeighted(scene.wavering, 2.0, scene.wavering, 0.0, KNOWN)
    return [np.asarray(part, dtype=np.uint8) for part in (*cv2.split(difference), wavering)]


def _half_difference(picture: Image, before: Grey) -> Grey:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.addWeighted(grey, 0.5, before, -0.5, EVEN), dtype=np.uint8)


def padded(channels: Channels, height: int, width: int) -> Channels:
    """Return the channels in the top left corner of a picture of that size."""
    if channels.shape[:2] == (height, width):
        return channels
    whole = np.empty((height, width, CHANNELS), dtype=np.uint8)
    whole[...] = PADDING
    whole[: channels.shape[0], : channels.shape[1]] = channels
    return whole
