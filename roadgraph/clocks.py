"""Find how far the clocks of cameras are off from pairs of sightings that may show one vehicle.

For two cameras each pair of sightings tells something of the difference of their clocks: if both show one vehicle, the
seconds between them are those of a drive plus the difference. Which pairs do is known only by a probability, and how
fast the traffic was is not known either; both are summed out, which gives a likelihood over the difference. The clocks
of all cameras are then drawn together from these likelihoods and from the belief that most clocks are right (Gibbs
sampling, Geman and Geman 1984): two cameras that few vehicles passed are joined through others, and the spread of the
draws is the interval.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from roadgraph.arrays import Flags, Floats, Floats32, Ints

STEP_S = 1.0
FARTHEST_S = 120.0
"""No clock is off by more."""
ERRORS_S = np.arange(-FARTHEST_S, FARTHEST_S + STEP_S / 2, STEP_S)
"""The errors of a clock that are tried."""
DIFFERENCES_S = np.arange(-2 * FARTHEST_S, 2 * FARTHEST_S + STEP_S / 2, STEP_S)
"""The differences of two clocks that are tried."""

USUAL_ERRORS_S = np.array([0.75, 1.5, 3.0, 6.0, 12.0, 24.0])
"""Half of the clocks of a town are off by less (a truncated Cauchy distribution): towns keep them better or worse."""
TOWNS = np.array([0.25, 0.3, 0.2, 0.12, 0.08, 0.05])
"""How usual each of these towns is."""

PACES = np.arange(-0.6, 1.61, 0.2)
"""The logarithms of the pace between two cameras that are tried, 0 being the usual time."""
USUAL_PACE, PACE_SPREAD = 0.2, 0.5
"""The mean and the standard deviation of the logarithm of the pace."""
SPREADS = (0.2, 0.5)
"""The spreads of the times of vehicles that drive through that are tried, in logarithms."""
STOP_SHARE = 0.2
"""The share of vehicles that stop on the way."""
HELD_UP_AT, HELD_UP_SPREAD = 2.0, 1.2
"""The logarithm of the delay of vehicles that stop on the way: its mean and standard deviation."""

SHARED = (0.05, 0.2, 0.6)
"""The shares of the vehicles at one camera that the other sees too, that are tried."""

SURE = 0.98
"""The most probable that a pair is."""

TRUST = 0.6
"""How far a likelihood counts: pairs that share a sighting, and vehicles past three cameras, are counted twice."""

CHAINS = 8
HEATED, COOLED, DRAWN = 60, 40, 150
"""Rounds at a falling temperature, at the true one before draws count, and with draws that count."""
HOTTEST = 12.0
SHARE = 0.9
"""The share of the draws in an interval."""


@dataclass(frozen=True, slots=True)
class OffsetEstimate:
    """How many seconds a clock is ahead, and the interval that holds the truth nine times in ten."""

    offset_s: float
    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True, eq=False)
class LikelyPairs:
    """Pairs of sightings at two cameras, (n,): the seconds from the first camera's to the second's by their own clocks.

    `odds` are those that both show one vehicle, were each vehicle of either camera seen by the other; `rival_odds` are
    those of all pairs of either sighting, taken together. Of `known` pairs nobody doubts that they show one vehicle.
    `other_density` is the density of the seconds between sightings of two vehicles. A drive there takes
    `there_earliest_s` at least and usually `there_unit_s` more, a drive back likewise; inf where no road leads.
    """

    elapsed_s: Floats
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
    """The log likelihood (DIFFERENCES_S) of how far the clock of `second` is ahead of that of `first`.

    About so many `vehicles` speak for the likeliest difference.
    """

    first: str
    second: str
    log_likelihood: Floats
    vehicles: float = 0.0


def clock_difference(first: str, second: str, pairs: LikelyPairs) -> ClockDifference:
    """Return what the pairs of two cameras tell of the difference of their clocks."""
    total = np.full(len(DIFFERENCES_S), -np.inf)
    likeliest, vehicles = -np.inf, 0.0
    drive_s = pairs.elapsed_s[None, :] - DIFFERENCES_S[:, None]
    there = _LogDelays.of(drive_s, pairs.there_earliest_s, pairs.there_unit_s)
    back = _LogDelays.of(-drive_s, pairs.back_earliest_s, pairs.back_unit_s)
    for pace, spread in product(PACES.tolist(), SPREADS):
        drives = there.density(pace, spread) + back.density(pace, spread)
        excess = (0.5 / pairs.other_density).astype(np.float32) * drives - 1
        for shared in SHARED:
            probability = pairs.probability(shared).astype(np.float32)
            gain = probability * excess
            belief = -0.5 * ((pace - USUAL_PACE) / PACE_SPREAD) ** 2
            log_likelihood = np.log1p(gain).sum(axis=1, dtype=np.float64) + belief
            total = np.logaddexp(total, log_likelihood)
            peak = int(log_likelihood.argmax())
            if log_likelihood[peak] > likeliest:
                likeliest = float(log_likelihood[peak])
                vehicles = float((probability * (1 + excess[peak]) / (1 + gain[peak])).sum())
    return ClockDifference(first, second, total - total.max(), vehicles)


def solve_clocks(
    differences: Sequence[ClockDifference], known_s: Mapping[str, float], *, seed: int = 0
) -> Mapping[str, OffsetEstimate]:
    """Return how far each clock is ahead of true time, for the cameras of the differences whose clock is not known.

    Where no clock of a connected group is known, the constant of the group is the one that makes most of its clocks
    right. The intervals leave the doubt of that constant out: it shifts all times of the group alike, and no drive.
    """
    cameras = sorted({camera for one in differences for camera in (one.first, one.second)})
    sampler = _Sampler(cameras, differences, known_s, np.random.default_rng(seed))
    draws = sampler.draws()
    for group in sampler.groups:
        draws[:, group] = _without_constant(draws[:, group])
    return {
        camera: _interval(of_camera)
        for camera, of_camera in zip(cameras, draws.T, strict=True)
        if camera not in known_s
    }


def _without_constant(draws: Floats) -> Floats:
    """Return the draws of a group with the same constant in each; clocks that are drawn alike weigh most in it."""
    apart = draws - np.median(draws, axis=1, keepdims=True)
    weight = 1 / (apart.var(axis=0) + 1.0)
    constant = draws @ (weight / weight.sum())
    return np.asarray(draws - constant[:, None] + np.median(constant))


def _interval(draws: Floats) -> OffsetEstimate:
    low, middle, high = np.quantile(draws, [(1 - SHARE) / 2, 0.5, (1 + SHARE) / 2])
    return OffsetEstimate(float(middle), float(low - STEP_S / 2), float(high + STEP_S / 2))


@dataclass(frozen=True, slots=True, eq=False)
class _LogDelays:
    """Seconds of drives beyond the earliest time, (differences, n), as logarithms in units of each pair's scale.

    `per_second` turns a density of the logarithm into one per second; 0 where nobody drives so fast.
    """

    log_delay: Floats32
    per_second: Floats32

    @classmethod
    def of(cls, drive_s: Floats, earliest_s: Floats, unit_s: Floats) -> "_LogDelays":
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


class _Sampler:
    """Draws the errors of all clocks together, several chains at once, as places in ERRORS_S."""

    def __init__(
        self,
        cameras: Sequence[str],
        differences: Sequence[ClockDifference],
        known_s: Mapping[str, float],
        rng: np.random.Generator,
    ) -> None:
        self._rng = rng
        code = {camera: number for number, camera in enumerate(cameras)}
        self._free = [number for number, camera in enumerate(cameras) if camera not in known_s]
        self._neighbours: dict[int, list[tuple[int, Floats]]] = defaultdict(list)
        for one in differences:
            first, second = code[one.first], code[one.second]
            self._neighbours[second].append((first, TRUST * one.log_likelihood))
            self._neighbours[first].append((second, TRUST * one.log_likelihood[::-1]))
        share = 1 / (1 + (ERRORS_S[None, :] / USUAL_ERRORS_S[:, None]) ** 2)
        self._belief = np.log(share / share.sum(axis=1, keepdims=True))
        self._town = np.zeros(CHAINS, dtype=np.int64)
        self._places = np.full((CHAINS, len(cameras)), len(ERRORS_S) // 2)
        for camera, error_s in known_s.items():
            if camera in code:
                self._places[:, code[camera]] = round((error_s + FARTHEST_S) / STEP_S)
        self.groups = [group for group in self._connected() if not any(cameras[one] in known_s for one in group)]

    def draws(self) -> Floats:
        """Return the drawn errors in seconds, (draws, cameras)."""
        temperatures = [*np.geomspace(HOTTEST, 1.0, HEATED), *[1.0] * (COOLED + DRAWN)]
        kept = []
        for number, temperature in enumerate(temperatures):
            for camera in self._rng.permutation(self._free).tolist():
                self._draw_camera(camera, temperature)
            for group in self.groups:
                self._draw_constant(group, temperature)
            self._draw_town(temperature)
            if number >= HEATED + COOLED:
                kept.append(ERRORS_S[self._places])
        return np.concatenate(kept)

    def _connected(self) -> list[list[int]]:
        """Return the groups of cameras that differences join."""
        left, groups = set(range(self._places.shape[1])), []
        while left:
            group, waiting = set(), [min(left)]
            while waiting:
                camera = waiting.pop()
                if camera not in group:
                    group.add(camera)
                    waiting += [neighbour for neighbour, _ in self._neighbours[camera]]
            left -= group
            groups.append(sorted(group))
        return groups

    def _draw_camera(self, camera: int, temperature: float) -> None:
        """Draw the error of one clock in each chain, given those of its neighbours."""
        log_share = self._belief[self._town]
        reach = np.arange(len(ERRORS_S))
        for neighbour, log_likelihood in self._neighbours[camera]:
            difference = reach[None, :] - self._places[:, neighbour][:, None] + len(ERRORS_S) - 1
            log_share += log_likelihood[difference]
        self._places[:, camera] = self._chosen(log_share / temperature)

    def _draw_constant(self, group: Sequence[int], temperature: float) -> None:
        """Move all clocks of a group together, which changes no difference."""
        places = self._places[:, group]
        shifts = np.arange(-len(ERRORS_S) + 1, len(ERRORS_S))
        moved = places[:, None, :] + shifts[None, :, None]
        inside = (moved >= 0) & (moved < len(ERRORS_S))
        own = self._belief[self._town[:, None, None], np.clip(moved, 0, len(ERRORS_S) - 1)]
        belief = np.where(inside, own, -np.inf).sum(axis=2)
        self._places[:, group] = places + shifts[self._chosen(belief / temperature)][:, None]

    def _draw_town(self, temperature: float) -> None:
        """Draw how the town keeps its clocks, given their errors."""
        belief = self._belief[:, self._places[:, self._free]].sum(axis=2).T
        self._town = self._chosen((belief + np.log(TOWNS)) / temperature)

    def _chosen(self, log_share: Floats) -> Ints:
        """Return one column of each row, drawn by its share."""
        noise = self._rng.gumbel(size=log_share.shape)
        return np.asarray((log_share + noise).argmax(axis=1), dtype=np.int64)
