"""Doubt the clocks: two cameras whose clocks nobody compared may tell a drive longer or shorter than it was.

Most cameras are right to seconds, some are off by a minute, and nobody knows which. So the time that two clocks tell is
taken as the true one plus an error that is mostly small and seldom large (a Cauchy distribution, cut), and the error is
summed out. An arrival that true clocks would make impossible then speaks against a sighting, but does not exclude it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.inquiry.drives import Codes, RoadDrives

Floats = npt.NDArray[np.float64]

STEP_S = 3.0
SMOOTH_S = 900.0
"""Longer drives spread so widely that an error of a minute changes nothing."""


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """How far two clocks are apart: half of the pairs by less than `usual_s`, none by more than `farthest_s`."""

    usual_s: float = 3.0
    farthest_s: float = 120.0

    def share_below(self, error_s: Floats) -> Floats:
        """Return how likely the error is below each of these."""
        reach = np.arctan(self.farthest_s / self.usual_s)
        within = np.clip(error_s, -self.farthest_s, self.farthest_s)
        return np.asarray(0.5 + np.arctan(within / self.usual_s) / (2 * reach))


USUAL_DOUBT = ClockDoubt()


class DoubtedDrives:
    """Drives between cameras whose clocks may be wrong; those of `sure` have been put right."""

    def __init__(self, drives: RoadDrives, sure: Collection[str], doubt: ClockDoubt) -> None:
        self._drives, self._doubt = drives, doubt
        codes = drives.codes(sorted(sure))
        self._sure = codes[codes >= 0]

    def codes(self, cameras: Sequence[str]) -> Codes:
        """Return the number of each camera on the map, -1 where it is not on it."""
        return self._drives.codes(cameras)

    def log_density(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return log p(elapsed by the clocks | same vehicle) element by element."""
        starts, ends, elapsed_s = np.broadcast_arrays(starts, ends, elapsed_s)
        density = self._drives.log_density(starts, ends, elapsed_s)
        rows = np.nonzero(self._doubted(starts, ends) & (np.abs(elapsed_s) <= SMOOTH_S))
        errors_s, log_share = self._errors
        by_error = self._drives.log_density(
            starts[rows][:, None], ends[rows][:, None], elapsed_s[rows][:, None] - errors_s
        )
        density[rows] = np.logaddexp.reduce(by_error + log_share, axis=1)
        return density

    def log_possible(self, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
        """Return log P(the time was enough to drive there), whatever else was done on the way."""
        spare_s = self._drives.spare_s(starts, ends, elapsed_s)
        by_error = np.where(self._doubted(starts, ends), self._doubt.share_below(spare_s), spare_s > 0)
        with np.errstate(divide="ignore"):
            return np.where(np.isnan(spare_s), np.nan, np.log(by_error))

    def log_density_by_road(
        self, start: str, end: str, elapsed_s: Floats, *, start_edge: int | None, end_edge: int | None
    ) -> Floats:
        """Return the same between two cameras that are on the map, on the roads taken where they are known."""
        by_road, (errors_s, log_share) = self._drives.log_density_by_road, self._errors
        if not self._doubted(self.codes([start]), self.codes([end]))[0]:
            return by_road(start, end, elapsed_s, start_edge=start_edge, end_edge=end_edge)
        by_error = by_road(start, end, elapsed_s[:, None] - errors_s, start_edge=start_edge, end_edge=end_edge)
        return np.asarray(np.logaddexp.reduce(by_error + log_share, axis=1))

    def roads_past(self, camera: str) -> tuple[int, ...]:
        """Return the directed edges that a camera sees; none where the map does not have it."""
        return self._drives.roads_past(camera)

    def _doubted(self, starts: Codes, ends: Codes) -> npt.NDArray[np.bool_]:
        """Tell which pairs two clocks time, one of them never compared: a camera agrees with itself."""
        compared = np.isin(starts, self._sure) & np.isin(ends, self._sure)
        return np.asarray((starts >= 0) & (ends >= 0) & (starts != ends) & ~compared)

    @cached_property
    def _errors(self) -> tuple[Floats, Floats]:
        """Return errors in even steps, and the logarithm of how likely each is."""
        steps = int(self._doubt.farthest_s // STEP_S)
        errors_s = STEP_S * np.arange(-steps, steps + 1, dtype=np.float64)
        share = 1 / (1 + (errors_s / self._doubt.usual_s) ** 2)
        return errors_s, np.log(share / share.sum())
