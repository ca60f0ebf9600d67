"""Fit the calibration on questions whose answers are known: simulated cities that are used for nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.errors import ArchiveError
from index.inquiry.calibration import ANY_MODEL, Calibration, LooksScale, Origin, Weights
from index.inquiry.evidence import appearance_llr, standing, travel_llr
from index.inquiry.fusion import KINDS, NEVER, Ratios

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

RIDGE = 3.0
"""Pulls each weight towards 1 as strongly as three hard cases would: few questions must not overturn Bayes."""
STEPS = 50
ERRANDS_PER_DRIVE_AND_HOUR = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
FEWEST_SAME = 20


@dataclass(frozen=True, slots=True)
class Measured:
    """What a search measured of the gallery of one question; arrays are (n,), NaN where missing.

    `drive` is the ratio of driving straight there, which becomes that of travel once it is known how usual that is;
    `possible` is how sure it is that the time was enough, as a logarithm.
    """

    ids: tuple[str, ...]
    model_id: str | None
    similarity: Floats
    plate: Floats
    drive: Floats
    possible: Floats
    direction: Floats
    crowd: Floats
    window_s: Floats


@dataclass(frozen=True, slots=True)
class Question:
    """A measured question and its truth: `same[i]` says whether sighting i is the wanted vehicle."""

    measured: Measured
    same: Booleans


def fit(questions: Sequence[Question], *, seeds: Sequence[int], made: str) -> Calibration:
    """Return the calibration under which the questions were the least surprising."""
    pairs, same = sum(q.same.size for q in questions), int(sum(q.same.sum() for q in questions))
    if same < FEWEST_SAME or same == pairs:
        raise ArchiveError(
            f"{same} of {pairs} pairs are of one vehicle, at least {FEWEST_SAME} of each kind are needed: add cities"
        )
    looks = _fit_looks(questions)
    fits = [(_fit_weights(questions, looks, errands), errands) for errands in ERRANDS_PER_DRIVE_AND_HOUR]
    best, errands = max(fits, key=lambda fit: fit[0].log_likelihood)
    drives = float(np.exp(best.bias))
    origin = Origin(made, tuple(sorted(seeds)), len(questions), pairs, same)
    return Calibration(looks, Weights(*best.slopes), drives, errands * drives, origin)


def _fit_looks(questions: Sequence[Question]) -> dict[str, LooksScale]:
    models = sorted({q.measured.model_id for q in questions if q.measured.model_id is not None})
    scales = {model: _fit_scale([q for q in questions if q.measured.model_id == model]) for model in models}
    cautious = min(scales.values(), key=lambda scale: scale.per_standing + scale.per_similarity * scale.spread)
    return {**scales, ANY_MODEL: _standing_only(cautious)}


def _fit_scale(questions: Sequence[Question]) -> LooksScale:
    """Fit one model: logistic regression of truth on similarity and standing, less the base rate."""
    similarity, same = _joined(questions, lambda q: q.measured.similarity), _joined(questions, lambda q: q.same) > 0
    different = similarity[~same & ~np.isnan(similarity)]
    blank = LooksScale(float(np.median(different)), float(np.std(different)), 0.0, 0.0, 0.0, 0.0)
    stands = _joined(questions, lambda q: standing(q.measured.similarity, blank))
    known = ~np.isnan(similarity)
    rate = same[known].mean()
    features = np.column_stack([similarity[known], stands[known]])
    offset = np.full(known.sum(), np.log(rate / (1 - rate)))
    fit = _logistic(features, same[known], offset, prior=np.zeros(2), ridge=1e-2)
    limit = float(np.log(same[known].sum() + 1.0) + 2.0)
    per_similarity, per_standing = fit.slopes
    return LooksScale(blank.usual, blank.spread, fit.bias, per_similarity, per_standing, limit)


def _standing_only(scale: LooksScale) -> LooksScale:
    """Return a scale for a model never seen: as the weakest known one, by standing alone, and 20 to 1 at most."""
    slope = scale.per_standing + scale.per_similarity * scale.spread
    return LooksScale(0.5, 0.2, -slope, 0.0, slope, float(np.log(20.0)))


def _fit_weights(questions: Sequence[Question], looks: dict[str, LooksScale], errands: float) -> "_Fit":
    """Fit how far each kind is trusted, and how many drives to expect, on the evidence as fusion sees it."""
    evidence = np.vstack([_columns(q.measured, looks, errands) for q in questions])
    same = _joined(questions, lambda q: q.same) > 0
    passages = 1 + errands / 3600 * _joined(questions, lambda q: q.measured.window_s)
    offset = np.log(passages / np.maximum(_joined(questions, lambda q: q.measured.crowd), 1.0))
    return _logistic(evidence, same, offset, prior=np.ones(len(KINDS)), ridge=RIDGE)


def _columns(measured: Measured, looks: dict[str, LooksScale], errands: float) -> Floats:
    """Return the ratios as (n, kinds), missing ones 0."""
    if measured.model_id is None:
        appearance = np.full(len(measured.ids), np.nan)
    else:
        appearance = appearance_llr(measured.similarity, looks[measured.model_id])
    travel = travel_llr(measured.drive, measured.possible, 1 / (1 + errands / 3600 * measured.window_s))
    ratios = Ratios(appearance, measured.plate, travel, measured.direction)
    return np.column_stack([np.nan_to_num(getattr(ratios, kind), neginf=NEVER) for kind in KINDS])


@dataclass(frozen=True, slots=True)
class _Fit:
    """A logistic regression: intercept, slopes, and how likely the truth is under it (less the ridge)."""

    bias: float
    slopes: tuple[float, ...]
    log_likelihood: float


def _logistic(features: Floats, truth: Booleans, offset: Floats, *, prior: Floats, ridge: float) -> _Fit:
    """Return the fit by Newton's method; a slope that would fall below zero is held at zero.

    Evidence that speaks for the same vehicle must never speak against it: the probability stays monotone.
    """
    allowed = np.ones(features.shape[1], dtype=bool)
    while True:
        fit = _newton(features[:, allowed], truth, offset, prior=prior[allowed], ridge=ridge)
        if min(fit.slopes, default=0.0) >= 0:
            break
        allowed[np.flatnonzero(allowed)[np.argmin(fit.slopes)]] = False
    slopes = np.zeros(features.shape[1])
    slopes[allowed] = fit.slopes
    return replace(fit, slopes=tuple(slopes.tolist()))


def _newton(features: Floats, truth: Booleans, offset: Floats, *, prior: Floats, ridge: float) -> _Fit:
    scale = np.maximum(features.std(axis=0), 1e-9)
    design = np.column_stack([np.ones(len(truth)), features / scale])
    centre = np.concatenate([[0.0], prior * scale])
    stiffness = np.diag(np.concatenate([[1e-6], ridge / scale**2]))
    beta = centre.copy()
    for _ in range(STEPS):
        chance = _chance(design @ beta + offset)
        slope = design.T @ (truth - chance) - stiffness @ (beta - centre)
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + stiffness + 1e-9 * np.eye(len(beta))
        step = np.linalg.solve(curve, slope)
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    chance = _chance(design @ beta + offset)
    surprise = -np.log(np.where(truth, chance, 1 - chance)).sum()
    penalty = 0.5 * (beta - centre) @ stiffness @ (beta - centre)
    return _Fit(float(beta[0]), tuple((beta[1:] / scale).tolist()), -float(surprise + penalty))


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -35, 35))))


def _joined(questions: Sequence[Question], part: Callable[[Question], npt.NDArray[np.generic]]) -> Floats:
    return np.concatenate([np.asarray(part(q), dtype=np.float64) for q in questions])
