"""Ask the road map how long a drive between two cameras takes, whichever roads past them were taken."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from roadgraph.delay_shape import ShapeTable
from roadgraph.travel_time import LEAST_SCALE_S, PairScale, TravelTimes

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


class Drives(Protocol):
    """What is known of travel times, as log densities per second; NaN where the map does not have a camera."""

    def codes(self, cameras: Sequence[str]) -> Codes:
        """Return the number of each camera on the map, -1 where it is not on it."""

    def log_density(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return log p(elapsed | same vehicle) element by element, -inf before the earliest."""

    def log_possible(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return log P(the time is enough to drive there), whatever else was done on the way."""

    def log_density_by_road(
        self, start: str, end: str, elapsed_s: Floats, *, start_edge: int | None, end_edge: int | None
    ) -> Floats:
        """Return the same between two cameras that are on the map, on the roads taken where they are known."""

    def roads_past(self, camera: str) -> tuple[int, ...]:
        """Return the directed edges that a camera sees; none where the map does not have it."""


class UnknownDrives:
    """No road map: nothing is known of any drive."""

    def codes(self, cameras: Sequence[str]) -> Codes:
        """Return -1 for each."""
        return np.full(len(cameras), -1, dtype=np.int64)

    def log_density(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return NaN for each."""
        return np.full(elapsed_s.shape, np.nan)

    def log_possible(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return NaN for each."""
        return np.full(elapsed_s.shape, np.nan)

    def log_density_by_road(
        self, start: str, end: str, elapsed_s: Floats, *, start_edge: int | None, end_edge: int | None
    ) -> Floats:
        """Return NaN for each."""
        return np.full(elapsed_s.shape, np.nan)

    def roads_past(self, camera: str) -> tuple[int, ...]:
        """Return nothing."""
        return ()


class RoadDrives:
    """Travel times by the road map and what passages taught; `at` chooses the class of hours."""

    def __init__(self, travel: TravelTimes, at: datetime | None = None) -> None:
        times = travel.times
        if times is None:
            raise ValueError("travel times without a camera matrix tell no drives: use UnknownDrives")
        self._travel, self._times, self._at = travel, times, at
        self._code = {camera: number for number, camera in enumerate(times.ids)}
        self._earliest_s = times.earliest_s(slack=travel.slack)
        usual_s = times.per_camera(times.usual_s)
        with np.errstate(invalid="ignore"):
            self._unit_s = np.fmax(usual_s - self._earliest_s, LEAST_SCALE_S)
        self._by_road = lru_cache(maxsize=100_000)(self._scale_by_road)

    def codes(self, cameras: Sequence[str]) -> Codes:
        """Return the number of each camera on the map, -1 where it is not on it."""
        return np.array([self._code.get(camera, -1) for camera in cameras], dtype=np.int64)

    def log_density(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return log p(elapsed | same vehicle) element by element, -inf before the earliest."""
        starts, ends, elapsed_s = np.broadcast_arrays(starts, ends, elapsed_s)
        earliest_s, unit_s = self._earliest_s[starts, ends], self._unit_s[starts, ends]
        possible = elapsed_s > earliest_s
        u = np.log(np.where(possible, elapsed_s - earliest_s, 1.0) / np.where(possible, unit_s, 1.0))
        rows, table = self._shapes
        shape = table.log_density(rows[starts, ends], u)
        with np.errstate(invalid="ignore"):
            density = np.where(possible, shape - u - np.log(unit_s), -np.inf)
        return np.where((starts < 0) | (ends < 0), np.nan, density)

    def log_possible(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return 0 where the time is enough to drive there, -inf where it is not."""
        spare_s = self.spare_s(starts, ends, elapsed_s)
        return np.where(np.isnan(spare_s), np.nan, np.where(spare_s > 0, 0.0, -np.inf))

    def spare_s(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return how many seconds more than the least possible each drive took; NaN where a camera is off the map."""
        return np.where((starts < 0) | (ends < 0), np.nan, elapsed_s - self._earliest_s[starts, ends])

    def log_density_by_road(
        self, start: str, end: str, elapsed_s: Floats, *, start_edge: int | None, end_edge: int | None
    ) -> Floats:
        """Return the same between two cameras that are on the map, on the roads taken where they are known."""
        scale = self._by_road(start, end, start_edge, end_edge)
        if scale is None:
            return np.full(elapsed_s.shape, -np.inf)
        u = scale.to_u(elapsed_s)
        with np.errstate(invalid="ignore"):
            density = self._travel.shape(start, end, self._at).log_density(u) - u - np.log(scale.unit_s)
        return np.where(np.isneginf(u), -np.inf, density)

    def roads_past(self, camera: str) -> tuple[int, ...]:
        """Return the directed edges that a camera sees; none where the map does not have it."""
        if camera not in self._code:
            return ()
        return tuple(self._times.view_edge[self._times.views_of(camera)].tolist())

    @cached_property
    def _shapes(self) -> tuple[Codes, ShapeTable]:
        """Return the row of each pair of cameras in a table of shapes; row 0 is for pairs that taught nothing."""
        travel, shapes = self._travel, [self._travel.all_pairs]
        rows = np.zeros((len(self._code), len(self._code)), dtype=np.int64)
        for first, second in travel.pairs:
            if first in self._code and second in self._code:
                rows[self._code[first], self._code[second]] = len(shapes)
                shapes.append(travel.shape(first, second, self._at))
        return rows, ShapeTable.of(shapes)

    def _scale_by_road(self, start: str, end: str, start_edge: int | None, end_edge: int | None) -> PairScale | None:
        leg = self._times.between(start, end, first_edge=start_edge, second_edge=end_edge)
        return PairScale.of(leg.free_s, leg.usual_s, self._travel.slack) if np.isfinite(leg.free_s) else None
