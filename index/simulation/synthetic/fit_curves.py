"""Fit curves, shares, quantiles and confusions to counts, with priors that carry where counts are few."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from index.simulation.synthetic.seeing_noise import ConfusionTable, HeightCurve, Quantiles
from reid.arrays import Floats

STEPS = 20
"""Quantiles are kept at this many even steps."""
PRIOR_COUNT = 5.0
"""A prior weighs as much as this many observations."""


def fit_curve(
    heights_px: Sequence[float], right: Sequence[float], wholes: Sequence[float], prior: HeightCurve
) -> HeightCurve:
    """Return the most probable curve, where `right` of `wholes` trials went right at each height.

    A priori its half height and steepness are within a factor of 1.6 of the prior's, and the log-odds of its maximum
    within 1 (one standard deviation each).
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
    """Return a share drawn towards the prior; it may be a rate above 1."""
    return round((right + weight * prior) / (whole + weight), 4)


def fit_quantiles(values: Sequence[float], prior: Sequence[float]) -> Quantiles:
    """Return the quantiles of the values, drawn towards the quantiles of the prior values."""
    shares = np.linspace(0, 1, STEPS + 1)
    prior_quantiles = np.quantile(np.asarray(prior, float), shares)
    if not values:
        return _quantiles(prior_quantiles)
    measured = np.quantile(np.asarray(values, float), shares)
    return _quantiles((len(values) * measured + PRIOR_COUNT * prior_quantiles) / (len(values) + PRIOR_COUNT))


def fit_shares(values: Sequence[str], known: Sequence[str]) -> tuple[float, ...]:
    """Return how often each known value occurs, with an even prior."""
    counts = np.array([values.count(value) for value in known]) + PRIOR_COUNT / len(known)
    return tuple((counts / counts.sum()).round(4).tolist())


def fit_confusion(
    pairs: Sequence[tuple[str, str, float]], known: Sequence[str], *, right_prior: float
) -> ConfusionTable:
    """Return the confusion table of (true value, believed value, stated probability) triples.

    The row of a rare value is drawn towards the overall share of right ones and the overall mistakes.
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
    return ConfusionTable(
        tuple(rows),
        sure_right=fit_quantiles([sure for true, believed, sure in pairs if true == believed], (0.6, 0.8, 0.95)),
        sure_wrong=fit_quantiles([sure for true, believed, sure in pairs if true != believed], (0.4, 0.55, 0.8)),
    )


def _curve(theta: Floats) -> HeightCurve:
    half_px, steep = np.exp(theta[:2])
    return HeightCurve(round(float(half_px), 3), round(float(steep), 3), round(float(1 / (1 + np.exp(-theta[2]))), 4))


def _log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _quantiles(quantiles: Floats) -> Quantiles:
    return Quantiles(tuple(quantiles.round(4).tolist()))
