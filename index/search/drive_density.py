"""Weigh drives by the distributions of their times, many at once, with the errors of two clocks summed out."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from reid.arrays import Floats, Ints
from roadgraph.delay_shape import ShapeTable

STEP_S = 3.0
"""The errors of clocks are summed over steps of this many seconds."""
LEAST_ERROR_S = 1e-3
HALF = 0.41
"""Half of the errors of a normal distribution lie within this share of the interval that holds nine of ten."""
BLOCK = 128
"""So many drives are weighed at a time, each with every error: larger arrays leave the cache and are mapped anew."""


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """How far an unknown clock is off: one in two by less than `usual_s`, none by more than `farthest_s`.

    One that is known to be kept worse is off by as much as its interval says.
    """

    usual_s: float = 1.5
    farthest_s: float = 120.0

    def share_below(self, error_s: Floats, usual_s: Floats) -> Floats:
        """Return the probability that the error of two clocks is below each of these; half are below `usual_s`."""
        usual_s = np.maximum(usual_s, LEAST_ERROR_S)
        farthest_s = np.maximum(self.farthest_s, usual_s / HALF)
        within = np.clip(error_s, -farthest_s, farthest_s)
        return np.asarray(0.5 + np.arctan(within / usual_s) / (2 * np.arctan(farthest_s / usual_s)))

    @property
    def errors_s(self) -> Floats:
        """Return the possible errors of two clocks in even steps, (steps,)."""
        steps = int(self.farthest_s // STEP_S)
        return STEP_S * np.arange(-steps, steps + 1, dtype=np.float64)

    def shares(self, usual_s: Floats) -> Floats:
        """Return the probability of each of `errors_s`, (n, steps), where half are below `usual_s`, (n,)."""
        share = 1 / (1 + (self.errors_s / np.maximum(usual_s, LEAST_ERROR_S)[:, None]) ** 2)
        return np.asarray(share / share.sum(axis=1, keepdims=True))


USUAL_DOUBT = ClockDoubt()


@dataclass(frozen=True, eq=False)
class DriveDensities:
    """The distributions of drives, in arrays of one shape: scale, and row in the table of shapes."""

    earliest_s: Floats
    unit_s: Floats
    shape_row: Ints
    table: ShapeTable

    def __getitem__(self, rows: Any) -> "DriveDensities":
        """Return those of some rows."""
        return DriveDensities(self.earliest_s[rows], self.unit_s[rows], self.shape_row[rows], self.table)

    def log_density(self, elapsed_s: Floats) -> Floats:
        """Return the log density of the true seconds of each drive; -inf if they are fewer than possible."""
        beyond_s = elapsed_s - self.earliest_s
        possible = beyond_s > 0
        u = np.log(np.where(possible, beyond_s, 1.0) / np.where(possible, self.unit_s, 1.0))
        with np.errstate(invalid="ignore"):
            density = self.table.log_density(self.shape_row, u) - u - np.log(self.unit_s)
        return np.where(possible, density, -np.inf)

    def log_density_by_clocks(self, elapsed_s: Floats, usual_s: Floats, doubt: ClockDoubt) -> Floats:
        """Return the log density of the seconds of each drive by two clocks, (n,), usually off by `usual_s`."""
        errors_s, density = doubt.errors_s, np.zeros(len(elapsed_s))
        # Few pairs of clocks differ in how sure they are.
        different_s, which = np.unique(usual_s, return_inverse=True)
        shares, beyond_s, log_unit = doubt.shares(different_s), elapsed_s - self.earliest_s, np.log(self.unit_s)
        possible = np.flatnonzero(beyond_s > errors_s[0])
        for first in range(0, len(possible), BLOCK):
            rows = possible[first : first + BLOCK]
            # What is too short is taken to be endless, which is as impossible.
            each_s = beyond_s[rows, None] - errors_s
            each_s = np.where(each_s > 0, each_s, np.inf)
            log_shape = self.table.log_density(self.shape_row[rows, None], np.log(each_s) - log_unit[rows, None])
            density[rows] = np.einsum("ij,ij->i", np.exp(log_shape) / each_s, shares[which[rows]])
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(density))
