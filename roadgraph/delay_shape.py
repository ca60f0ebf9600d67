"""Describe the distribution of delays on one scale for all pairs of cameras, and learn it from passages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from roadgraph.arrays import Floats, Ints
from roadgraph.usual_driving import usual_driving

STEP = 0.05
GRID = np.arange(-6.0, 8.0 + STEP / 2, STEP)
EDGES = np.concatenate([GRID - STEP / 2, [GRID[-1] + STEP / 2]])

FALL = 4.0
"""The slope of the log density beyond the grid."""
PRIOR_WORTH = 3.0
"""The shape learned before counts as much as this many passages."""
LEAST_PRIOR_SHARE = 0.01
"""The least share of the shape before: a longer jam or stop than any in the passages stays possible."""
SMOOTHING = 0.45
"""The bandwidth of the kernel estimate, as a share of that of Silverman's rule."""
NARROWEST = 0.03
WIDEST = 0.4
ROUNDS = 6


@dataclass(frozen=True, eq=False)
class DelayShape:
    """A density over u, as the share of vehicles in each step of GRID."""

    share: Floats

    def log_density(self, u: Floats) -> Floats:
        """Return the log density at u; beyond the grid it falls steeply."""
        return np.asarray(np.interp(u, GRID, self.log_grid) - FALL * _beyond(u))

    @cached_property
    def log_grid(self) -> Floats:
        """Return the log density at each step of GRID, so that what is interpolated between the steps sums to one."""
        density = self.share / STEP
        return np.asarray(np.log(density) - np.log(STEP * _log_means(density[:-1], density[1:]).sum()))

    def quantile(self, share: float) -> float:
        """Return the u below which this share of the vehicles lies."""
        return float(np.interp(share, np.concatenate([[0.0], np.cumsum(self.share)]), EDGES))

    def as_content(self) -> dict[str, Any]:
        """Return the shape as plain numbers to store: millionths of the vehicles, from the first step that is not 0."""
        millionths = np.round(self.share * 1e6).astype(int)
        nonzero = np.flatnonzero(millionths)
        return {"first": int(nonzero[0]), "millionths": millionths[nonzero[0] : nonzero[-1] + 1].tolist()}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "DelayShape":
        """Return the shape that `as_content` stored."""
        first, millionths = int(content["first"]), content["millionths"]
        weights = np.zeros(len(GRID))
        weights[first : first + len(millionths)] = millionths
        return as_shape(weights)


@dataclass(frozen=True, eq=False)
class ShapeTable:
    """Many shapes in one table for fast lookup; `logs` are the (shapes, steps) log densities."""

    logs: Floats

    @classmethod
    def of(cls, shapes: Sequence[DelayShape]) -> "ShapeTable":
        """Return the table with one row for each shape; of no shapes, one of no rows."""
        return cls(np.array([shape.log_grid for shape in shapes]).reshape(len(shapes), len(GRID)))

    def log_density(self, row: Ints, u: Floats) -> Floats:
        """Return the log density of each delay in the shape of its row."""
        place = (u - GRID[0]) / STEP
        on_grid = np.clip(place, 0.0, len(GRID) - 1.0)
        step = on_grid.astype(np.int64)
        at = row * len(GRID) + step
        inside = self.logs.ravel()[at] + (on_grid - step) * self._rises.ravel()[at]
        return np.asarray(inside - FALL * STEP * np.abs(place - on_grid))

    @cached_property
    def _rises(self) -> Floats:
        """Return by how much each log density rises to the next step of GRID; not at all after the last."""
        return np.diff(self.logs, axis=1, append=self.logs[:, -1:])


def learn_shape(before: DelayShape, u: Floats, log_wrong: Floats, wrong_share: float) -> DelayShape:
    """Return the shape after learning from delays u; a share of them is from wrong pairs with density `log_wrong`.

    This is expectation-maximisation: estimate which pairs are wrong, then the shape from the others, and repeat. The
    shape is a kernel estimate mixed with the shape before.
    """
    if not len(u):
        return before
    shape = before
    for _ in range(ROUNDS if wrong_share > 0 else 1):
        weight = _probability_right(shape, u, log_wrong, wrong_share)
        shape = _mixed(before, u, weight)
    return shape


def _log_means(first: Floats, second: Floats) -> Floats:
    """Return the mean over each step of what runs straight, in logarithms, from one value to the next."""
    logs = np.log(second) - np.log(first)
    even = np.abs(logs) < 1e-6
    return np.asarray(np.where(even, (first + second) / 2, (second - first) / np.where(even, 1.0, logs)))


def _beyond(u: Floats) -> Floats:
    """Return the distance of delays from the grid, 0 inside it."""
    return np.asarray(np.maximum(np.abs(u - (GRID[0] + GRID[-1]) / 2) - (GRID[-1] - GRID[0]) / 2, 0.0))


def _probability_right(shape: DelayShape, u: Floats, log_wrong: Floats, wrong_share: float) -> Floats:
    """Return the probability that each pair is right."""
    if wrong_share <= 0:
        return np.ones(len(u))
    log_odds = np.log1p(-wrong_share) - np.log(wrong_share) + shape.log_density(u) - log_wrong
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -50, 50))))


def _mixed(before: DelayShape, u: Floats, weight: Floats) -> DelayShape:
    count = float(weight.sum())
    if count < 1e-6:
        return before
    own = np.histogram(u, bins=EDGES, weights=weight)[0] / count
    kernel = _kernel(round(100 * _bandwidth(u, weight)))
    prior_share = max(PRIOR_WORTH / (PRIOR_WORTH + count), LEAST_PRIOR_SHARE)
    return as_shape(prior_share * before.share + (1 - prior_share) * (kernel @ own))


def _bandwidth(u: Floats, weight: Floats) -> float:
    """Return Silverman's bandwidth from the middle half of the delays, which stops and wrong pairs do not widen."""
    order = np.argsort(u)
    reached = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    low, high = np.interp([0.25, 0.75], reached, u[order])
    bandwidth = SMOOTHING * 0.9 * (high - low) / 1.34 * float(weight.sum()) ** -0.2
    return float(np.clip(bandwidth, NARROWEST, WIDEST))


@lru_cache(maxsize=64)
def _kernel(hundredths: int) -> Floats:
    """Return the kernel of a bandwidth in hundredths: rounded, so that thousands of pairs share a few kernels."""
    kernel = np.exp(-0.5 * ((GRID[:, None] - GRID[None, :]) / (hundredths / 100)) ** 2)
    return np.asarray(kernel / kernel.sum(axis=0))


def as_shape(weights: Floats) -> DelayShape:
    """Return the shape in proportion to these weights; no delay gets a share of zero."""
    with_floor = weights / weights.sum() + 1e-7
    return DelayShape(with_floor / with_floor.sum())


def normal_shares(centre: float, spread: float) -> Floats:
    """Return weights in proportion to a normal density over GRID."""
    return np.asarray(np.exp(-0.5 * ((GRID - centre) / spread) ** 2) / spread)


def mixture(parts: Sequence[tuple[float, float, float]]) -> DelayShape:
    """Return the shape of normal distributions: the share, the centre and the spread of each."""
    return as_shape(np.sum([share * normal_shares(centre, spread) for share, centre, spread in parts], axis=0))


STOPS = (0.1, 2.8, 1.0)
"""Vehicles that stop for long on the way: counts that end after a quarter of an hour cannot tell of them."""
BUILT_IN = mixture(
    [*((share * (1 - STOPS[0]), centre, spread) for share, centre, spread in usual_driving().delays), STOPS]
)
"""The shape before any passage, fitted on counted traffic: most take the usual time, some are held up, a few stop."""
