"""Fit a logistic regression whose log odds are those that a search will say."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, minimize
from scipy.special import expit

from index.search.fusion import NEVER
from reid.arrays import Flags, Floats


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """A logistic regression: intercept, slopes, and the log-likelihood of the truth less the ridge penalty."""

    bias: float
    slopes: tuple[float, ...]
    log_likelihood: float


LogOdds = Callable[[float, Floats], tuple[Floats, Floats, Floats]]
"""The log odds of some bias and evidence, and how much they grow with the bias and with the evidence."""


def fit_logistic(
    features: Floats, truth: Flags, log_odds: LogOdds, *, prior: Floats, ridge: float | Floats, most: float = np.inf
) -> LogisticFit:
    """Fit by maximum likelihood, the slopes drawn towards `prior` by a ridge, never negative and at most `most`.

    Evidence for the same vehicle must never count against it: the probability stays monotone. What is fitted is what
    a search will say: `log_odds` joins the bias and the evidence as it does.
    """
    scale = np.maximum(features.std(axis=0), 1e-9)
    columns = features / scale
    centre = np.concatenate([[0.0], prior * scale])
    stiffness = np.concatenate([[1e-6], ridge / scale**2])

    def loss(beta: Floats) -> tuple[float, Floats]:
        (odds, by_bias, by_evidence), off = log_odds(float(beta[0]), columns @ beta[1:]), beta - centre
        surprise = np.logaddexp(0.0, np.where(truth, -odds, odds)).sum()
        excess = expit(odds) - truth
        gradient = np.concatenate([[(excess * by_bias).sum()], columns.T @ (excess * by_evidence)])
        return float(surprise + 0.5 * off @ (stiffness * off)), gradient + stiffness * off

    bounds = Bounds(np.concatenate([[NEVER], np.zeros(len(prior))]), np.concatenate([[-NEVER], most * scale]))
    # Without a tolerance on the loss it iterates until the gradient vanishes: slopes are then exact to about 1e-8.
    found = minimize(
        loss,
        centre,
        jac=True,
        bounds=bounds,
        method="L-BFGS-B",
        options={"ftol": 0.0, "gtol": 1e-10, "maxcor": 30},
    )
    return LogisticFit(float(found.x[0]), tuple((found.x[1:] / scale).tolist()), -float(found.fun))
