"""Say how well sightings fit the drive of one vehicle: by the time from anchor to sighting, and by the road taken.

An anchor is a sighting that is taken as the wanted vehicle's: the one asked about, and others once they are all but
certain. All times are true time in seconds from one common moment; a density is per second, its logarithm NaN where
no road map, no place or no time is known, and -inf where nobody drives so fast.
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


def fit_of_each(drives: Drives, anchors: Sequence[Moment], cameras: Sequence[str], times_s: Floats) -> Floats:
    """Return the log density of each sighting, given the anchors before and after it, (n,).

    Between two anchors a drive must leave the one and reach the other: p(a to i) p(i to b) / p(a to b).
    """
    ordered = sorted(anchors, key=lambda anchor: anchor.time_s)
    codes, following = drives.codes(cameras), np.searchsorted([one.time_s for one in ordered], times_s, side="right")
    density = np.full(len(times_s), np.nan)
    for gap in np.unique(following).tolist():
        rows = np.flatnonzero(following == gap)
        before = ordered[gap - 1] if gap > 0 else None
        after = ordered[gap] if gap < len(ordered) else None
        density[rows] = _fit_between(drives, before, after, codes[rows], times_s[rows])
    return density


def drives_between(drives: Drives, cameras: Sequence[str], times_s: Floats) -> Floats:
    """Return the log density of driving from each row to each column that is not earlier, (n, n); others are -inf."""
    codes, elapsed_s = drives.codes(cameras), times_s[None, :] - times_s[:, None]
    return np.where(elapsed_s >= 0, _density(drives, codes[:, None], codes[None, :], elapsed_s), -np.inf)


def _fit_between(drives: Drives, before: Moment | None, after: Moment | None, codes: Codes, times_s: Floats) -> Floats:
    arriving = leaving = np.full(len(times_s), np.nan)
    if before is not None:
        arriving = _density(drives, drives.codes([before.camera]), codes, times_s - before.time_s)
    if after is not None:
        leaving = _density(drives, codes, drives.codes([after.camera]), after.time_s - times_s)
    if before is None or after is None:
        return leaving if before is None else arriving
    start, end = drives.codes([before.camera]), drives.codes([after.camera])
    whole = _density(drives, start, end, np.array([after.time_s - before.time_s]))[0]
    return np.asarray(arriving + leaving - whole if np.isfinite(whole) else np.fmax(arriving, leaving))


def _density(drives: Drives, starts: Codes, ends: Codes, elapsed_s: Floats) -> Floats:
    one_passage = (starts == ends) & (elapsed_s <= SAME_PASSAGE_S)
    return np.where(one_passage, np.nan, drives.log_density(starts, ends, elapsed_s))
