"""Fit the chances and spreads of seeing to counts, leaning on what is sensible where there is little to count."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from index.simulation.unfilmed.seeing_noise import Confusion, Curve, Spread

Floats = npt.NDArray[np.float64]

STEPS = 20
"""A spread is kept at so many steps from its least to its most."""
PRIOR_COUNT = 5.0
"""What is believed beforehand weighs as much as so many observations."""


def fit_curve(heights_px: Sequence[float], right: Sequence[float], wholes: Sequence[float], prior: Curve) -> Curve:
    """Return the most probable curve, where `right` of `wholes` trials came right at each height.

    Beforehand its height and steepness lie within a factor of 1.6 of the prior's, and the log-odds of its most
    within 1 (a deviation each).
    """
    high = np.asarray(heights_px, float) > 0
    height, k, n = (np.asarray(values, float)[high] for values in (heights_px, right, wholes))
    centre = np.array([np.log(prior.half_px), np.log(prior.steep), _log_odds(prior.most)])
    width = np.array([np.log(1.6), np.log(1.6), 1.0])

    def loss(theta: Floats) -> float:
        p = _curve(theta).most / (1 + np.exp(-np.exp(theta[1]) * (np.log(height) - theta[0])))
        p = np.clip(p, 1e-9, 1 - 1e-9)
        return float(0.5 * (((theta - centre) / width) ** 2).sum() - (k * np.log(p) + (n - k) * np.log(1 - p)).sum())

    found = minimize(loss, centre, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 2000})
    return _curve(found.x)


def fit_share(right: float, whole: float, prior: float, *, weight: float = PRIOR_COUNT) -> float:
    """Return a share drawn towards the prior; it may be a rate above 1 where the prior is one."""
    return round((right + weight * prior) / (whole + weight), 4)


def fit_spread(values: Sequence[float], prior: Sequence[float]) -> Spread:
    """Return the quantiles of the values, drawn towards those of the prior values."""
    shares = np.linspace(0, 1, STEPS + 1)
    believed = np.quantile(np.asarray(prior, float), shares)
    if not values:
        return _spread(believed)
    seen = np.quantile(np.asarray(values, float), shares)
    return _spread((len(values) * seen + PRIOR_COUNT * believed) / (len(values) + PRIOR_COUNT))


def fit_shares(values: Sequence[str], known: Sequence[str]) -> tuple[float, ...]:
    """Return how often each known value comes, as if all had come equally often beforehand."""
    counts = np.array([values.count(value) for value in known]) + PRIOR_COUNT / len(known)
    return tuple((counts / counts.sum()).round(4).tolist())


def fit_confusion(pairs: Sequence[tuple[str, str, float]], known: Sequence[str], *, right_prior: float) -> Confusion:
    """Return what is taken for what, from (true value, believed value, probability said).

    Where a true value came seldom, its row leans on how often all are right and on what mistakes all are made.
    """
    counts = np.zeros((len(known), len(known)))
    for true, believed, _ in pairs:
        counts[known.index(true), known.index(believed)] += 1
    right = fit_share(float(np.trace(counts)), float(counts.sum()), right_prior)
    mistakes = (counts - np.diag(np.diag(counts))).sum(axis=0) + 1.0
    rows = []
    for i, row in enumerate(counts):
        wrong = np.where(np.arange(len(known)) == i, 0.0, mistakes)
        expected = np.where(np.arange(len(known)) == i, right, (1 - right) * wrong / wrong.sum())
        fitted = (row + PRIOR_COUNT * expected) / (row.sum() + PRIOR_COUNT)
        rows.append(tuple(fitted.round(4).tolist()))
    return Confusion(
        tuple(rows),
        sure_right=fit_spread([sure for true, believed, sure in pairs if true == believed], (0.6, 0.8, 0.95)),
        sure_wrong=fit_spread([sure for true, believed, sure in pairs if true != believed], (0.4, 0.55, 0.8)),
    )


def _curve(theta: Floats) -> Curve:
    half_px, steep = np.exp(theta[:2])
    return Curve(round(float(half_px), 3), round(float(steep), 3), round(float(1 / (1 + np.exp(-theta[2]))), 4))


def _log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _spread(quantiles: Floats) -> Spread:
    return Spread(tuple(quantiles.round(4).tolist()))
