"""Calibrate the logits of bodies and marks to how common they are in traffic, and choose which marks are told."""

import math
from collections.abc import Mapping

import numpy as np

from reid.appearance.embedders import Vectors
from reid.appearance.marks import Attribute
from reid.arrays import AnyFloats, Flags, Floats
from reid.render.vehicles.bodies import BODY_SHARES, MARK_SHARES, TYPE_OF_BODY
from reid.training.attributes.marked_crops import BODIES, MARKS, MarkedVectors, can_have
from reid.training.attributes.scores import SIZES, MarkScore

LEAST_AUC = 0.8
"""A mark is told if the view that shows it best reaches this at 64 px or more."""

LEAST_AUC_SMALL = 0.7
"""It is told down to the smallest size at which it reaches this from all views together."""

LEAST_BODY_RIGHT = 0.5
"""Bodies are told down to the smallest size at which the likeliest is right in so many pictures."""

NOT_ON_REAL_PICTURES = ("load", "passenger")
"""Marks that drawn pictures teach, and that do not hold on real ones (docs/models/attributes.md): they are not told."""

NAMES: Mapping[str, str] = {
    "hatch": "hatchback",
    "suv": "SUV",
    "mpv": "people carrier",
    "articulated": "articulated truck",
}
"""What people call a body where the renderer's name is another."""

LADDER_SHARE, PASSENGER_SHARE = 0.4, 0.22
"""Of roof racks and of motorcycles, as the renderer builds them."""

_STEPS, _RIDGE = 60, 1e-3


def body_attributes(logits: Vectors, crops: MarkedVectors, right: Mapping[str, float]) -> list[Attribute]:
    """Return how to turn body logits into probabilities; `right` are the shares right by size."""
    scale = _temperature(logits, crops)
    least = _least_px(right, LEAST_BODY_RIGHT)
    total = sum(BODY_SHARES.values())
    return [
        Attribute(
            NAMES.get(body, body), round(BODY_SHARES[body] / total, 4), least, scale,
            round(math.log(BODY_SHARES[body] / total * len(BODIES)), 4), (), TYPE_OF_BODY[body], output,
        )
        for output, body in enumerate(BODIES)
    ]  # fmt: skip


def mark_attributes(logits: Vectors, crops: MarkedVectors, scores: Mapping[str, MarkScore]) -> list[Attribute]:
    """Return how to turn the logits of those marks into probabilities that can be told at all."""
    told = []
    for output, mark in enumerate(MARKS):
        score = scores[mark]
        if mark in NOT_ON_REAL_PICTURES or not score.best_view >= LEAST_AUC:
            continue
        rows = crops.can_carry[:, output]
        scale, bias = logistic(logits[rows, output].astype(np.float64), crops.marks[rows, output])
        share, drawn = share_of(mark), float(crops.marks[rows, output].mean())
        shift = math.log(share / (1 - share)) - math.log(drawn / (1 - drawn))
        bodies = tuple(NAMES.get(body, body) for body in BODIES if can_have(mark, body))
        least = _least_px(score.by_size, LEAST_AUC_SMALL)
        told.append(Attribute(mark, round(share, 4), least, scale, round(bias + shift, 4), bodies, "", output))
    return told


def share_of(mark: str) -> float:
    """Return the share of vehicles with the mark among those that can have it."""
    if mark == "ladder":
        return MARK_SHARES["roof rack"] * LADDER_SHARE
    return PASSENGER_SHARE if mark == "passenger" else MARK_SHARES[mark]


def logistic(logits: Floats, true: Flags) -> tuple[float, float]:
    """Return scale and bias that make the logits calibrated, by Newton's method with a little ridge."""
    inputs = np.stack([logits, np.ones(len(logits))], axis=1)
    chosen = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(inputs @ chosen, -50, 50)))
        slope = inputs.T @ (probability - true) / len(true) + _RIDGE * (chosen - [1.0, 0.0])
        curve = (inputs * (probability * (1 - probability))[:, None]).T @ inputs / len(true) + _RIDGE * np.eye(2)
        chosen = chosen - np.linalg.solve(curve, slope)
    return round(max(float(chosen[0]), 0.05), 4), round(float(chosen[1]), 4)


def _temperature(logits: Vectors, crops: MarkedVectors) -> float:
    """Return the scale of body logits with the lowest mean logarithmic loss."""
    scales = np.linspace(0.3, 1.5, 25)
    rows = np.arange(len(crops.body))

    def loss(scale: float) -> float:
        scaled: AnyFloats = scale * logits.astype(np.float64)
        highest = scaled.max(axis=1, keepdims=True)
        normal = highest[:, 0] + np.log(np.exp(scaled - highest).sum(axis=1))
        return float((normal - scaled[rows, crops.body]).mean())

    return round(float(min(scales, key=loss)), 4)


def _least_px(by_size: Mapping[str, float], least: float) -> float:
    """Return the lower edge of the smallest band from which on all that were measured reach `least`."""
    edge = SIZES["64 or more"][0]
    for size, (low, _) in reversed(tuple(SIZES.items())):
        value = by_size.get(size, math.nan)
        if math.isnan(value) or value < least:
            break
        edge = low
    return float(max(edge, 24))
