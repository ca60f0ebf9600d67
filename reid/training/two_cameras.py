"""Make training pictures of vehicles that two real cameras saw, painted anew so that there are more of them."""

from collections.abc import Sequence

import cv2
import numpy as np

from reid.evaluation.pairs import PairFiles
from reid.images import read_image
from reid.training.datasets import UNKNOWN, Crops, squared
from reid.vehicle import VEHICLE_TYPES, Image

HUE_TURNS = (0, 25, 55, 90, 125, 155)
"""In OpenCV's half degrees; painting a vehicle anew gives a twin of it that was never filmed."""
MIN_PAINTED_SHARE = 0.12
"""A vehicle with less colour looks the same however its hue is turned, so it gets no twins."""


def read_crops(pairs: Sequence[PairFiles], *, repaint: bool) -> Crops:
    """Return both pictures of each vehicle; with `repaint` also of its twins in other colours, as other vehicles."""
    pictures, vehicle, model, kind = [], [], [], []
    count = 0
    for number, pair in enumerate(pairs):
        both = [squared(read_image(path)) for path in (pair.first, pair.second)]
        for turn in HUE_TURNS if repaint and _is_painted(both) else HUE_TURNS[:1]:
            pictures += [_turn_hue(picture, turn) for picture in both]
            vehicle += [count, count]
            model += [number, number]
            kind += [VEHICLE_TYPES.index(pair.kind) if pair.kind in VEHICLE_TYPES else UNKNOWN] * 2
            count += 1
    return Crops(
        pictures=np.stack(pictures),
        vehicle=np.array(vehicle),
        model=np.array(model),
        camera=np.tile([0, 1], count),
        type=np.array(kind),
        colour=np.full(2 * count, UNKNOWN),
        heading_deg=np.full(2 * count, np.nan, dtype=np.float32),
        source=np.zeros(2 * count, dtype=np.int64),
    )


def _is_painted(pictures: Sequence[Image]) -> bool:
    """Tell whether every picture shows enough colour in its middle."""
    return all(_painted_share(picture) >= MIN_PAINTED_SHARE for picture in pictures)


def _painted_share(picture: Image) -> float:
    side = picture.shape[0]
    middle = picture[side // 6 : -side // 6, side // 6 : -side // 6]
    hsv = cv2.cvtColor(middle, cv2.COLOR_RGB2HSV)
    return float(((hsv[..., 1] > 90) & (hsv[..., 2] > 50)).mean())


def _turn_hue(picture: Image, turn: int) -> Image:
    if turn == 0:
        return picture
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int64) + turn) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), dtype=np.uint8)
