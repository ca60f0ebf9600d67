"""Turn the similarity of two pictures into a log-likelihood ratio, and check the probabilities that follow."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.errors import SeeingError
from reid.evaluation.metrics import brier, calibration_error

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_RIDGE = 1e-3
_NEWTON_STEPS = 50


@dataclass(frozen=True, slots=True)
class Scale:
    """ratio = bias + per_similarity x similarity, natural logarithm, same vehicle against another vehicle."""

    bias: float
    per_similarity: float

    def ratio(self, similarity: Numbers) -> Numbers:
        """Return the log-likelihood ratios of similarities."""
        return self.bias + self.per_similarity * similarity

    def probability(self, similarity: Numbers) -> Numbers:
        """Return the probability of the same vehicle if it was as likely as not before."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.ratio(similarity), -50, 50))))


@dataclass(frozen=True, slots=True)
class Check:
    """How far probabilities at even prior are from the truth, on vehicles that the scale was not fitted on."""

    error: float
    brier: float
    brier_base: float
    pairs: int


def fit_scale(similarity: Numbers, same: Flags) -> Scale:
    """Fit the scale by logistic regression in which same and different pairs weigh equally, however many there are."""
    if same.all() or not same.any():
        raise SeeingError(f"{int(same.sum())} of {len(same)} pairs are the same vehicle: a scale needs both kinds")
    weight = np.where(same, 0.5 / same.sum(), 0.5 / (~same).sum())
    inputs = np.stack([np.ones(len(similarity)), similarity], axis=1)
    chosen = np.zeros(2)
    # Newton's method; the loss is convex and the ridge keeps it so where the kinds do not overlap
    for _ in range(_NEWTON_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(inputs @ chosen, -50, 50)))
        slope = inputs.T @ (weight * (probability - same)) + _RIDGE * np.array([0, chosen[1]]) / len(same)
        curve = (inputs * (weight * probability * (1 - probability))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        chosen = chosen - step / max(1.0, float(np.abs(step).max()) / 5)
    return Scale(float(chosen[0]), float(chosen[1]))


def check_scale(similarity: Numbers, *, folds: int = 5, seed: int = 0) -> Check:
    """Fit on the vehicles of all folds but one, predict pairs within that one, and compare with the truth.

    `similarity` is (n, n): vehicle i on one camera, vehicle j on the other. Each same pair stands beside a
    different one drawn at random, so that the base rate is a half.
    """
    rng = np.random.default_rng(seed)
    fold = rng.permutation(np.arange(len(similarity)) % folds)
    told, true = [], []
    for number in range(folds):
        held = np.flatnonzero(fold == number)
        rest = np.flatnonzero(fold != number)
        known = similarity[np.ix_(rest, rest)]
        scale = fit_scale(known.ravel(), np.eye(len(rest), dtype=np.bool_).ravel())
        other = np.array([rng.choice(np.delete(held, place)) for place in range(len(held))])
        told += [scale.probability(similarity[held, held]), scale.probability(similarity[held, other])]
        true += [np.ones(len(held), np.bool_), np.zeros(len(held), np.bool_)]
    probability, truth = np.concatenate(told), np.concatenate(true)
    base = float(np.mean(truth))
    return Check(calibration_error(probability, truth), brier(probability, truth), base * (1 - base), len(truth))
