"""Weigh that a vehicle which stays in the picture of one camera passes no other camera meanwhile.

Drives are weighed from best picture to best picture. A vehicle that waits or parks is in sight for much longer than
around its best picture, and whatever passes elsewhere in that time is another one; so is what the same camera sees
beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.search.drives import Drives
from index.search.gallery import Gallery
from index.search.question import Moment, Question
from reid.arrays import Flags, Floats, Ints

PASSING_S = 15.0
"""So long before and after its best picture a vehicle is in sight that only passes.

Two cameras so near to each other by road may see it at once.
"""

TWO_IN_ONE = 0.02
"""The share of long stays that are two vehicles taken for one: what passes elsewhere is never excluded by a stay."""

HARDLY = math.log(0.1)
"""A stay that leaves less than this of P(one vehicle can have made both) contradicts it."""

SLACK_STEP_S = 60.0
"""A time that may be off is weighed at moments at most so far apart."""

MOST_SLACK_S = 3600.0
"""A time that may be off by more tells nothing of how long a drive took."""


@dataclass(frozen=True, slots=True)
class Stays:
    """By which camera, from when and until when vehicles surely were in sight; both are the best picture of passing."""

    codes: Ints
    best_s: Floats
    came_s: Floats
    left_s: Floats

    @classmethod
    def of(cls, codes: Ints, best_s: Floats, first_s: Floats, last_s: Floats) -> "Stays":
        """Return the stays of sightings, from their first picture, their best and their last."""
        return cls(codes, best_s, np.minimum(best_s, first_s + PASSING_S), np.maximum(best_s, last_s - PASSING_S))

    def of_pairs(self, chosen: Flags) -> "Stays":
        """Return those of the pairs chosen of a table, whose rows or columns they are."""
        codes = np.broadcast_to(self.codes, chosen.shape)[chosen]
        times_s = (self.best_s, self.came_s, self.left_s)
        return Stays(codes, *(np.broadcast_to(time_s, chosen.shape)[chosen] for time_s in times_s))

    def later(self, shift_s: float) -> "Stays":
        """Return them so much later."""
        return Stays(self.codes, self.best_s + shift_s, self.came_s + shift_s, self.left_s + shift_s)

    def by_row(self) -> "Stays":
        """Return them as a column, to be compared with each of others."""
        return Stays(self.codes[:, None], self.best_s[:, None], self.came_s[:, None], self.left_s[:, None])


def log_meanwhile(drives: Drives, one: Stays, other: Stays) -> Floats:
    """Return by how much log P(one vehicle can have made both) falls as they stay: 0 where neither does.

    It is 0, too, by one camera that does not see both at once, as it may see a stay in pieces, between cameras that may
    see a vehicle at once, and where nothing is known.
    """
    possible = _log_possible_stays(drives, one, other)
    return np.where(_beside(one, other), math.log(TWO_IN_ONE), possible)


def _beside(one: Stays, other: Stays) -> Flags:
    """Return whether one camera saw two at once, of which one stays and the best pictures are of two moments."""
    at_once = (one.came_s < other.left_s) & (other.came_s < one.left_s)
    apart = np.abs(one.best_s - other.best_s) > PASSING_S
    return np.asarray((one.codes == other.codes) & (one.codes >= 0) & at_once & apart)


def _log_possible_stays(drives: Drives, one: Stays, other: Stays) -> Floats:
    """Return it by cameras that do not see a vehicle at once; most sightings only pass, and few pairs are weighed."""
    stays = (one.codes != other.codes) & ((one.left_s > one.came_s) | (other.left_s > other.came_s))
    one, other = one.of_pairs(stays), other.of_pairs(stays)
    codes = one.codes, other.codes
    of_stays = _either_way(drives, *codes, other.came_s - one.left_s, one.came_s - other.left_s)
    of_best = _either_way(drives, *codes, other.best_s - one.best_s, one.best_s - other.best_s)
    with np.errstate(invalid="ignore"):
        possible = np.clip(of_stays - of_best, math.log(TWO_IN_ONE), 0.0)
    nearest_s = np.fmin(drives.earliest_s(*codes), drives.earliest_s(*reversed(codes)))
    log_possible = np.zeros(stays.shape)
    log_possible[stays] = np.where((nearest_s > PASSING_S) & ~np.isnan(possible), possible, 0.0)
    return log_possible


def _either_way(drives: Drives, codes: Ints, others: Ints, after_s: Floats, before_s: Floats) -> Floats:
    there, back = drives.log_possible(codes, others, after_s), drives.log_possible(others, codes, before_s)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.logaddexp(there, back))


def excludes_elsewhere(drives: Drives, stays: Stays) -> Flags:
    """Return for each two sightings, (n, n), whether one vehicle hardly made both, as it stayed at another camera."""
    rows = stays.by_row()
    return np.asarray((rows.codes != stays.codes) & (log_meanwhile(drives, rows, stays) < HARDLY))


def log_meanwhile_of_start(question: Question) -> Floats:
    """Return it for each sighting of the gallery with the one that is asked about, (n,).

    Where the time asked about may be off, it is the one that speaks least against.
    """
    start, drives, gallery = question.start, question.drives, question.gallery
    if start is None or drives is None:
        return np.zeros(len(gallery))
    asked, others = stay_of(drives, start, question.target.stays_s), stays_of(drives, gallery, range(len(gallery)))
    shifts_s = shifts_of(question.query.slack_s) if question.query.slack_s <= MOST_SLACK_S else []
    possible = [_log_possible_stays(drives, asked.later(shift_s), others) for shift_s in shifts_s]
    most = np.max(possible, axis=0) if possible else np.zeros(len(gallery))
    return np.where(_beside(asked, others), math.log(TWO_IN_ONE), most)


def beside_start(question: Question, rows: Sequence[int]) -> Flags:
    """Return which sightings of some rows the camera saw at once with the vehicle that is asked about, (rows,)."""
    start, drives, gallery = question.start, question.drives, question.gallery
    if start is None or drives is None:
        return np.zeros(len(rows), dtype=np.bool_)
    return _beside(stay_of(drives, start, question.target.stays_s), stays_of(drives, gallery, rows))


def shifts_of(slack_s: float) -> list[float]:
    """Return how far a time that may be off by the slack is off, in even steps, none included."""
    steps = max(1, math.ceil(slack_s / SLACK_STEP_S)) if slack_s else 0
    return [slack_s * step / steps for step in range(-steps, steps + 1)] if steps else [0.0]


def stay_of(drives: Drives, start: Moment, in_sight_s: tuple[float, float]) -> Stays:
    """Return the stay that is asked about, in sight for so long before its moment and after it."""
    at, (before_s, after_s) = np.array([start.time_s]), in_sight_s
    return Stays.of(drives.codes([start.camera]), at, at - before_s, at + after_s)


def stays_of(drives: Drives, gallery: Gallery, rows: Sequence[int]) -> Stays:
    """Return the stays of some rows of a gallery."""
    cameras, chosen = [gallery.cameras[row] for row in rows], list(rows)
    return Stays.of(drives.codes(cameras), gallery.time_s[chosen], *(edge[chosen] for edge in gallery.in_sight_s))
