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

from reid.arrays import Flags, Floats, Ints
from roadgraph.delay_shape import ShapeTable
from roadgraph.pair_delays import PairScale
from roadgraph.travel_time import TravelTimes

STEP_S = 3.0
"""The errors of clocks are summed over steps of this many seconds."""
LEAST_ERROR_S = 1e-3
HALF = 0.41
"""Half of the errors of a normal distribution lie within this share of the interval that holds nine of ten."""
SMOOTH_S = 900.0
"""Longer drives spread so widely that an error of a minute changes nothing."""


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


USUAL_DOUBT = ClockDoubt()


@dataclass(frozen=True, eq=False)
class _Pairs:
    """The distributions of some pairs of cameras, in arrays of one shape: scale, and row in the table of shapes."""

    earliest_s: Floats
    unit_s: Floats
    shape_row: Ints
    table: ShapeTable
    is_on_map: Flags

    def each(self, rows: Any) -> "_Pairs":
        """Return the pairs of some rows, each with one more axis, for many times of each."""
        parts = (self.earliest_s, self.unit_s, self.shape_row, self.is_on_map)
        earliest_s, unit_s, shape_row, is_on_map = (part[rows][..., None] for part in parts)
        return _Pairs(earliest_s, unit_s, shape_row, self.table, is_on_map)

    def log_density(self, elapsed_s: Floats) -> Floats:
        """Return the log density of the true seconds between the cameras of each pair."""
        possible = elapsed_s > self.earliest_s
        u = np.log(np.where(possible, elapsed_s - self.earliest_s, 1.0) / np.where(possible, self.unit_s, 1.0))
        with np.errstate(invalid="ignore"):
            shape = self.table.log_density(self.shape_row, u)
            density = np.where(possible, shape - u - np.log(self.unit_s), -np.inf)
        return np.where(self.is_on_map, density, np.nan)


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
        pairs = self._pairs(starts, ends)
        density = pairs.log_density(elapsed_s)
        if self._doubt is None:
            return density
        usual_s = self._usual_error_s(starts, ends)
        rows = np.nonzero((usual_s > 0) & (np.abs(elapsed_s) <= SMOOTH_S))
        errors_s, log_share = self._errors(usual_s[rows])
        by_error = pairs.each(rows).log_density(elapsed_s[rows][:, None] - errors_s)
        density[rows] = np.logaddexp.reduce(by_error + log_share, axis=1)
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

    def log_density_by_road(
        self, start: str, end: str, elapsed_s: Floats, *, start_edge: int | None, end_edge: int | None
    ) -> Floats:
        """Return the log density between two cameras of the map, on the directed roads taken where they are known."""
        scale = self._by_road(start, end, start_edge, end_edge)
        usual_s = self._usual_error_s(self.codes([start]), self.codes([end]))
        if self._doubt is None or usual_s[0] == 0:
            return self._log_density_on(scale, start, end, elapsed_s)
        errors_s, log_share = self._errors(usual_s)
        by_error = self._log_density_on(scale, start, end, elapsed_s[:, None] - errors_s)
        return np.asarray(np.logaddexp.reduce(by_error + log_share, axis=1))

    def roads_past(self, camera: str) -> tuple[int, ...]:
        """Return the directed edges that a camera sees; none for a camera that is not on the map."""
        if camera not in self._times.code_of:
            return ()
        return tuple(self._times.view_edge[self._times.views_of(camera)].tolist())

    def _pairs(self, starts: Ints, ends: Ints) -> _Pairs:
        """Return the distributions of pairs of cameras."""
        shape_row, table = self._travel.shape_table(starts, ends, self._at, self._weather)
        return _Pairs(*self._travel.scales(starts, ends, self._at), shape_row, table, (starts >= 0) & (ends >= 0))

    def _log_density_on(self, scale: PairScale | None, start: str, end: str, elapsed_s: Floats) -> Floats:
        """Return the log density of the true seconds on known roads; -inf where no way leads along them."""
        if scale is None:
            return np.full(elapsed_s.shape, -np.inf)
        u = scale.to_u(elapsed_s)
        with np.errstate(invalid="ignore"):
            density = self._travel.shape(start, end, self._at, self._weather).log_density(u) - u - np.log(scale.unit_s)
        return np.where(np.isneginf(u), -np.inf, density)

    def _scale_by_road(self, start: str, end: str, start_edge: int | None, end_edge: int | None) -> PairScale | None:
        leg = self._times.between(start, end, first_edge=start_edge, second_edge=end_edge)
        return self._travel.leg_scale(leg, self._at)

    def _usual_error_s(self, starts: Ints, ends: Ints) -> Floats:
        """Return the usual error of the time between two cameras: errors of two clocks add up (Cauchy's do exactly).

        A camera agrees with itself, and of a camera that is not on the map nothing is known anyway.
        """
        timed = (starts >= 0) & (ends >= 0) & (starts != ends)
        return np.where(timed, self._error_s[starts] + self._error_s[ends], 0.0)

    def _errors(self, usual_s: Floats) -> tuple[Floats, Floats]:
        """Return the possible errors of two clocks in even steps, and (n, steps) the log probability of each."""
        doubt = self._doubt or USUAL_DOUBT
        steps = int(doubt.farthest_s // STEP_S)
        errors_s = STEP_S * np.arange(-steps, steps + 1, dtype=np.float64)
        # Few pairs of clocks differ in how sure they are.
        different_s, which = np.unique(np.maximum(usual_s, LEAST_ERROR_S), return_inverse=True)
        share = 1 / (1 + (errors_s / different_s[:, None]) ** 2)
        return errors_s, np.log(share / share.sum(axis=1, keepdims=True))[which]
