"""Describe a tracked vehicle in words with probabilities: type, colour, heading."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from reid.appearance.colour import colour_probabilities
from reid.appearance.embedder import Looks, Vectors
from reid.appearance.heading import heading_deg
from reid.vehicle import COLOURS, VEHICLE_TYPES, Attributes, Shot, TrackPoint

TYPE_SHARE: Mapping[str, float] = {"car": 0.68, "van": 0.12, "truck": 0.10, "bus": 0.04, "motorcycle": 0.06}
"""How common the types are on ordinary roads: what is said before anything is seen."""

ASPECT: Mapping[str, tuple[float, float]] = {
    "car": (1.25, 0.28),
    "van": (1.05, 0.28),
    "truck": (1.1, 0.40),
    "bus": (1.1, 0.45),
    "motorcycle": (0.62, 0.25),
}
"""Type -> usual width to height of its box, seen from any side, and the spread of its logarithm."""

LABEL_RELIABILITY = 0.8
"""How often a detector's label for a whole track is right."""

NETWORK_SHARE = 0.8
"""How much a network's opinion of the colour counts beside that of the paint."""

LEAST = 1e-3
"""What no colour's probability falls below before two opinions are joined."""


def describe(
    shots: Sequence[Shot], points: Sequence[TrackPoint], looks: Looks, *, width_px: int, height_px: int
) -> Attributes:
    """Return what the pictures and the path of one vehicle tell; the frame is `width_px` x `height_px`.

    A network that knows types looks closer than a detector, and is believed alone. Its colours and those of the paint
    err in different pictures: both are heard.
    """
    paint = colour_probabilities([shot.image for shot in shots])
    types = looks.types
    return Attributes(
        types=type_probabilities(points) if types is None else _by_name(VEHICLE_TYPES, types.mean(axis=0)),
        colours=paint if looks.colours is None else _joined(paint, looks.colours),
        heading_deg=heading_deg(points, width_px, height_px),
    )


def type_probabilities(points: Sequence[TrackPoint]) -> dict[str, float]:
    """Return the probability of each of VEHICLE_TYPES: by the detector's labels if any, else by the shape of the box.

    Shape tells little, and the probabilities say so: they stay near how common the types are.
    """
    labels = _labels(points)
    likelihood = _by_label(labels) if labels else _by_shape(points)
    weights = {name: TYPE_SHARE[name] * likelihood[name] for name in VEHICLE_TYPES}
    total = sum(weights.values())
    return {name: round(weight / total, 4) for name, weight in weights.items()}


def _labels(points: Sequence[TrackPoint]) -> Counter[str]:
    return Counter(point.label for point in points if point.label in VEHICLE_TYPES)


def _joined(paint: Mapping[str, float], seen: Vectors) -> dict[str, float]:
    """Return the colours that both the paint and a network's (n, 11) opinions speak for."""
    by_paint, by_network = np.log([paint[name] + LEAST for name in COLOURS]), np.log(seen + LEAST).mean(axis=0)
    return _by_name(COLOURS, np.exp(NETWORK_SHARE * by_network + (1 - NETWORK_SHARE) * by_paint))


def _by_name(names: Sequence[str], weights: Vectors) -> dict[str, float]:
    total = float(weights.sum())
    return {name: round(float(weight) / total, 4) for name, weight in zip(names, weights, strict=True)}


def _by_label(labels: Mapping[str, int]) -> dict[str, float]:
    seen = sum(labels.values())
    others = (1.0 - LABEL_RELIABILITY) / (len(VEHICLE_TYPES) - 1)
    share = {name: labels.get(name, 0) / seen for name in VEHICLE_TYPES}
    return {name: (share[name] * LABEL_RELIABILITY + (1 - share[name]) * others) / TYPE_SHARE[name] for name in share}


def _by_shape(points: Sequence[TrackPoint]) -> dict[str, float]:
    aspect = float(np.median([point.box.width / max(1.0, point.box.height) for point in points]))
    return {
        name: _bell(math.log(max(aspect, 0.05)), math.log(usual), spread) for name, (usual, spread) in ASPECT.items()
    }


def _bell(value: float, middle: float, spread: float) -> float:
    return math.exp(-0.5 * ((value - middle) / spread) ** 2) / spread + 1e-4
