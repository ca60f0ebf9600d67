"""Read the clock that a recorder burnt into its pictures; it is believed if it advances as the footage does."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reid import boxes
from reid.clock.time_text import Order, has_date, has_word, is_half, possible_times
from reid.images import crop
from reid.plates.rapid import TextLine, find_text, read_line
from reid.vehicle import Box
from reid.video.frames import Frame, frame_at
from reid.video.timeline import Timeline

LOOKED_AT = (0.0, 0.47, 1.0)
"""Where to search for a clock, as shares of the first stretch of footage: the first picture may be black."""

PROBES = (0.0, 0.07, 0.19, 0.31, 0.47, 0.63, 0.82, 1.0)
"""Where to read it, as shares of the stretch; uneven, so that it is read at different moments of its second."""

STRETCH_S, LEAST_S = 20.0, 3.5
"""The clock is read in the first 20 seconds; in less than 3.5 it cannot be seen to run."""

MOST_REFINEMENTS = 8
"""Further readings that find when exactly its second begins."""

SLACK_S = 0.1
"""A clock may be drawn a little late or early."""

LEAST_RIGHT, LEAST_RIGHT_SHARE, LEAST_SECONDS = 4, 0.6, 3
"""The number and share of readings that must agree, and how many different seconds they must show."""

_ZERO = datetime(2000, 1, 1)

Places = tuple[Box, ...]
"""The boxes of a clock: one line of text, or date and time in a line each."""

ClockReading = tuple[float, float]
"""Seconds of footage, and the whole seconds that the clock shows then, counted from any origin."""


@dataclass(frozen=True, slots=True)
class BurntClock:
    """A running clock: `starts` is its time at the first frame, for each possible order of day and month.

    `text` is one reading of it; `right` of `read` readings agree; the start is known to `doubt_s`. It has no zone.
    """

    starts: Mapping[Order, datetime]
    text: str
    right: int
    read: int
    doubt_s: float


@dataclass(frozen=True, slots=True)
class NoClock:
    """The reason why no clock is believed."""

    reason: str


def read_burnt_clock(timeline: Timeline) -> BurntClock | NoClock:
    """Return the clock in the pictures of some footage, or why there is none."""
    stretch_s = min(STRETCH_S, timeline.duration_s - timeline.frame_s)
    if stretch_s < LEAST_S:
        return NoClock(f"{timeline.duration_s:.1f} s are too short to see a clock run")
    refused: NoClock | None = None
    for share in LOOKED_AT:
        for places, text in clock_candidates(frame_at(timeline, share * stretch_s)):
            found = ClockReader(timeline, places).clock(text, [probe * stretch_s for probe in PROBES])
            if isinstance(found, BurntClock):
                return found
            refused = refused or found
    return refused or NoClock("no text in its pictures is a date with a time of day")


@dataclass(frozen=True, slots=True)
class ClockRun:
    """At the start of the footage the clock stood between `low_s` and `high_s`, by `right` consistent readings."""

    low_s: float
    high_s: float
    right: int

    @property
    def start_s(self) -> float:
        """Return the best estimate of the clock at the start."""
        return (self.low_s + self.high_s) / 2

    @property
    def doubt_s(self) -> float:
        """Return how far off that estimate may be."""
        return abs(self.high_s - self.low_s) / 2

    def narrowed(self, reading: ClockReading) -> "ClockRun | None":
        """Return the narrower interval after one more reading; None if the reading does not fit."""
        low_s, high_s = _bounds(reading)
        if low_s > self.high_s + SLACK_S or high_s < self.low_s - SLACK_S:
            return None
        low_s, high_s = max(low_s, self.low_s), min(high_s, self.high_s)
        return ClockRun(min(low_s, high_s), max(low_s, high_s), self.right)

    def telling_moment_s(self, after_s: float) -> float:
        """Return the next moment whose reading halves the interval: when a second of the clock may just have begun."""
        return math.ceil(self.start_s + after_s) - self.start_s


def clock_run(readings: Sequence[ClockReading]) -> ClockRun | None:
    """Return the clock at the start of the footage by most of the readings; None if it does not run with it."""
    best: list[ClockReading] = []
    for time_s, shown_s in readings:
        fitting = [reading for reading in readings if _fits(shown_s - time_s, reading)]
        best = max(best, fitting, key=len)
    enough = max(LEAST_RIGHT, LEAST_RIGHT_SHARE * len(readings))
    if len(best) < enough or len({shown_s for _, shown_s in best}) < LEAST_SECONDS:
        return None
    bounds = [_bounds(reading) for reading in best]
    low_s, high_s = max(low_s for low_s, _ in bounds), min(high_s for _, high_s in bounds)
    return ClockRun(min(low_s, high_s), max(low_s, high_s), len(best))


@dataclass(frozen=True, slots=True)
class ClockReader:
    """Read the clock at fixed places of the pictures, at any time."""

    timeline: Timeline
    places: Places

    def clock(self, text: str, probes_s: Sequence[float]) -> BurntClock | NoClock:
        """Return the clock if its readings advance as the footage does."""
        readings = [reading for time_s in probes_s if (reading := self.at(time_s)) is not None]
        orders = sorted({order for _, times in readings for order in times})
        runs = {order: run for order in orders if (run := clock_run(seconds_in_order(readings, order))) is not None}
        if not runs:
            return NoClock(_why_not(text, readings))
        likely = max(runs, key=lambda order: runs[order].right)
        run = self._narrowed(runs[likely], likely)
        starts = {order: _start(run, runs[order].low_s - runs[likely].low_s) for order in runs}
        return BurntClock(starts, text, run.right, len(readings), round(run.doubt_s, 3))

    def _narrowed(self, run: ClockRun, order: Order) -> ClockRun:
        """Read the clock at the most informative moments until the start is known to a frame."""
        after_s = self.timeline.frame_s
        for _ in range(MOST_REFINEMENTS):
            if run.doubt_s <= self.timeline.frame_s / 2:
                break
            moment_s = run.telling_moment_s(after_s)
            reading = self.at(moment_s)
            fitting = [run.narrowed(shown) for shown in seconds_in_order([reading] if reading else [], order)]
            # a misread moment is read again a second later
            after_s = after_s if any(fitting) else moment_s + self.timeline.frame_s
            run = next((narrowed for narrowed in fitting if narrowed), run)
        return run

    def at(self, time_s: float) -> tuple[float, Mapping[Order, datetime]] | None:
        """Return the time of the frame and the possible times it shows; None if it shows none."""
        frame = frame_at(self.timeline, time_s)
        if frame is None:
            return None
        times = possible_times(" ".join(read_line(crop(frame.image, _widened(place))) for place in self.places))
        return (frame.time_s, times) if times else None


def clock_candidates(frame: Frame | None) -> list[tuple[Places, str]]:
    """Return the places and texts in a picture that hold a date with a time, in one line or in two near each other.

    AM or PM that stands by itself near the time is a part of it.
    """
    lines = find_text(frame.image) if frame is not None else []
    halves = [line for line in lines if is_half(line.text)]
    alone = [(line,) for line in lines if possible_times(line.text)]
    rest = [line for line in lines if not possible_times(line.text) and line not in halves]
    clocks = [
        *alone,
        *((date, time) for date in rest if has_date(date.text) and (time := _time_near(date, rest)) is not None),
    ]
    whole = [(*clock, *(half for half in halves if _near(clock[-1], half, wide=True))) for clock in clocks]
    return [
        (tuple(line.box for line in clock), text)
        for clock in whole
        if possible_times(text := " ".join(line.text for line in clock))
    ]


def _time_near(date: TextLine, lines: Sequence[TextLine]) -> TextLine | None:
    """Return the line near a date that makes a clock with it; None where more than one may be its time of day.

    Recorders count their minutes, too, and most write a word beside that.
    """
    near = [
        line for line in lines if line is not date and _near(date, line) and possible_times(f"{date.text} {line.text}")
    ]
    plain = [line for line in near if not has_word(line.text)]
    times = plain or near
    return times[0] if len(times) == 1 else None


def _near(first: TextLine, second: TextLine, *, wide: bool = False) -> bool:
    """Say whether two lines are in one row, or one close below the other; `wide` lets AM be smaller than its time."""
    height = min(first.box.height, second.box.height)
    across, down = boxes.gaps(boxes.to_array([first.box]), boxes.to_array([second.box]))[0, 0]
    in_row = abs(first.box.y - second.box.y) <= (1.0 if wide else 0.5) * height
    return bool(in_row or (across <= 4 * height and down <= height))


def _widened(place: Box) -> Box:
    """Return the place with room for wider digits."""
    high = place.height
    return Box(place.x - 0.5 * high, place.y - 0.15 * high, place.width + high, 1.3 * high)


def seconds_in_order(
    readings: Sequence[tuple[float, Mapping[Order, datetime]]], order: Order
) -> list[tuple[float, float]]:
    """Return the readings as seconds, in one order of day and month."""
    return [(time_s, (times[order] - _ZERO).total_seconds()) for time_s, times in readings if order in times]


def _start(run: ClockRun, days_s: float) -> datetime:
    """Return the start; another order of day and month is a number of whole days away."""
    return _ZERO + timedelta(seconds=round(run.start_s, 2), days=round(days_s / 86_400))


def _why_not(text: str, readings: Sequence[tuple[float, Mapping[Order, datetime]]]) -> str:
    times_read = {time for _, times in readings for time in times.values()}
    if len(readings) > 2 and len(times_read) == len(readings[0][1]):
        return f"the clock in its picture stands still ({text!r})"
    return f"{text!r} in its picture does not go on as the footage does"


def _bounds(reading: ClockReading) -> tuple[float, float]:
    """Return the interval of the clock at the start of the footage, by one reading of whole seconds."""
    time_s, shown_s = reading
    return shown_s - time_s, shown_s - time_s + 1.0


def _fits(low_s: float, reading: ClockReading) -> bool:
    """Say whether the lower bound `low_s` of the start, by one reading, is consistent with another reading."""
    earliest_s, latest_s = _bounds(reading)
    return earliest_s - SLACK_S <= low_s <= latest_s + SLACK_S
