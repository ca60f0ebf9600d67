"""Decide whether a clock that was read now and then runs as footage does, and what it said at the footage's start."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

SLACK_S = 0.1
"""A clock may be drawn a little late or early."""

LEAST_RIGHT, LEAST_RIGHT_SHARE, LEAST_SECONDS = 4, 0.6, 3
"""So many readings must agree, of so many different seconds."""

Reading = tuple[float, float]
"""Seconds of footage, and the whole seconds that the clock shows then, counted from anywhere."""


@dataclass(frozen=True, slots=True)
class ClockRun:
    """At the footage's start the clock stood between `low_s` and `high_s`, as `right` readings agree."""

    low_s: float
    high_s: float
    right: int

    @property
    def start_s(self) -> float:
        """Return what the clock said at the start, as near as is known."""
        return (self.low_s + self.high_s) / 2

    @property
    def doubt_s(self) -> float:
        """Return how far off that may be."""
        return abs(self.high_s - self.low_s) / 2

    def narrowed(self, reading: Reading) -> "ClockRun | None":
        """Return what is left of the doubt after one more reading; None if it does not fit."""
        low_s, high_s = _bounds(reading)
        if low_s > self.high_s + SLACK_S or high_s < self.low_s - SLACK_S:
            return None
        low_s, high_s = max(low_s, self.low_s), min(high_s, self.high_s)
        return ClockRun(min(low_s, high_s), max(low_s, high_s), self.right)

    def telling_moment_s(self, after_s: float) -> float:
        """Return the next moment of the footage whose reading halves the doubt: when a second may just have begun."""
        return math.ceil(self.start_s + after_s) - self.start_s


def clock_run(readings: Sequence[Reading]) -> ClockRun | None:
    """Return where the clock stood at the footage's start by most of the readings; None if it does not run with it."""
    best: list[Reading] = []
    for time_s, shown_s in readings:
        fitting = [one for one in readings if _fits(shown_s - time_s, one)]
        best = max(best, fitting, key=len)
    enough = max(LEAST_RIGHT, LEAST_RIGHT_SHARE * len(readings))
    if len(best) < enough or len({shown_s for _, shown_s in best}) < LEAST_SECONDS:
        return None
    low_s, high_s = max(_bounds(one)[0] for one in best), min(_bounds(one)[1] for one in best)
    return ClockRun(min(low_s, high_s), max(low_s, high_s), len(best))


def _bounds(reading: Reading) -> tuple[float, float]:
    """Return between what the clock stood at the footage's start, by one reading: it shows seconds that are full."""
    time_s, shown_s = reading
    return shown_s - time_s, shown_s - time_s + 1.0


def _fits(low_s: float, reading: Reading) -> bool:
    """Say whether a start at `low_s`, the latest that a reading bounds from below, is possible by another reading."""
    earliest_s, latest_s = _bounds(reading)
    return earliest_s - SLACK_S <= low_s <= latest_s + SLACK_S
