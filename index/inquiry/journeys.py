"""Say how well sightings fit the drive of one vehicle: by the time from anchor to sighting, and by the road taken.

An anchor is a sighting that is taken as the wanted vehicle's: the one asked about, and others once they are all but
certain. All times are true time in seconds from one common moment, as far as the clocks are known; a density is per
second, its logarithm NaN where no road map, no place or no time is known, and -inf where nobody drives so fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.inquiry.drives import Codes, Drives

Floats = npt.NDArray[np.float64]

SAME_PASSAGE_S = 15.0
"""Two sightings on one camera so near in time can be one passage, seen in two pieces: no drive lies between them."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where and when a vehicle surely was, and on which directed road, if that is known."""

    camera: str
    time_s: float
    edge: int | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """How well sightings fit a drive: log density of driving straight there, log P(the time is enough at all)."""

    log_density: Floats
    log_possible: Floats


def fit_of_each(drives: Drives, anchors: Sequence[Moment], cameras: Sequence[str], times_s: Floats) -> Fit:
    """Return the fit of each sighting, given the anchors before and after it, (n,).

    Between two anchors a drive must leave the one and reach the other: p(a to i) p(i to b) / p(a to b).
    """
    ordered = sorted(anchors, key=lambda anchor: anchor.time_s)
    codes, following = drives.codes(cameras), np.searchsorted([one.time_s for one in ordered], times_s, side="right")
    density, possible = np.full(len(times_s), np.nan), np.full(len(times_s), np.nan)
    for gap in np.unique(following).tolist():
        rows = np.flatnonzero(following == gap)
        before = ordered[gap - 1] if gap > 0 else None
        after = ordered[gap] if gap < len(ordered) else None
        fit = _fit_between(drives, before, after, codes[rows], times_s[rows])
        density[rows], possible[rows] = fit.log_density, fit.log_possible
    return Fit(density, possible)


def drives_between(drives: Drives, cameras: Sequence[str], times_s: Floats) -> Fit:
    """Return the fit of driving from each row to each column that is not earlier, (n, n); to others there is no way."""
    codes, elapsed_s = drives.codes(cameras), times_s[None, :] - times_s[:, None]
    fit = _fit(drives, codes[:, None], codes[None, :], elapsed_s)
    return Fit(*(np.where(elapsed_s >= 0, part, -np.inf) for part in (fit.log_density, fit.log_possible)))


def _fit_between(drives: Drives, before: Moment | None, after: Moment | None, codes: Codes, times_s: Floats) -> Fit:
    if before is None or after is None:
        return _fit_beside(drives, before or after, codes, times_s)
    start, end = drives.codes([before.camera]), drives.codes([after.camera])
    arriving = _fit(drives, start, codes, times_s - before.time_s)
    leaving = _fit(drives, codes, end, after.time_s - times_s)
    whole = _fit(drives, start, end, np.array([after.time_s - before.time_s])).log_density[0]
    if not np.isfinite(whole):
        return Fit(
            *(np.fmax(getattr(arriving, part), getattr(leaving, part)) for part in ("log_density", "log_possible"))
        )
    density = arriving.log_density + leaving.log_density - whole
    return Fit(density, arriving.log_possible + leaving.log_possible)


def _fit_beside(drives: Drives, anchor: Moment | None, codes: Codes, times_s: Floats) -> Fit:
    """Return the fit of driving from the only anchor or to it: where clocks err, either may be first."""
    if anchor is None:
        return Fit(np.full(len(times_s), np.nan), np.full(len(times_s), np.nan))
    place, elapsed_s = drives.codes([anchor.camera]), times_s - anchor.time_s
    there, back = _fit(drives, place, codes, elapsed_s), _fit(drives, codes, place, -elapsed_s)
    with np.errstate(invalid="ignore"):
        density = np.logaddexp(there.log_density, back.log_density)
        possible = np.minimum(np.logaddexp(there.log_possible, back.log_possible), 0.0)
    return Fit(np.asarray(density), np.asarray(possible))


def _fit(drives: Drives, starts: Codes, ends: Codes, elapsed_s: Floats) -> Fit:
    one_passage = (starts == ends) & (np.abs(elapsed_s) <= SAME_PASSAGE_S)
    density, possible = (tell(starts, ends, elapsed_s) for tell in (drives.log_density, drives.log_possible))
    return Fit(np.where(one_passage, np.nan, density), np.where(one_passage, np.nan, possible))
