"""Measure how well bodies and marks are told, by the size of pictures and the side that they show."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reid.appearance.embedders import Vectors
from reid.arrays import AnyFloats, Flags
from reid.evaluation.metrics import brier, calibration_error, roc_auc
from reid.training.attributes.marked_crops import MARKS, MarkedVectors

VIEWS: Mapping[str, tuple[float, float]] = {"rear": (0, 50), "side": (50, 130), "front": (130, 181)}
"""Name -> range of degrees by which the vehicle is turned from driving straight away."""

SIZES: Mapping[str, tuple[float, float]] = {
    "under 24": (0, 24), "24 to 32": (24, 32), "32 to 48": (32, 48), "48 to 64": (48, 64), "64 or more": (64, 10**6),
}  # fmt: skip
LARGE = "64 or more"

LEAST_OF_EACH = 12
"""An AUC needs so many pictures with the mark, and so many without."""


@dataclass(frozen=True, slots=True)
class MarkScore:
    """AUC of one mark among bodies that can carry it: large pictures by view, all views by size; NaN: too few."""

    by_view: Mapping[str, float]
    by_size: Mapping[str, float]

    @property
    def best_view(self) -> float:
        """Return the AUC of large pictures from the view that shows it best; NaN where none could be measured."""
        known = [value for value in self.by_view.values() if not math.isnan(value)]
        return max(known, default=math.nan)


@dataclass(frozen=True, slots=True)
class ProbabilityScore:
    """How far probabilities are from the truth, beside always saying the base rate."""

    error: float
    brier: float
    brier_base: float
    said: int
    right: float


def mark_scores(logits: Vectors, crops: MarkedVectors) -> dict[str, MarkScore]:
    """Return the score of every mark by its logits (n, marks)."""
    large = in_size(crops, LARGE)
    found = {}
    for column, mark in enumerate(MARKS):
        carries, true = crops.can_carry[:, column], crops.marks[:, column]
        found[mark] = MarkScore(
            {view: _auc(logits[:, column], true, carries & large & in_view(crops, view)) for view in VIEWS},
            {size: _auc(logits[:, column], true, carries & in_size(crops, size)) for size in SIZES},
        )
    return found


def probability_score(probabilities: AnyFloats, true: Flags, sure: float) -> ProbabilityScore:
    """Return the score of probabilities; `right` is the share that is true of those `said` with `sure` or more."""
    base = float(true.mean())
    said = probabilities >= sure
    right = float(true[said].mean()) if said.any() else math.nan
    errors = calibration_error(probabilities, true), brier(probabilities, true), base * (1 - base)
    return ProbabilityScore(*errors, int(said.sum()), right)


def body_shares_right(logits: Vectors, crops: MarkedVectors) -> dict[str, float]:
    """Return the share of likeliest bodies that are right: of large pictures by view, and by size."""
    right = logits.argmax(axis=1) == crops.body
    rows = {view: in_size(crops, LARGE) & in_view(crops, view) for view in VIEWS}
    rows |= {size: in_size(crops, size) for size in SIZES}
    return {name: float(right[chosen].mean()) if chosen.any() else math.nan for name, chosen in rows.items()}


def in_view(crops: MarkedVectors, view: str) -> Flags:
    """Say which pictures show that side."""
    turn = np.abs((crops.heading_deg + 180) % 360 - 180)
    return np.asarray((turn >= VIEWS[view][0]) & (turn < VIEWS[view][1]), np.bool_)


def in_size(crops: MarkedVectors, size: str) -> Flags:
    """Say which pictures have that size."""
    return np.asarray((crops.size_px >= SIZES[size][0]) & (crops.size_px < SIZES[size][1]), np.bool_)


def _auc(scores: AnyFloats, true: Flags, rows: Flags) -> float:
    with_mark = int(true[rows].sum())
    if min(with_mark, int(rows.sum()) - with_mark) < LEAST_OF_EACH:
        return math.nan
    return roc_auc(scores[rows], true[rows])
