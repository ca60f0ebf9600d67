"""Tell how long drives between cameras take, by the roads, by what passages taught, and by clocks that may be wrong.

Most cameras are right to seconds, some are off by a minute, and nobody knows which. So the time between two cameras is
taken as the true time plus an error that is mostly small and seldom large (a truncated Cauchy distribution), and the
error is summed out. What is known of a clock makes its error smaller. An arrival that true clocks would make impossible
then speaks against a sighting, but does not exclude it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from reid.arrays import Floats, Ints
from roadgraph.delay_shape import ShapeTable
from roadgraph.pair_delays import PairScale
from roadgraph.travel_time import TravelTimes

STEP_S = 3.0
"""The errors of clocks are summed over steps of this many seconds."""
LEAST_ERROR_S = 1e-3
HALF = 0.41
"""Half of the errors of a normal distribution lie within this share of the interval that holds nine of ten."""
BLOCK = 128
"""So many drives are weighed at a time, each with every error: larger arrays leave the cache and are mapped anew."""
SMOOTH_S = 900.0
"""Longer drives spread so widely that an error of a minute changes nothing."""

NO_WAY = PairScale(np.inf, 1.0)

RoadsTaken = tuple[int | None, int | None]
"""The directed roads taken past the first camera and past the second, None where they are not known."""


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


class Drives:
    """Travel times between cameras as log densities per second; NaN for a camera that is not on the map.

    `at` chooses the class of hours, and `weather` that of the weather. With a `doubt`, clocks may be wrong; `error_s`
    has the usual error of each clock of which something is known, 0 where it is taken as right.
    """

    def __init__(
        self,
        travel: TravelTimes,
        at: datetime | None = None,
        *,
        weather: str | None = None,
        doubt: ClockDoubt | None = None,
        error_s: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        times = travel.times
        if times is None:
            raise ValueError("travel times without a camera matrix tell no drives: pass None instead of Drives")
        self._travel, self._times, self._at, self._doubt = travel, times, at, doubt
        self._weather = weather
        self._by_road = lru_cache(maxsize=100_000)(self._scale_by_road)
        unknown_s = 0.0 if doubt is None else doubt.usual_s
        self._error_s = np.array([error_s.get(camera, unknown_s) for camera in times.ids] or [0.0], dtype=np.float64)

    def codes(self, cameras: Sequence[str]) -> Ints:
        """Return the number of each camera on the map, -1 for a camera that is not on it."""
        code_of = self._times.code_of
        return np.array([code_of.get(camera, -1) for camera in cameras], dtype=np.int64)

    def earliest_s(self, starts: Ints, ends: Ints) -> Floats:
        """Return how long the drive takes at least, element by element, by true time; NaN or infinite if unknown."""
        starts, ends = np.broadcast_arrays(starts, ends)
        return self._travel.scales(starts, ends)[0]

    def log_density(self, starts: Ints, ends: Ints, elapsed_s: Floats) -> Floats:
        """Return log p(elapsed by the clocks | same vehicle) element by element; -inf if it is less than possible."""
        starts, ends, elapsed_s = np.broadcast_arrays(starts, ends, elapsed_s)
        densities = self._densities(starts, ends)
        density = np.where((starts >= 0) & (ends >= 0), densities.log_density(elapsed_s), np.nan)
        if self._doubt is None:
            return density
        usual_s = self._usual_error_s(starts, ends)
        rows = np.nonzero((usual_s > 0) & (np.abs(elapsed_s) <= SMOOTH_S))
        density[rows] = densities[rows].log_density_by_clocks(elapsed_s[rows], usual_s[rows], self._doubt)
        return density

    def log_possible(self, starts: Ints, ends: Ints, elapsed_s: Floats) -> Floats:
        """Return log P(the time sufficed for the drive), whatever else was done on the way."""
        earliest_s, _ = self._travel.scales(starts, ends)
        spare_s = np.where((starts < 0) | (ends < 0), np.nan, elapsed_s - earliest_s)
        possible = (spare_s > 0).astype(np.float64)
        if self._doubt is not None:
            usual_s = self._usual_error_s(starts, ends)
            possible = np.where(usual_s > 0, self._doubt.share_below(spare_s, usual_s), possible)
        with np.errstate(divide="ignore"):
            return np.where(np.isnan(spare_s), np.nan, np.log(possible))

    def log_density_by_road(self, start: str, end: str, elapsed_s: Floats, roads: Sequence[RoadsTaken]) -> Floats:
        """Return the log density between two cameras of the map by each choice of directed roads, (roads, n).

        It is -inf where no way leads along them.
        """
        scales = [self._by_road(start, end, *taken) or NO_WAY for taken in roads]
        earliest_s, unit_s = np.array([(scale.earliest_s, scale.unit_s) for scale in scales]).T
        table = ShapeTable.of([self._travel.shape(start, end, self._at, self._weather)])
        densities = DriveDensities(earliest_s, unit_s, np.zeros(len(scales), dtype=np.int64), table)
        each = np.repeat(np.arange(len(scales)), len(elapsed_s))
        elapsed_s = np.tile(elapsed_s, len(scales))
        usual_s = float(self._usual_error_s(self.codes([start]), self.codes([end]))[0])
        if self._doubt is None or usual_s == 0:
            density = densities[each].log_density(elapsed_s)
        else:
            density = densities[each].log_density_by_clocks(elapsed_s, np.full(len(each), usual_s), self._doubt)
        return density.reshape(len(scales), -1)

    def log_density_by_roads(
        self, cameras: Sequence[tuple[str, str]], roads: Sequence[RoadsTaken], elapsed_s: Floats
    ) -> Floats:
        """Return the log density of each drive between two cameras of the map by its directed roads, (n,)."""
        scales = [self._by_road(*pair, *taken) or NO_WAY for pair, taken in zip(cameras, roads, strict=True)]
        earliest_s, unit_s = np.array([(scale.earliest_s, scale.unit_s) for scale in scales]).reshape(-1, 2).T
        starts, ends = (self.codes([pair[side] for pair in cameras]) for side in (0, 1))
        shape_row, table = self._travel.shape_table(starts, ends, self._at, self._weather)
        densities, usual_s = DriveDensities(earliest_s, unit_s, shape_row, table), self._usual_error_s(starts, ends)
        density, rows = densities.log_density(elapsed_s), np.flatnonzero(usual_s > 0)
        if self._doubt is not None:
            density[rows] = densities[rows].log_density_by_clocks(elapsed_s[rows], usual_s[rows], self._doubt)
        return density

    def roads_past(self, camera: str) -> tuple[int, ...]:
        """Return the directed edges that a camera sees; none for a camera that is not on the map."""
        if camera not in self._times.code_of:
            return ()
        return tuple(self._times.view_edge[self._times.views_of(camera)].tolist())

    def _densities(self, starts: Ints, ends: Ints) -> DriveDensities:
        """Return the distributions of drives between pairs of cameras."""
        shape_row, table = self._travel.shape_table(starts, ends, self._at, self._weather)
        return DriveDensities(*self._travel.scales(starts, ends, self._at), shape_row, table)

    def _scale_by_road(self, start: str, end: str, start_edge: int | None, end_edge: int | None) -> PairScale | None:
        leg = self._times.between(start, end, first_edge=start_edge, second_edge=end_edge)
        return self._travel.leg_scale(leg, self._at)

    def _usual_error_s(self, starts: Ints, ends: Ints) -> Floats:
        """Return the usual error of the time between two cameras: errors of two clocks add up (Cauchy's do exactly).

        A camera agrees with itself, and of a camera that is not on the map nothing is known anyway.
        """
        timed = (starts >= 0) & (ends >= 0) & (starts != ends)
        return np.where(timed, self._error_s[starts] + self._error_s[ends], 0.0)
