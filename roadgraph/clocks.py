"""Estimate how far camera clocks are apart, from pairs of sightings that are probably of the same vehicle.

A pair of cameras with traffic both ways tells two things at once: how long the way takes, and how far the clocks are
apart, for the offset makes one way look longer and the other shorter. With traffic one way only, the two cannot be told
apart beyond what the roads say of the time, and the interval is wide. Both cases are one posterior over the offset, in
which the pace and the spread of the traffic are summed out and every pair may be a wrong one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from roadgraph.errors import RoadError
from roadgraph.geometry import Floats
from roadgraph.travel_time import PairScale

PACES = np.linspace(-1.2, 1.2, 25)
PACE_SPREAD = 0.35
"""How far the traffic of a pair may be from its usual time: one standard deviation of the log."""
SPREADS = (0.12, 0.2, 0.33, 0.55)
"""How widely the times of those who drive through spread, beside what traffic adds."""
ALL_DAY = 0.12
STOP_SHARES = (0.03, 0.2, 0.5, 0.85)
HELD_UP_AT, HELD_UP_SPREAD = 2.0, 1.2
WRONG_SHARES = (0.03, 0.2, 0.4)
COARSE_S, FINE_S = 2.0, 0.2
FINE_REACH_S = 16.0


@dataclass(frozen=True, slots=True)
class ClockOptions:
    """What is believed before: no clock is off by more, and pairs were sought within a window of this length.

    `asymmetry` is how much slower one way may be than the other, of the time that traffic adds: little where all
    passages are of one part of a day, ALL_DAY where rush hours one way only are mixed in.
    """

    farthest_s: float = 300.0
    window_s: float = 1200.0
    asymmetry: float = 0.05


@dataclass(frozen=True, slots=True)
class OffsetEstimate:
    """How far one clock is ahead of another, and the 95 % interval."""

    offset_s: float
    low_s: float
    high_s: float

    @property
    def deviation_s(self) -> float:
        """Return the standard deviation that has this interval."""
        return max((self.high_s - self.low_s) / 3.92, 1e-3)


def pair_offset(
    there_s: Floats, back_s: Floats, there: PairScale, back: PairScale, options: ClockOptions | None = None
) -> OffsetEstimate:
    """Return how far the second camera's clock is ahead of the first's.

    `there_s` are the seconds from first camera to second by their own clocks, `back_s` those from second to first.
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
    """Return middle and interval of a posterior, widened by what no pair can tell."""
    share = np.exp(log_density - log_density.max())
    kernel = np.exp(-0.5 * ((offsets_s[:, None] - offsets_s[None, :]) / max(blur_s, 1e-6)) ** 2)
    share = (kernel / kernel.sum(axis=0)) @ share
    reached = np.cumsum(share) / share.sum()
    low, middle, high = np.interp([0.025, 0.5, 0.975], reached, offsets_s)
    return OffsetEstimate(float(middle), float(low), float(high))


def _log_posterior(
    offsets_s: Floats, there_s: Floats, back_s: Floats, there: PairScale, back: PairScale, options: ClockOptions
) -> Floats:
    """Return the log density of each offset, the pace of the traffic summed out."""
    both = _log_likelihood(there_s[None, :] - offsets_s[:, None], there, options)
    both = both + _log_likelihood(back_s[None, :] + offsets_s[:, None], back, options)
    return np.asarray(np.logaddexp.reduce(both - 0.5 * (PACES / PACE_SPREAD) ** 2, axis=1))


def _log_likelihood(elapsed_s: Floats, scale: PairScale, options: ClockOptions) -> Floats:
    """Return, of true elapsed times (offsets, n), the log likelihood (offsets, paces) of one way.

    How widely its times spread, how many vehicles stop and how many pairs are wrong are summed out. Those who drive
    through spread evenly to both sides: a skew of the times must not tell what only the other way can.
    """
    possible = (elapsed_s > scale.earliest_s)[:, None, :]
    beyond_s = np.maximum(elapsed_s - scale.earliest_s, 1e-9)[:, None, :]
    paces = PACES[None, :, None]
    late = (elapsed_s[:, None, :] - scale.to_s(paces)) / scale.unit_s
    held_up = possible * _bump(np.log(beyond_s / scale.unit_s) - paces, HELD_UP_AT, HELD_UP_SPREAD) / beyond_s
    total = np.full(late.shape[:2], -np.inf)
    for spread in SPREADS:
        body = possible * _bump(late, 0.0, spread) / scale.unit_s
        for stopped, wrong in product(STOP_SHARES, WRONG_SHARES):
            right = (1 - stopped) * body + stopped * held_up
            total = np.logaddexp(total, np.log((1 - wrong) * right + wrong / options.window_s).sum(axis=-1))
    return total


def _bump(u: Floats, centre: float, spread: float) -> Floats:
    return np.asarray(np.exp(-0.5 * ((u - centre) / spread) ** 2) / (spread * np.sqrt(2 * np.pi)))


@dataclass(frozen=True, slots=True)
class PairOffset:
    """How far the clock of `second` is ahead of that of `first`."""

    first: str
    second: str
    estimate: OffsetEstimate


def camera_offsets(pairs: Sequence[PairOffset], reference: str) -> Mapping[str, OffsetEstimate]:
    """Return how far each clock is ahead of the reference camera's, of those that pairs join to it.

    Least squares over all pairs, each weighed by its interval; a pair that the others contradict counts less (Huber).
    """
    cameras = sorted(_joined_to(pairs, reference) - {reference})
    own = [pair for pair in pairs if {pair.first, pair.second} <= {*cameras, reference}]
    column = {camera: number for number, camera in enumerate(cameras)}
    design = np.zeros((len(own), len(cameras)))
    for row, pair in enumerate(own):
        for camera, sign in ((pair.second, 1.0), (pair.first, -1.0)):
            if camera != reference:
                design[row, column[camera]] += sign
    told = np.array([pair.estimate.offset_s for pair in own])
    deviation = np.array([pair.estimate.deviation_s for pair in own])
    trust = np.ones(len(own))
    offsets, covariance = np.zeros(len(cameras)), np.zeros((len(cameras), len(cameras)))
    for _ in range(10):
        weight = trust / deviation**2
        covariance = np.linalg.pinv(design.T @ (weight[:, None] * design))
        offsets = covariance @ (design.T @ (weight * told))
        misfit = np.abs(told - design @ offsets) / deviation
        trust = np.minimum(1.0, 2.0 / np.maximum(misfit, 1e-9))
    margin = 1.96 * np.sqrt(np.diag(covariance))
    return {
        camera: OffsetEstimate(float(offset), float(offset - m), float(offset + m))
        for camera, offset, m in zip(cameras, offsets, margin, strict=True)
    }


def _joined_to(pairs: Sequence[PairOffset], reference: str) -> set[str]:
    joined = {reference}
    while True:
        more = {end for pair in pairs if {pair.first, pair.second} & joined for end in (pair.first, pair.second)}
        if more <= joined:
            return joined
        joined |= more


@dataclass(frozen=True, slots=True)
class Drift:
    """How many seconds a day one clock gains on another, and the 95 % interval."""

    s_per_day: float
    low: float
    high: float


def drift(early: OffsetEstimate, late: OffsetEstimate, days_between: float) -> Drift:
    """Return the drift between two estimates of one offset, made from passages that many days apart."""
    if days_between <= 0:
        raise RoadError(f"the estimates are {days_between} days apart: a drift needs the later one second")
    gained_s = late.offset_s - early.offset_s
    margin_s = 1.96 * float(np.hypot(early.deviation_s, late.deviation_s))
    bounds = (gained_s, gained_s - margin_s, gained_s + margin_s)
    return Drift(*(bound_s / days_between for bound_s in bounds))
