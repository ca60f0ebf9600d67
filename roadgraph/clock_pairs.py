"""Tell how far two cameras' clocks are apart from pairs of sightings that may show one vehicle.

If both show one vehicle, the seconds between them are those of a drive plus the difference of the clocks. Which pairs
do is known only by a probability, and how fast the traffic was is not known either; both are summed out, which gives a
likelihood over the difference. It is given for each pace of the town, because where traffic is slow, it mostly is so
everywhere, and for how much its pairs of cameras differ.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from roadgraph.arrays import Flags, Floats, Floats32

STEP_S = 1.0
FARTHEST_S = 120.0
"""No clock is off by more."""
DIFFERENCES_S = np.arange(-2 * FARTHEST_S, 2 * FARTHEST_S + STEP_S / 2, STEP_S)
"""The differences of two clocks that are tried."""

PACES = np.arange(-1.8, 1.81, 0.2)
"""The logarithms of the pace, 0 being the usual time, that are tried for a town, and between two of its cameras."""
PACE_SPREADS = (0.15, 0.3, 0.6)
"""The standard deviations of the logarithm of the pace between two cameras that are tried for a town."""
ODD_PACE_SPREAD, ODD_PACES = 0.9, 0.05
"""That of a share of odd pairs."""
SPREADS = (0.2, 0.5)
"""The spreads of the times of vehicles that drive through that are tried, in logarithms."""
STOP_SHARE = 0.2
"""The share of vehicles that stop on the way."""
HELD_UP_AT, HELD_UP_SPREAD = 2.0, 1.2
"""The logarithm of the delay of vehicles that stop on the way: its mean and standard deviation."""

BLUR = (0.12, 0.23, 0.3, 0.23, 0.12)
"""How a moment is spread over the seconds around it: vehicles are pictured best a little before or after the place."""

SHARED = (0.05, 0.2, 0.6)
"""The shares of the vehicles at one camera that the other sees too, that are tried."""

LEAST_SPREAD = 0.05
"""No traffic is so regular: drives one way that differ by less than this share of their usual delay tell no clock."""

ONE_WAY = 0.9
"""From this share of the vehicles on, traffic goes one way: it alone cannot tell a drive and a clock apart."""

MOST_BY_CHANCE = 6
"""Fewer vehicles may take the same time by chance."""

SURE = 0.98
"""The most probable that a pair is."""


@dataclass(frozen=True, slots=True, eq=False)
class LikelyPairs:
    """Pairs of sightings at two cameras, (n,): the seconds from the first camera's to the second's by their own clocks.

    `middle_s` is the moment half way between the two, in seconds from any moment.
    `odds` are those that both show one vehicle, were each vehicle of either camera seen by the other; `rival_odds` are
    those of all pairs of either sighting, taken together. Of `known` pairs nobody doubts that they show one vehicle.
    `other_density` is the density of the seconds between sightings of two vehicles. A drive there takes
    `there_earliest_s` at least and usually `there_unit_s` more, a drive back likewise; inf where no road leads.
    """

    elapsed_s: Floats
    middle_s: Floats
    odds: Floats
    rival_odds: Floats
    known: Flags
    other_density: Floats
    there_earliest_s: Floats
    there_unit_s: Floats
    back_earliest_s: Floats
    back_unit_s: Floats

    def probability(self, shared: float) -> Floats:
        """Return the probability that each pair shows one vehicle, if a share of the vehicles passes both cameras."""
        probability = shared * self.odds / (1 + shared * self.rival_odds)
        return np.asarray(np.where(self.known, SURE, np.minimum(probability, SURE)))


@dataclass(frozen=True, slots=True, eq=False)
class ClockDifference:
    """The log likelihood of how far the clock of `second` is ahead of that of `first`: (differences,), or by town.

    The rows of (towns, differences) are for the paces of the town (PACES), once for each of PACE_SPREADS. About so many
    `vehicles` speak for the likeliest difference.
    """

    first: str
    second: str
    log_likelihood: Floats
    vehicles: float = 0.0


def clock_difference(first: str, second: str, pairs: LikelyPairs) -> ClockDifference:
    """Return what the pairs of two cameras tell of the difference of their clocks."""
    by_pace = np.full((len(PACES), len(DIFFERENCES_S)), -np.inf)
    likeliest, vehicles = -np.inf, np.zeros(len(pairs.elapsed_s))
    drive_s = pairs.elapsed_s[None, :] - DIFFERENCES_S[:, None]
    there = LogDelays.of(drive_s, pairs.there_earliest_s, pairs.there_unit_s)
    back = LogDelays.of(-drive_s, pairs.back_earliest_s, pairs.back_unit_s)
    per_other = (0.5 / pairs.other_density).astype(np.float32)
    for (row, pace), spread in product(enumerate(PACES.tolist()), SPREADS):
        excess = per_other * _blurred(there.density(pace, spread) + back.density(pace, spread)) - 1
        for shared in SHARED:
            probability = pairs.probability(shared).astype(np.float32)
            gain = probability * excess
            log_likelihood = np.log1p(gain).sum(axis=1, dtype=np.float64)
            by_pace[row] = np.logaddexp(by_pace[row], log_likelihood)
            peak = int(log_likelihood.argmax())
            if log_likelihood[peak] > likeliest:
                likeliest = float(log_likelihood[peak])
                vehicles = (probability * (1 + excess[peak]) / (1 + gain[peak])).astype(np.float64)
    if is_too_regular(pairs, vehicles):
        return ClockDifference(first, second, np.zeros((len(PACES), len(DIFFERENCES_S))))
    by_town = np.logaddexp.reduce(_log_share_of_paces()[:, :, None] + by_pace[None, :, :], axis=1)
    return ClockDifference(first, second, by_town - by_town.max(), float(vehicles.sum()))


def is_too_regular(pairs: LikelyPairs, vehicles: Floats) -> bool:
    """Return whether all drive one way and take the same time: made up, or a toy, and any clock would fit it.

    `vehicles` (n,) is how probably each pair shows one vehicle. Where vehicles drive both ways, what one way gains the
    other loses, and the clock is told all the same.
    """
    ahead = float(vehicles[pairs.elapsed_s > 0].sum())
    whole, one_way = float(vehicles.sum()), pairs.elapsed_s > 0
    if ahead < whole / 2:
        ahead, one_way = whole - ahead, ~one_way
    rows = np.flatnonzero(one_way & (vehicles > 0.5))
    if len(rows) < MOST_BY_CHANCE or ahead < ONE_WAY * whole:
        return False
    low_s, high_s = np.quantile(pairs.elapsed_s[rows], (0.25, 0.75))
    unit_s = np.where(pairs.elapsed_s[rows] > 0, pairs.there_unit_s[rows], pairs.back_unit_s[rows])
    return bool((high_s - low_s) / 1.349 < LEAST_SPREAD * np.median(unit_s))


def _blurred(density: Floats32) -> Floats32:
    """Return densities (differences, n) spread over the differences around each by BLUR; the ends are repeated."""
    reach = len(BLUR) // 2
    padded = np.pad(density, ((reach, reach), (0, 0)), mode="edge")
    blurred = np.zeros_like(density)
    for start, weight in enumerate(BLUR):
        blurred += np.float32(weight) * padded[start : start + len(density)]
    return blurred


def _log_share_of_paces() -> Floats:
    """Return how usual each pace between two cameras is (columns), by spread and pace of the town (rows)."""
    odd = _share_of_paces(ODD_PACE_SPREAD)
    return np.log([ODD_PACES * odd + (1 - ODD_PACES) * _share_of_paces(spread) for spread in PACE_SPREADS]).reshape(
        -1, len(PACES)
    )


def _share_of_paces(spread: float) -> Floats:
    """Return how usual each pace between two cameras is (columns), by the pace of the town (rows)."""
    share = np.exp(-0.5 * ((PACES[:, None] - PACES[None, :]) / spread) ** 2)
    return np.asarray(share / share.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True, eq=False)
class LogDelays:
    """Seconds of drives beyond the earliest time, (differences, n), as logarithms in units of each pair's scale.

    `per_second` turns a density of the logarithm into one per second; 0 where nobody drives so fast.
    """

    log_delay: Floats32
    per_second: Floats32

    @classmethod
    def of(cls, drive_s: Floats, earliest_s: Floats, unit_s: Floats) -> "LogDelays":
        """Return the delays of drives; a pair that no road joins has none."""
        joined = np.isfinite(earliest_s) & np.isfinite(unit_s)
        beyond_s = drive_s - np.where(joined, earliest_s, 0.0)
        possible = joined & (beyond_s > 0)
        beyond_s = np.where(possible, beyond_s, 1.0)
        log_delay = np.log(beyond_s / np.where(joined, unit_s, 1.0))
        return cls(log_delay.astype(np.float32), np.where(possible, 1 / beyond_s, 0.0).astype(np.float32))

    def density(self, pace: float, spread: float) -> Floats32:
        """Return the density per second of each drive: most vehicles drive through, some stop on the way."""
        late = self.log_delay - np.float32(pace)
        through = np.exp(np.float32(-0.5 / spread**2) * late**2)
        held_up = np.exp(np.float32(-0.5 / HELD_UP_SPREAD**2) * (late - np.float32(HELD_UP_AT)) ** 2)
        weights = (1 - STOP_SHARE) / spread, STOP_SHARE / HELD_UP_SPREAD
        either = np.float32(weights[0]) * through + np.float32(weights[1]) * held_up
        return np.asarray(either * self.per_second / np.float32(np.sqrt(2 * np.pi)))
