"""Find how much too fast or too slow the clocks of cameras run, from pairs of sightings over a longer time.

Cameras lie about their rate of frames, so that footage of 21 frames a second is stored as if it had 25: its clock then
loses a second in six. Over minutes the difference of two such clocks is a line, not a constant. Its slope is tried for
each pair of cameras, whatever the constant is, which gives a likelihood over the ratio of their rates; the rates of all
are drawn together, from the belief that most clocks keep theirs. Rates are logarithms here: those of two clocks differ
by their ratio.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats, Floats32, Ints
from roadgraph.clock_pairs import FARTHEST_S, PACES, SPREADS, LikelyPairs, LogDelays
from roadgraph.clock_sampler import ErrorBelief, ErrorSampler, middle_and_bounds

WRONG_SHARE = 0.15
"""The share of clocks that do not keep their rate."""
SHARED = (0.1, 0.4)
"""The shares of the vehicles at one camera that the other sees too, that are tried."""
PAIR_PACE, PAIR_DOUBT = 0.4, 0.6
"""The mean and the standard deviation of the logarithm of the pace between two cameras."""
TRUST = 0.35
"""How far the likelihood of a ratio counts: over a longer time traffic comes in waves, and vehicles come back."""


@dataclass(frozen=True, slots=True)
class RateGrid:
    """The logarithms of rates that are tried, `most` either way of 0, and the steps of the difference of two clocks."""

    most: float
    step: float
    offset_step_s: float

    @property
    def rates(self) -> Floats:
        """Return the rates of a clock."""
        return self.step * np.arange(-self._count, self._count + 1, dtype=np.float64)

    @property
    def differences(self) -> Floats:
        """Return the differences of two rates."""
        return self.step * np.arange(-2 * self._count, 2 * self._count + 1, dtype=np.float64)

    @property
    def _count(self) -> int:
        return round(self.most / self.step)


COARSE, FINE = RateGrid(0.24, 0.006, 6.0), RateGrid(0.03, 0.001, 3.0)
"""All that cameras do, and what is left when that is put right."""


@dataclass(frozen=True, slots=True)
class RateEstimate:
    """The logarithm of a clock's rate, 0 if it keeps true time, and the interval that holds it nine times in ten."""

    rate: float
    low: float
    high: float

    @property
    def is_wrong(self) -> bool:
        """Return whether the clock surely does not keep true time."""
        return not self.low <= 0.0 <= self.high

    @property
    def drift(self) -> float:
        """Return how much of each second that the clock shows is gained."""
        return -math.expm1(-self.rate)

    @property
    def drift_bounds(self) -> tuple[float, float]:
        """Return the bounds of the drift."""
        return -math.expm1(-self.low), -math.expm1(-self.high)

    def plus(self, other: "RateEstimate") -> "RateEstimate":
        """Return the rate whose rest, when this is put right, is the other."""
        return RateEstimate(self.rate + other.rate, self.rate + other.low, self.rate + other.high)


RIGHT = RateEstimate(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class RateDifference:
    """The log likelihood (differences of a grid,) of how much faster the clock of `second` runs than the other."""

    first: str
    second: str
    log_likelihood: Floats


def rate_difference(first: str, second: str, pairs: LikelyPairs, grid: RateGrid) -> RateDifference:
    """Return what the pairs of two cameras tell of the ratio of their rates."""
    since_s = pairs.middle_s - pairs.middle_s.min()
    slopes = 2 * np.tanh(grid.differences / 2)
    offsets_s = np.arange(-2 * FARTHEST_S, 2 * FARTHEST_S + 1, grid.offset_step_s)
    table = _DensityTable.of(pairs, blur_s=grid.offset_step_s + grid.step * float(since_s.max()) / 2)
    per_other = (1 / pairs.other_density).astype(np.float32)
    total = np.full(len(slopes), -np.inf)
    probabilities = [pairs.probability(shared).astype(np.float32) for shared in SHARED]
    for number, slope in enumerate(slopes.tolist()):
        drive_s = (pairs.elapsed_s - slope * since_s)[None, :] - offsets_s[:, None]
        excess = per_other * table.at(drive_s) - 1
        for probability in probabilities:
            log_likelihood = np.log1p(probability * excess).sum(axis=1, dtype=np.float64)
            total[number] = np.logaddexp(total[number], np.logaddexp.reduce(log_likelihood))
    return RateDifference(first, second, total - total.max())


def solve_rates(
    differences: Sequence[RateDifference], grid: RateGrid, known: Collection[str]
) -> Mapping[str, RateEstimate]:
    """Return the rate of each clock of the differences that is not known."""
    cameras = sorted({camera for one in differences for camera in (one.first, one.second)})
    tables = [(one.first, one.second, one.log_likelihood) for one in differences]
    draws, _ = ErrorSampler(cameras, tables, known, _belief(grid), np.random.default_rng(0)).draws()
    return {
        camera: _estimate(of_camera, grid)
        for camera, of_camera in zip(cameras, draws.T, strict=True)
        if camera not in known
    }


def _estimate(draws: Floats, grid: RateGrid) -> RateEstimate:
    return RateEstimate(*middle_and_bounds(draws, grid.step))


def _belief(grid: RateGrid) -> ErrorBelief:
    """Return that most clocks keep their rate; what is left when rates are put right is nowhere more usual."""
    rates = grid.rates
    share = np.full(len(rates), 1 / len(rates))
    if grid is COARSE:
        share = np.where(np.arange(len(rates)) == len(rates) // 2, 1 - WRONG_SHARE, WRONG_SHARE / (len(rates) - 1))
    return ErrorBelief(rates, np.log(share)[None, :], np.zeros(1), np.zeros(1), TRUST)


@dataclass(frozen=True, slots=True, eq=False)
class _DensityTable:
    """The density of drives (kinds, seconds) either way, by whole seconds from -`most_s` on; and the pairs' kinds."""

    density: Floats32
    kind: Ints
    most_s: int

    @classmethod
    def of(cls, pairs: LikelyPairs, *, blur_s: float) -> "_DensityTable":
        """Return the density over any usual pace, blurred by the steps in which differences are tried."""
        scales = np.stack(
            [pairs.there_earliest_s, pairs.there_unit_s, pairs.back_earliest_s, pairs.back_unit_s], axis=1
        )
        kinds, kind = np.unique(scales, axis=0, return_inverse=True)
        most_s = int(np.abs(pairs.elapsed_s).max() + 4 * FARTHEST_S)
        seconds = np.arange(-most_s, most_s + 1, dtype=np.float64)
        there, back = (
            LogDelays.of(sign * seconds[None, :], kinds[:, [at]], kinds[:, [at + 1]]) for sign, at in ((1, 0), (-1, 2))
        )
        weight = np.exp(-0.5 * ((PACES - PAIR_PACE) / PAIR_DOUBT) ** 2)
        density = np.zeros((len(kinds), len(seconds)), dtype=np.float32)
        for pace, share in zip(PACES.tolist(), (weight / weight.sum()).tolist(), strict=True):
            for spread in SPREADS:
                both = there.density(pace, spread) + back.density(pace, spread)
                density += np.float32(0.5 * share / len(SPREADS)) * both
        width = max(1, round(blur_s))
        box = np.ones(width) / width
        blurred = np.stack([np.convolve(row, box, mode="same") for row in density])
        return cls(blurred.astype(np.float32), kind.reshape(-1).astype(np.int64), most_s)

    def at(self, drive_s: Floats) -> Floats32:
        """Return the density of seconds (tried, n) of the n pairs."""
        places = np.clip(np.rint(drive_s).astype(np.int64) + self.most_s, 0, 2 * self.most_s)
        return np.asarray(self.density[self.kind[None, :], places])
