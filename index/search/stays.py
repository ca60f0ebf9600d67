"""Weigh that a vehicle which stays in the picture of one camera passes no other camera meanwhile.

Drives are weighed from best picture to best picture. A vehicle that waits or parks is in sight for much longer than
around its best picture, and whatever passes elsewhere in that time is another one.
"""

import math
from dataclasses import dataclass

import numpy as np

from index.search.drives import Drives
from index.search.question import Question
from reid.arrays import Floats, Ints

PASSING_S = 15.0
"""So long before and after its best picture a vehicle is in sight that only passes.

Two cameras so near to each other by road may see it at once.
"""

TWO_IN_ONE = 0.02
"""The share of long stays that are two vehicles taken for one: what passes elsewhere is never excluded by a stay."""


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

    def by_row(self) -> "Stays":
        """Return them as a column, to be compared with each of others."""
        return Stays(self.codes[:, None], self.best_s[:, None], self.came_s[:, None], self.left_s[:, None])


def log_meanwhile(drives: Drives, one: Stays, other: Stays) -> Floats:
    """Return by how much log P(one vehicle can have made both) falls as they stay: 0 where neither does.

    It is 0, too, by one camera, which may see a stay in pieces, between cameras that may see a vehicle at once, and
    where nothing is known.
    """
    codes = one.codes, other.codes
    of_stays = _either_way(drives, *codes, other.came_s - one.left_s, one.came_s - other.left_s)
    of_best = _either_way(drives, *codes, other.best_s - one.best_s, one.best_s - other.best_s)
    with np.errstate(invalid="ignore"):
        possible = np.clip(of_stays - of_best, math.log(TWO_IN_ONE), 0.0)
    stays = (one.codes != other.codes) & ((one.left_s > one.came_s) | (other.left_s > other.came_s))
    nearest_s = np.fmin(drives.earliest_s(one.codes, other.codes), drives.earliest_s(other.codes, one.codes))
    return np.where(stays & (nearest_s > PASSING_S) & ~np.isnan(possible), possible, 0.0)


def _either_way(drives: Drives, codes: Ints, others: Ints, after_s: Floats, before_s: Floats) -> Floats:
    there, back = drives.log_possible(codes, others, after_s), drives.log_possible(others, codes, before_s)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.logaddexp(there, back))


def log_meanwhile_of_start(question: Question) -> Floats:
    """Return it for each sighting of the gallery with the one that is asked about, (n,)."""
    start, drives, gallery = question.start, question.drives, question.gallery
    if start is None or drives is None:
        return np.zeros(len(gallery))
    before_s, after_s = question.target.stays_s
    at = np.array([start.time_s])
    asked = Stays.of(drives.codes([start.camera]), at, at - before_s, at + after_s)
    return log_meanwhile(drives, asked, Stays.of(drives.codes(gallery.cameras), gallery.time_s, *gallery.in_sight_s))
