"""Say which of the listed colours a vehicle's paint is likely to have."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reid.images import resize_to_fit
from reid.vehicle import COLOURS, Image

Pixels = npt.NDArray[np.float64]
"""(n, 3) CIE L*a*b*."""

LIGHTER_THAN_ROAD: Mapping[str, float] = {"black": -3.0, "grey": 6.0, "silver": 20.0, "white": 34.0}
"""Colour without hue -> how much lighter its bright parts are than the road, in L*."""

LIGHTNESS: Mapping[str, float] = {"black": 34.0, "grey": 50.0, "silver": 66.0, "white": 80.0}
"""The same, without a road to compare with; weather and exposure shift it."""

ROAD_SPREAD, LIGHTNESS_SPREAD = 8.0, 16.0

TINTED_CHROMA = 9.0
"""A pixel whose a*, b* differ by more than this from the road's has a hue of its own."""

TINTED_SHARE, TINTED_SHARE_STEP = 0.14, 0.04
"""So much of a body must have a hue for paint with one: lamps and plates are smaller."""


@dataclass(frozen=True, slots=True)
class _Hue:
    """A colour with a hue: angle in the a*b* plane, chroma and lightness, as usual and how far they spread."""

    angle_deg: float
    angle_spread: float
    chroma: float
    chroma_spread: float
    lightness: float
    lightness_spread: float


HUES: Mapping[str, _Hue] = {
    "red": _Hue(24, 13, 36, 16, 38, 13),
    "brown": _Hue(50, 20, 17, 7, 36, 11),
    "beige": _Hue(80, 16, 17, 7, 66, 13),
    "yellow": _Hue(86, 11, 55, 18, 74, 13),
    "orange": _Hue(58, 11, 58, 15, 58, 11),
    "green": _Hue(150, 30, 28, 14, 42, 15),
    "blue": _Hue(275, 24, 28, 14, 40, 15),
}


def colour_probabilities(pictures: Sequence[Image]) -> dict[str, float]:
    """Return the probability of each of COLOURS, from one or more crops of one vehicle; {} without any."""
    if not pictures:
        return {}
    shares = np.mean([_of_picture(picture) for picture in pictures], axis=0)
    return {name: round(float(share), 4) for name, share in zip(COLOURS, shares, strict=True)}


def _of_picture(picture: Image) -> npt.NDArray[np.float64]:
    body, road = _body_and_road(resize_to_fit(picture, 64))
    middle = np.median(road, axis=0)
    tinted = np.hypot(*(body[:, 1:] - middle[1:]).T) > TINTED_CHROMA
    has_hue = 1.0 / (1.0 + math.exp(-(float(tinted.mean()) - TINTED_SHARE) / TINTED_SHARE_STEP))
    plain = _plain_likelihood(float(np.percentile(body[:, 0], 80)), float(middle[0]))
    hued = _hue_likelihood(np.median(body[tinted], axis=0)) if tinted.any() else dict.fromkeys(HUES, 1.0)
    weights = _shares(plain, 1.0 - has_hue) | _shares(hued, has_hue)
    return np.array([weights[name] for name in COLOURS])


def _body_and_road(picture: Image) -> tuple[Pixels, Pixels]:
    """Return the middle of a crop, where the paint is, and its corners, where the road is."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB).astype(np.float64)
    height, width = lab.shape[:2]
    rows, columns = (
        slice(int(0.15 * height), max(1, int(0.8 * height))),
        slice(int(0.15 * width), int(0.85 * width) + 1),
    )
    low, side = int(0.85 * height), max(1, int(0.15 * width))
    corners = (
        lab[low:, :side],
        lab[low:, -side:],
        lab[: max(1, height // 8), :side],
        lab[: max(1, height // 8), -side:],
    )
    return lab[rows, columns].reshape(-1, 3), np.concatenate([corner.reshape(-1, 3) for corner in corners])


def _plain_likelihood(bright: float, road: float) -> dict[str, float]:
    """Weigh the colours without hue: windows and tyres are dark on all of them, so the bright parts decide."""
    return {
        name: _bell(bright - road, LIGHTER_THAN_ROAD[name], ROAD_SPREAD)
        * _bell(bright, LIGHTNESS[name], LIGHTNESS_SPREAD)
        for name in LIGHTNESS
    }


def _hue_likelihood(lab: npt.NDArray[np.float64]) -> dict[str, float]:
    angle = math.degrees(math.atan2(lab[2], lab[1]))
    chroma = math.hypot(lab[1], lab[2])
    return {
        name: _bell((angle - hue.angle_deg + 180.0) % 360.0 - 180.0, 0.0, hue.angle_spread)
        * _bell(chroma, hue.chroma, hue.chroma_spread)
        * _bell(lab[0], hue.lightness, hue.lightness_spread)
        for name, hue in HUES.items()
    }


def _shares(likelihood: Mapping[str, float], whole: float) -> dict[str, float]:
    total = sum(likelihood.values())
    return {name: whole * value / total for name, value in likelihood.items()}


def _bell(value: float, middle: float, spread: float) -> float:
    return math.exp(-0.5 * ((value - middle) / spread) ** 2) / spread + 1e-5
