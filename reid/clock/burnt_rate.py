"""Read the clock in the pictures from the beginning to the end of some footage, and tell how fast the footage runs.

Footage of 21 frames a second that was stored as if it had 25 is shorter than it was: the clock in its pictures then
advances 1.19 s in each second of it. One that advances evenly is believed, whatever its rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from reid.clock.burnt_clock import ClockReader, ClockReading, NoClock, clock_candidates, seconds_in_order
from reid.video.frames import frame_at
from reid.video.timeline import Timeline

LOOKED_AT = (0.02, 0.5)
PROBES = tuple(np.linspace(0.0, 1.0, 16).tolist())
"""Where to search for the clock, and where to read it, as shares of the footage."""

LEAST_S = 60.0
"""Over less time, whole seconds tell the rate too roughly."""
SLOWEST, FASTEST = 0.5, 2.0
FIT_S = 1.0
"""A reading of whole seconds fits if it is so near to the line."""
LEAST_RIGHT, LEAST_RIGHT_SHARE = 6, 0.6


@dataclass(frozen=True, slots=True)
class BurntRate:
    """The seconds that the clock advances in a second of footage, and how far off that may be.

    `text` is one reading of it; `right` of `read` readings lie on one line.
    """

    rate: float
    doubt: float
    text: str
    right: int
    read: int


def read_burnt_rate(timeline: Timeline) -> BurntRate | NoClock:
    """Return how fast the clock in the pictures of some footage runs, or why that cannot be told."""
    long_s = timeline.duration_s - timeline.frame_s
    if long_s < LEAST_S:
        return NoClock(f"{timeline.duration_s:.0f} s are too short to tell how fast a clock runs")
    refused: NoClock | None = None
    for share in LOOKED_AT:
        for places, text in clock_candidates(frame_at(timeline, share * long_s)):
            reader = ClockReader(timeline, places)
            readings = [found for probe in PROBES if (found := reader.at(probe * long_s)) is not None]
            orders = sorted({order for _, times in readings for order in times})
            lines = [line for order in orders if (line := clock_line(seconds_in_order(readings, order))) is not None]
            if lines:
                rate, doubt, right = max(lines, key=lambda line: line[2])
                return BurntRate(rate, doubt, text, right, len(readings))
            refused = refused or NoClock(f"{text!r} in its picture does not advance evenly")
    return refused or NoClock("no text in its pictures is a date with a time of day")


def clock_line(readings: Sequence[ClockReading]) -> tuple[float, float, int] | None:
    """Return the rate of most of the readings, how far off it may be, and how many they are; None without a line."""
    if len(readings) < LEAST_RIGHT:
        return None
    time_s, shown_s = np.array(readings, dtype=np.float64).T
    least_s = np.ptp(time_s) / 3
    best = np.zeros(len(readings), dtype=bool)
    for one, other in combinations(range(len(readings)), 2):
        apart_s = time_s[other] - time_s[one]
        slope = (shown_s[other] - shown_s[one]) / apart_s if apart_s >= least_s > 0 else 0.0
        if SLOWEST <= slope <= FASTEST:
            fits = np.abs(shown_s - shown_s[one] - slope * (time_s - time_s[one])) <= FIT_S
            best = fits if fits.sum() > best.sum() else best
    if best.sum() < max(LEAST_RIGHT, LEAST_RIGHT_SHARE * len(readings)):
        return None
    rate = float(np.polyfit(time_s[best], shown_s[best], 1)[0])
    return rate, FIT_S / float(np.ptp(time_s[best])), int(best.sum())
