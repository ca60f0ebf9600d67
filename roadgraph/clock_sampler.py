"""Draw the errors of many clocks together from what pairs of them tell of their differences (Gibbs sampling).

Geman and Geman 1984. Clocks that few vehicles passed are joined through others, and the spread of the draws is the
doubt that is left. Errors and differences are on grids of even steps; what all pairs share and nobody knows, as the
pace of the town, is drawn too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats, Ints

SHARE = 0.9
"""The share of the draws in an interval."""
CHAINS = 8
HEATED, COOLED, DRAWN = 60, 40, 150
"""Rounds at a falling temperature, at the true one before draws count, and with draws that count."""
HOTTEST = 12.0
TIGHT = (2.0, 5.0, 12.0, 30.0)
"""Cameras that are joined by pairs that tell so much are moved together, too."""


@dataclass(frozen=True, slots=True, eq=False)
class ErrorBelief:
    """What is believed before anything is seen: `errors` (n,) in even steps around 0.

    `log_share` (towns, n) is how usual each error is in each kind of town, `log_towns` (towns,) how usual these are;
    `log_paces` (paces,) how usual each pace of the town is, with how much its pairs differ. Each likelihood counts by
    `trust`: pairs that share a sighting, and vehicles past three cameras, are counted twice.
    """

    errors: Floats
    log_share: Floats
    log_towns: Floats
    log_paces: Floats
    trust: float


def middle_and_bounds(draws: Floats, step: float) -> tuple[float, float, float]:
    """Return the middle of draws on a grid of so large steps, and the interval that holds SHARE of them."""
    low, middle, high = np.quantile(draws, [(1 - SHARE) / 2, 0.5, (1 + SHARE) / 2])
    return float(middle), float(low - step / 2), float(high + step / 2)


def _told(log_likelihood: Floats) -> float:
    """Return how much likelier the likeliest difference is than a difference on average, as a logarithm."""
    anyhow = np.logaddexp.reduce(log_likelihood, axis=None) - np.log(log_likelihood.size)
    return float(log_likelihood.max() - anyhow)


Tables = Iterable[tuple[str, str, Floats]]
"""Two clocks and the log likelihood of each difference (second less first), (2 n - 1,) or (paces, 2 n - 1)."""


class ErrorSampler:
    """Draws the errors of all clocks together, several chains at once, as places in the grid of errors."""

    def __init__(
        self,
        cameras: Sequence[str],
        tables: Tables,
        known: Collection[str],
        belief: ErrorBelief,
        rng: np.random.Generator,
    ) -> None:
        self._rng, self._belief = rng, belief
        code = {camera: number for number, camera in enumerate(cameras)}
        self._free = [number for number, camera in enumerate(cameras) if camera not in known]
        self._pairs: list[tuple[int, int, Floats]] = []
        self._neighbours: dict[int, list[tuple[int, Floats]]] = defaultdict(list)
        for one, other, log_likelihood in tables:
            first, second = code[one], code[other]
            shape = (len(belief.log_paces), 2 * len(belief.errors) - 1)
            table = belief.trust * np.broadcast_to(log_likelihood, shape)
            self._pairs.append((first, second, table))
            self._neighbours[second].append((first, table))
            self._neighbours[first].append((second, table[:, ::-1]))
        self._town = np.zeros(CHAINS, dtype=np.int64)
        self._pace = np.full(CHAINS, int(belief.log_paces.argmax()), dtype=np.int64)
        self._places = np.full((CHAINS, len(cameras)), len(belief.errors) // 2)
        free = set(self._free)
        self.groups = [group for group in self._connected(0.0) if free.issuperset(group)]
        tight = {tuple(group) for level in TIGHT for group in self._connected(level) if len(group) > 1}
        self._moved = sorted({*map(tuple, self.groups), *(group for group in tight if free.issuperset(group))})

    def draws(self) -> tuple[Floats, Ints]:
        """Return the drawn errors, (draws, cameras), and the kind of town in each draw, (draws,)."""
        temperatures = [*np.geomspace(HOTTEST, 1.0, HEATED), *[1.0] * (COOLED + DRAWN)]
        kept, towns = [], []
        for number, temperature in enumerate(temperatures):
            for camera in self._rng.permutation(self._free).tolist():
                self._draw_camera(camera, temperature)
            for group in self._moved:
                self._draw_constant(group, temperature)
            self._draw_town(temperature)
            self._draw_pace(temperature)
            if number >= HEATED + COOLED:
                kept.append(self._belief.errors[self._places])
                towns.append(self._town)
        return np.concatenate(kept), np.concatenate(towns)

    def _connected(self, level: float) -> list[list[int]]:
        """Return the groups of cameras that are joined by differences that tell this much or more."""
        joined = defaultdict(list)
        for first, second, log_likelihood in self._pairs:
            if _told(log_likelihood) >= level:
                joined[first].append(second)
                joined[second].append(first)
        left, groups = set(range(self._places.shape[1])), []
        while left:
            group, waiting = set(), [min(left)]
            while waiting:
                camera = waiting.pop()
                if camera not in group:
                    group.add(camera)
                    waiting += joined[camera]
            left -= group
            groups.append(sorted(group))
        return groups

    def _draw_camera(self, camera: int, temperature: float) -> None:
        """Draw the error of one clock in each chain, given those of its neighbours."""
        count = len(self._belief.errors)
        log_share = self._belief.log_share[self._town]
        reach, pace = np.arange(count), self._pace[:, None]
        for neighbour, log_likelihood in self._neighbours[camera]:
            difference = reach[None, :] - self._places[:, neighbour][:, None] + count - 1
            log_share = log_share + log_likelihood[pace, difference]
        self._places[:, camera] = self._chosen(log_share / temperature)

    def _draw_constant(self, group: Sequence[int], temperature: float) -> None:
        """Move all clocks of a group together, which changes no difference between them."""
        count, places = len(self._belief.errors), self._places[:, group]
        shifts = np.arange(-count + 1, count)
        moved = places[:, None, :] + shifts[None, :, None]
        inside = (moved >= 0) & (moved < count)
        own = self._belief.log_share[self._town[:, None, None], np.clip(moved, 0, count - 1)]
        belief = np.where(inside, own, -np.inf).sum(axis=2)
        for camera, neighbour, log_likelihood in self._leaving(group):
            difference = self._places[:, [camera]] + shifts[None, :] - self._places[:, [neighbour]] + count - 1
            possible = np.clip(difference, 0, 2 * count - 2)
            belief += log_likelihood[self._pace[:, None], possible]
        self._places[:, group] = places + shifts[self._chosen(belief / temperature)][:, None]

    def _leaving(self, group: Sequence[int]) -> list[tuple[int, int, Floats]]:
        """Return the pairs of a camera of the group and one outside, with what they tell."""
        return [(one, other, table) for one in group for other, table in self._neighbours[one] if other not in group]

    def _draw_town(self, temperature: float) -> None:
        """Draw how the town keeps its clocks, given their errors."""
        belief = self._belief.log_share[:, self._places[:, self._free]].sum(axis=2).T
        self._town = self._chosen((belief + self._belief.log_towns) / temperature)

    def _draw_pace(self, temperature: float) -> None:
        """Draw how fast the town drives, given the errors of its clocks."""
        log_share = np.tile(self._belief.log_paces, (CHAINS, 1))
        for first, second, log_likelihood in self._pairs:
            difference = self._places[:, second] - self._places[:, first] + len(self._belief.errors) - 1
            log_share += log_likelihood[:, difference].T
        self._pace = self._chosen(log_share / temperature)

    def _chosen(self, log_share: Floats) -> Ints:
        """Return one column of each row, drawn by its share."""
        noise = self._rng.gumbel(size=log_share.shape)
        return np.asarray((log_share + noise).argmax(axis=1), dtype=np.int64)
