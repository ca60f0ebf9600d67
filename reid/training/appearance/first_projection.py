"""Find a projection that tells vehicles apart in features that were learned for something else."""

import numpy as np

from reid.arrays import Floats, Floats32, Ints

EVENED = 0.05
"""This share of the mean variance within vehicles is added to every direction: few pictures do not show them all."""


def discriminants(features: Floats32, vehicle: Ints, count: int) -> Floats32:
    """Return `count` directions (count, d) along which features (n, d) differ between vehicles more than within them.

    Linear discriminant analysis (Fisher, 1936) with the scatter within vehicles shrunk towards an even one (Friedman,
    "Regularized Discriminant Analysis", 1989); `vehicle` (n,) numbers the vehicles.
    """
    _, own, counts = np.unique(vehicle, return_inverse=True, return_counts=True)
    exact = features.astype(np.float64)
    means = np.zeros((len(counts), exact.shape[1]))
    np.add.at(means, own, exact)
    means /= counts[:, None]
    whitening = _whitening(exact - means[own])
    spread, directions = np.linalg.eigh(np.cov((means @ whitening).T))
    widest = directions[:, np.argsort(spread)[::-1][:count]]
    return np.asarray((whitening @ widest).T, dtype=np.float32)


def _whitening(within: Floats) -> Floats:
    """Return the (d, d) matrix that makes these residuals (n, d) vary evenly in all directions."""
    scatter = within.T @ within / len(within)
    evened = scatter + EVENED * np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    spread, directions = np.linalg.eigh(evened)
    return np.asarray(directions / np.sqrt(spread), dtype=np.float64)
