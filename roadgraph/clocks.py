"""Estimate the offsets between camera clocks from pairs of sightings that are probably of the same vehicle.

Two cameras with traffic in both directions reveal both the travel time and the clock offset, because the offset makes
one direction look longer and the other shorter. With traffic in one direction only, travel time and offset cannot be
separated beyond what the roads say of the time, and the interval is wide. Both cases are one posterior over the
offset: the pace and the spread of the traffic are summed out, and every pair may be a wrong one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from roadgraph.arrays import Floats
from roadgraph.errors import RoadError
from roadgraph.travel_time import PairScale

PACES = np.linspace(-1.2, 1.2, 25)
"""The logarithms of the pace of a pair that are tried, 0 being the usual time."""
PACE_SPREAD = 0.35
"""The standard deviation of the logarithm of the pace of a pair."""
SPREADS = (0.12, 0.2, 0.33, 0.55)
"""The spreads of the times of vehicles that drive through that are tried, in units of the pair's scale."""
ALL_DAY = 0.12
"""The asymmetry of `ClockOptions` where the passages are from all parts of the day."""
STOP_SHARES = (0.03, 0.2, 0.5, 0.85)
"""The shares of vehicles that stop on the way that are tried."""
HELD_UP_AT, HELD_UP_SPREAD = 2.0, 1.2
"""The logarithm of the delay of vehicles that stop on the way: its mean and standard deviation."""
WRONG_SHARES = (0.03, 0.2, 0.4)
"""The shares of wrong pairs that are tried."""
COARSE_S, FINE_S = 2.0, 0.2
FINE_REACH_S = 16.0
"""The posterior is computed again in fine steps where it is narrower than twice this."""


@dataclass(frozen=True, slots=True)
class ClockOptions:
    """What is assumed beforehand: the largest offset of a clock, and the window of time within which pairs were sought.

    `asymmetry` is how much slower one direction may be than the other, as a share of the time that traffic adds:
    little where all passages are from one part of the day, ALL_DAY where rush hours in one direction are mixed in.
    """

    farthest_s: float = 300.0
    window_s: float = 1200.0
    asymmetry: float = 0.05


@dataclass(frozen=True, slots=True)
class OffsetEstimate:
    """How many seconds one clock is ahead of another, and the 95 % interval."""

    offset_s: float
    low_s: float
    high_s: float

    @property
    def deviation_s(self) -> float:
        """Return the standard deviation of a normal distribution with this interval."""
        return max((self.high_s - self.low_s) / 3.92, 1e-3)


def pair_offset(
    there_s: Floats, back_s: Floats, there: PairScale, back: PairScale, options: ClockOptions | None = None
) -> OffsetEstimate:
    """Return how far the second camera's clock is ahead of the first's.

    `there_s` are the seconds from the first camera to the second, each by its own clock; `back_s` those from the
    second to the first.
    """
    if not len(there_s) and not len(back_s):
        raise RoadError("no passage joins these two cameras: their clocks cannot be compared")
    options = options or ClockOptions()
    offsets_s = np.arange(-options.farthest_s, options.farthest_s + COARSE_S, COARSE_S)
    density = _log_posterior(offsets_s, there_s, back_s, there, back, options)
    likely = offsets_s[density > density.max() - 10]
    if np.ptp(likely) < 2 * FINE_REACH_S:
        offsets_s = np.arange(likely[0] - COARSE_S, likely[-1] + COARSE_S, FINE_S)
        density = _log_posterior(offsets_s, there_s, back_s, there, back, options)
    return _summed(offsets_s, density, options.asymmetry * (there.unit_s + back.unit_s) / 4)


def _summed(offsets_s: Floats, log_density: Floats, blur_s: float) -> OffsetEstimate:
    """Return the median and the interval of a posterior, blurred by the asymmetry that no pair reveals."""
    share = np.exp(log_density - log_density.max())
    kernel = np.exp(-0.5 * ((offsets_s[:, None] - offsets_s[None, :]) / max(blur_s, 1e-6)) ** 2)
    share = (kernel / kernel.sum(axis=0)) @ share
    reached = np.cumsum(share) / share.sum()
    low, middle, high = np.interp([0.025, 0.5, 0.975], reached, offsets_s)
    return OffsetEstimate(float(middle), float(low), float(high))


def _log_posterior(
    offsets_s: Floats, there_s: Floats, back_s: Floats, there: PairScale, back: PairScale, options: ClockOptions
) -> Floats:
    """Return the log density of each offset, with the pace of the traffic summed out."""
    both = _log_likelihood(there_s[None, :] - offsets_s[:, None], there, options)
    both = both + _log_likelihood(back_s[None, :] + offsets_s[:, None], back, options)
    return np.asarray(np.logaddexp.reduce(both - 0.5 * (PACES / PACE_SPREAD) ** 2, axis=1))


def _log_likelihood(elapsed_s: Floats, scale: PairScale, options: ClockOptions) -> Floats:
    """Return the (offsets, paces) log likelihood of one direction, given its (offsets, n) true elapsed times.

    The spread of the times, the share of vehicles that stop and the share of wrong pairs are summed out. The times of
    vehicles that drive through are symmetric: a skew must not be taken for what only the other direction shows.
    """
    possible = (elapsed_s > scale.earliest_s)[:, None, :]
    beyond_s = np.maximum(elapsed_s - scale.earliest_s, 1e-9)[:, None, :]
    paces = PACES[None, :, None]
    late = (elapsed_s[:, None, :] - scale.to_s(paces)) / scale.unit_s
    held_up = possible * _normal_density(np.log(beyond_s / scale.unit_s) - paces, HELD_UP_AT, HELD_UP_SPREAD) / beyond_s
    total = np.full(late.shape[:2], -np.inf)
    for spread in SPREADS:
        body = possible * _normal_density(late, 0.0, spread) / scale.unit_s
        for stopped, wrong in product(STOP_SHARES, WRONG_SHARES):
            right = (1 - stopped) * body + stopped * held_up
            total = np.logaddexp(total, np.log((1 - wrong) * right + wrong / options.window_s).sum(axis=-1))
    return total


def _normal_density(u: Floats, centre: float, spread: float) -> Floats:
    return np.asarray(np.exp(-0.5 * ((u - centre) / spread) ** 2) / (spread * np.sqrt(2 * np.pi)))


@dataclass(frozen=True, slots=True)
class PairOffset:
    """The estimate of how far the clock of `second` is ahead of that of `first`."""

    first: str
    second: str
    estimate: OffsetEstimate


def camera_offsets(pairs: Sequence[PairOffset], reference: str) -> Mapping[str, OffsetEstimate]:
    """Return how far each clock is ahead of the reference camera's, for all cameras that pairs connect to it.

    This is least squares over all pairs, weighted by their intervals; a pair that the others contradict counts less
    (Huber).
    """
    cameras = sorted(_connected_to(pairs, reference) - {reference})
    own = [pair for pair in pairs if {pair.first, pair.second} <= {*cameras, reference}]
    column = {camera: number for number, camera in enumerate(cameras)}
    design = np.zeros((len(own), len(cameras)))
    for row, pair in enumerate(own):
        for camera, sign in ((pair.second, 1.0), (pair.first, -1.0)):
            if camera != reference:
                design[row, column[camera]] += sign
    estimated = np.array([pair.estimate.offset_s for pair in own])
    deviation = np.array([pair.estimate.deviation_s for pair in own])
    trust = np.ones(len(own))
    offsets, covariance = np.zeros(len(cameras)), np.zeros((len(cameras), len(cameras)))
    for _ in range(10):
        weight = trust / deviation**2
        covariance = np.linalg.pinv(design.T @ (weight[:, None] * design))
        offsets = covariance @ (design.T @ (weight * estimated))
        misfit = np.abs(estimated - design @ offsets) / deviation
        trust = np.minimum(1.0, 2.0 / np.maximum(misfit, 1e-9))
    margin = 1.96 * np.sqrt(np.diag(covariance))
    return {
        camera: OffsetEstimate(float(offset), float(offset - m), float(offset + m))
        for camera, offset, m in zip(cameras, offsets, margin, strict=True)
    }


def _connected_to(pairs: Sequence[PairOffset], reference: str) -> set[str]:
    connected = {reference}
    while True:
        more = {end for pair in pairs if {pair.first, pair.second} & connected for end in (pair.first, pair.second)}
        if more <= connected:
            return connected
        connected |= more


@dataclass(frozen=True, slots=True)
class Drift:
    """How many seconds per day one clock gains on another, and the 95 % interval."""

    s_per_day: float
    low: float
    high: float


def drift(early: OffsetEstimate, late: OffsetEstimate, days_between: float) -> Drift:
    """Return the drift between two estimates of one offset, given the days between their passages."""
    if days_between <= 0:
        raise RoadError(f"the estimates are {days_between} days apart: give the later one second")
    gained_s = late.offset_s - early.offset_s
    margin_s = 1.96 * float(np.hypot(early.deviation_s, late.deviation_s))
    bounds = (gained_s, gained_s - margin_s, gained_s + margin_s)
    return Drift(*(bound_s / days_between for bound_s in bounds))
