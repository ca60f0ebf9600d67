"""Describe a tracked vehicle by probabilities: its type, its colour, and the direction in which it drives."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from reid import boxes
from reid.appearance.embedders import Appearance, Vectors
from reid.arrays import Flags, Floats
from reid.images import resize_to_fit
from reid.vehicle import COLOURS, VEHICLE_TYPES, Attributes, Image, Shot, TrackPoint

TYPE_SHARE: Mapping[str, float] = {"car": 0.68, "van": 0.12, "truck": 0.10, "bus": 0.04, "motorcycle": 0.06}
"""The prior: how common the types are on ordinary roads."""

ASPECT: Mapping[str, tuple[float, float]] = {
    "car": (1.25, 0.28),
    "van": (1.05, 0.28),
    "truck": (1.1, 0.40),
    "bus": (1.1, 0.45),
    "motorcycle": (0.62, 0.25),
}
"""Type -> usual width to height of its box, seen from any side, and the spread of its logarithm."""

LABEL_RELIABILITY = 0.8
"""How often a detector's label of a whole track is right."""

NETWORK_SHARE = 0.8
"""The weight of a network's colour probabilities beside those measured on the paint."""

NETWORK_TYPE_SHARE = 0.7
"""The weight of the appearance network's types beside the detector's labels: they err in different pictures."""

LEAST_TYPE = 0.02
"""Added to each type probability before the two are joined."""

LEAST = 1e-3
"""Added to each colour probability before two estimates are joined."""

FOCAL_WIDTHS = 0.9
"""Focal length of an ordinary camera in picture widths (58 degrees across)."""

LEAST_TRAVEL = 1.0
"""In heights of the vehicle; less movement has no reliable direction."""

BORDER_PX = 3.0

LIGHTER_THAN_ROAD: Mapping[str, float] = {"black": -3.0, "grey": 6.0, "silver": 20.0, "white": 34.0}
"""Colour without hue -> how much lighter its bright parts are than the road, in L*."""

LIGHTNESS: Mapping[str, float] = {"black": 34.0, "grey": 50.0, "silver": 66.0, "white": 80.0}
"""Colour without hue -> L* of its bright parts; weather and exposure shift it."""

ROAD_SPREAD, LIGHTNESS_SPREAD = 8.0, 16.0

TINTED_CHROMA = 9.0
"""A pixel whose a*, b* differ by more than this from the road's has a hue of its own."""

TINTED_SHARE, TINTED_SHARE_STEP = 0.14, 0.04
"""The share of a body that must have a hue for coloured paint: lamps and plates are smaller."""


@dataclass(frozen=True, slots=True)
class _Hue:
    """A colour with a hue: mean and spread of its angle in the a*b* plane, its chroma and its lightness."""

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


def describe(
    shots: Sequence[Shot], points: Sequence[TrackPoint], appearance: Appearance, *, width_px: int, height_px: int
) -> Attributes:
    """Return type, colour and heading of a vehicle by its pictures and track; the frame is `width_px` x `height_px`.

    An appearance network sees the best pictures in detail, a detector all of them: their types are joined. So are the
    colours of the network and those of the paint, which err in different pictures.
    """
    paint = colour_probabilities([shot.image for shot in shots])
    types = appearance.types
    return Attributes(
        types=type_probabilities(points) if types is None else _joined_types(points, types.mean(axis=0)),
        colours=paint if appearance.colours is None else _joined(paint, appearance.colours),
        heading_deg=heading_deg(points, width_px, height_px),
    )


def type_probabilities(points: Sequence[TrackPoint]) -> dict[str, float]:
    """Return the probability of each of VEHICLE_TYPES, by the detector's labels if any, else by the shape of the box.

    Shape says little: its probabilities stay near the prior.
    """
    labels = _labels(points)
    likelihood = _by_label(labels) if labels else _by_shape(points)
    weights = {name: TYPE_SHARE[name] * likelihood[name] for name in VEHICLE_TYPES}
    total = sum(weights.values())
    return {name: round(weight / total, 4) for name, weight in weights.items()}


def heading_deg(points: Sequence[TrackPoint], width_px: int, height_px: int) -> float | None:
    """Return the heading on the ground, clockwise from straight away from the camera; None if it hardly moved.

    A vehicle keeps its height, so its height in pixels gives its distance: in units of that height it is at
    X = (x - middle) / h, Z = f / h. The heading is the direction from its first positions to its last.
    """
    rows = boxes.to_array([point.box for point in points])
    rows = rows[_whole(rows, width_px, height_px)]
    if len(rows) < 4:
        return None
    heights = _smooth(rows[:, 3] - rows[:, 1])
    across = (rows[:, [0, 2]].mean(axis=1) - width_px / 2) / heights
    away = FOCAL_WIDTHS * width_px / heights
    third = max(2, len(rows) // 3)
    right = float(np.median(across[-third:]) - np.median(across[:third]))
    ahead = float(np.median(away[-third:]) - np.median(away[:third]))
    if math.hypot(right, ahead) < LEAST_TRAVEL:
        return None
    return round(math.degrees(math.atan2(right, ahead)) % 360.0, 1)


def colour_probabilities(pictures: Sequence[Image]) -> dict[str, float]:
    """Return the probability of each of COLOURS, from one or more crops of one vehicle; {} without any."""
    if not pictures:
        return {}
    shares = np.mean([_of_picture(picture) for picture in pictures], axis=0)
    return {name: round(float(share), 4) for name, share in zip(COLOURS, shares, strict=True)}


def _labels(points: Sequence[TrackPoint]) -> Counter[str]:
    return Counter(point.label for point in points if point.label in VEHICLE_TYPES)


def _by_label(labels: Mapping[str, int]) -> dict[str, float]:
    count = sum(labels.values())
    others = (1.0 - LABEL_RELIABILITY) / (len(VEHICLE_TYPES) - 1)
    share = {name: labels.get(name, 0) / count for name in VEHICLE_TYPES}
    return {name: (share[name] * LABEL_RELIABILITY + (1 - share[name]) * others) / TYPE_SHARE[name] for name in share}


def _by_shape(points: Sequence[TrackPoint]) -> dict[str, float]:
    aspect = float(np.median([point.box.width / max(1.0, point.box.height) for point in points]))
    return {
        name: _bell(math.log(max(aspect, 0.05)), math.log(usual), spread) for name, (usual, spread) in ASPECT.items()
    }


def _joined_types(points: Sequence[TrackPoint], network: Vectors) -> dict[str, float]:
    """Return the type probabilities (5,) of a network joined with a track's labels, as a weighted geometric mean."""
    labels = _labels(points)
    if not labels:
        return _by_name(VEHICLE_TYPES, network)
    count = sum(labels.values())
    by_label = np.log([labels.get(name, 0) / count + LEAST_TYPE for name in VEHICLE_TYPES])
    by_network = np.log(network + LEAST_TYPE)
    return _by_name(VEHICLE_TYPES, np.exp(NETWORK_TYPE_SHARE * by_network + (1 - NETWORK_TYPE_SHARE) * by_label))


def _joined(paint: Mapping[str, float], network: Vectors) -> dict[str, float]:
    """Return the colour probabilities of the paint joined with a network's (n, 11), as a weighted geometric mean."""
    by_paint, by_network = np.log([paint[name] + LEAST for name in COLOURS]), np.log(network + LEAST).mean(axis=0)
    return _by_name(COLOURS, np.exp(NETWORK_SHARE * by_network + (1 - NETWORK_SHARE) * by_paint))


def _by_name(names: Sequence[str], weights: Vectors) -> dict[str, float]:
    total = float(weights.sum())
    return {name: round(float(weight) / total, 4) for name, weight in zip(names, weights, strict=True)}


def _bell(value: float, middle: float, spread: float) -> float:
    return math.exp(-0.5 * ((value - middle) / spread) ** 2) / spread + 1e-4


def _whole(rows: boxes.Boxes, width_px: int, height_px: int) -> Flags:
    """Say which boxes are not cut off by the edge of the frame."""
    inside: Flags = (
        (rows[:, 0] > BORDER_PX)
        & (rows[:, 1] > BORDER_PX)
        & (rows[:, 2] < width_px - BORDER_PX)
        & (rows[:, 3] < height_px - BORDER_PX)
    )
    return inside


def _smooth(heights: Floats) -> Floats:
    """Return the running median of five: single boxes are off by a wheel or a shadow."""
    padded = np.pad(heights, 2, mode="edge")
    smooth: Floats = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    return np.maximum(smooth, 1.0)


def _of_picture(picture: Image) -> Floats:
    body, road = _body_and_road(resize_to_fit(picture, 64))
    middle = np.median(road, axis=0)
    tinted = np.hypot(*(body[:, 1:] - middle[1:]).T) > TINTED_CHROMA
    has_hue = 1.0 / (1.0 + math.exp(-(float(tinted.mean()) - TINTED_SHARE) / TINTED_SHARE_STEP))
    plain = _plain_likelihood(float(np.percentile(body[:, 0], 80)), float(middle[0]))
    hued = _hue_likelihood(np.median(body[tinted], axis=0)) if tinted.any() else dict.fromkeys(HUES, 1.0)
    weights = _shares(plain, 1.0 - has_hue) | _shares(hued, has_hue)
    return np.array([weights[name] for name in COLOURS])


def _body_and_road(picture: Image) -> tuple[Floats, Floats]:
    """Return the L*a*b* pixels of the middle of a crop, which show paint, and of its corners, which show road."""
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
    """Return the likelihood of each colour without hue by the bright parts: windows and tyres are always dark."""
    return {
        name: _lightness_bell(bright - road, LIGHTER_THAN_ROAD[name], ROAD_SPREAD)
        * _lightness_bell(bright, LIGHTNESS[name], LIGHTNESS_SPREAD)
        for name in LIGHTNESS
    }


def _hue_likelihood(lab: Floats) -> dict[str, float]:
    angle = math.degrees(math.atan2(lab[2], lab[1]))
    chroma = math.hypot(lab[1], lab[2])
    return {
        name: _lightness_bell((angle - hue.angle_deg + 180.0) % 360.0 - 180.0, 0.0, hue.angle_spread)
        * _lightness_bell(chroma, hue.chroma, hue.chroma_spread)
        * _lightness_bell(lab[0], hue.lightness, hue.lightness_spread)
        for name, hue in HUES.items()
    }


def _shares(likelihood: Mapping[str, float], whole: float) -> dict[str, float]:
    total = sum(likelihood.values())
    return {name: whole * value / total for name, value in likelihood.items()}


def _lightness_bell(value: float, middle: float, spread: float) -> float:
    return math.exp(-0.5 * ((value - middle) / spread) ** 2) / spread + 1e-5
