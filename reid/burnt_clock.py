"""Read the clock that a recorder burnt into its pictures; it is believed if it runs as the footage does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from reid import boxes
from reid.clock_run import ClockRun, clock_run
from reid.clock_text import Order, possible_times
from reid.images import crop
from reid.plates.text import TextLine, find_text, read_line
from reid.timeline import Timeline
from reid.vehicle import Box
from reid.video import Frame, frame_at

LOOKED_AT = (0.0, 0.47, 1.0)
"""Where to look for a clock, as shares of the first stretch of footage: the first picture may be black."""

PROBES = (0.0, 0.07, 0.19, 0.31, 0.47, 0.63, 0.82, 1.0)
"""Where to read it: unevenly, so that it is read at different moments of its second."""

STRETCH_S, LEAST_S = 20.0, 3.5
"""The clock is read in the first 20 seconds; in less than that it cannot be seen to run."""

MOST_LOOKS = 8
"""Further readings that find out when exactly its second begins."""

_ZERO = datetime(2000, 1, 1)

Places = tuple[Box, ...]
"""Where a clock stands: in one line of text, or date and time each in a line of its own."""


@dataclass(frozen=True, slots=True)
class BurntClock:
    """A clock that runs: `starts` is what it said at the first frame, by the order of day and month that is meant.

    `text` is what it read like, `right` of `read` readings agree, the start is known to `doubt_s`. It has no zone.
    """

    starts: Mapping[Order, datetime]
    text: str
    right: int
    read: int
    doubt_s: float


@dataclass(frozen=True, slots=True)
class NoClock:
    """Why no clock is believed."""

    reason: str


def read_burnt_clock(timeline: Timeline) -> BurntClock | NoClock:
    """Return the clock in the pictures of some footage, or why there is none to go by."""
    stretch_s = min(STRETCH_S, timeline.duration_s - timeline.frame_s)
    if stretch_s < LEAST_S:
        return NoClock(f"{timeline.duration_s:.1f} s are too short to see a clock run")
    refused: NoClock | None = None
    for share in LOOKED_AT:
        for places, text in _candidates(frame_at(timeline, share * stretch_s)):
            found = _Reader(timeline, places).clock(text, [probe * stretch_s for probe in PROBES])
            if isinstance(found, BurntClock):
                return found
            refused = refused or found
    return refused or NoClock("no text in its pictures is a date with a time of day")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Read one place of the pictures at any time."""

    timeline: Timeline
    places: Places

    def clock(self, text: str, probes_s: Sequence[float]) -> BurntClock | NoClock:
        """Return the clock if what is read goes on as the footage does."""
        readings = [reading for time_s in probes_s if (reading := self._at(time_s)) is not None]
        orders = sorted({order for _, times in readings for order in times})
        runs = {order: run for order in orders if (run := clock_run(_seconds(readings, order))) is not None}
        if not runs:
            return NoClock(_why_not(text, readings))
        likely = max(runs, key=lambda order: runs[order].right)
        run = self._narrowed(runs[likely], likely)
        starts = {order: _start(run, runs[order].low_s - runs[likely].low_s) for order in runs}
        return BurntClock(starts, text, run.right, len(readings), round(run.doubt_s, 3))

    def _narrowed(self, run: ClockRun, order: Order) -> ClockRun:
        """Look at the moments that tell most, until the start is known to a frame."""
        after_s = self.timeline.frame_s
        for _ in range(MOST_LOOKS):
            if run.doubt_s <= self.timeline.frame_s / 2:
                break
            moment_s = run.telling_moment_s(after_s)
            reading = self._at(moment_s)
            fitting = [run.narrowed(one) for one in _seconds([reading] if reading else [], order)]
            # What is misread there is read a second later.
            after_s = after_s if any(fitting) else moment_s + self.timeline.frame_s
            run = next((one for one in fitting if one), run)
        return run

    def _at(self, time_s: float) -> tuple[float, Mapping[Order, datetime]] | None:
        frame = frame_at(self.timeline, time_s)
        if frame is None:
            return None
        times = possible_times(" ".join(read_line(crop(frame.image, _widened(place))) for place in self.places))
        return (frame.time_s, times) if times else None


def _candidates(frame: Frame | None) -> list[tuple[Places, str]]:
    """Return where a picture shows a date with a time, in one line or in two near each other."""
    lines = find_text(frame.image) if frame is not None else []
    alone = [((line.box,), line.text) for line in lines if possible_times(line.text)]
    rest = [line for line in lines if not possible_times(line.text)]
    return alone + [
        ((one.box, other.box), text)
        for one, other in product(rest, rest)
        if one is not other and _near(one, other) and possible_times(text := f"{one.text} {other.text}")
    ]


def _near(one: TextLine, other: TextLine) -> bool:
    """Say whether two lines stand in one row, or one close below the other."""
    height = min(one.box.height, other.box.height)
    across, down = boxes.gaps(boxes.to_array([one.box]), boxes.to_array([other.box]))[0, 0]
    in_row = abs(one.box.y - other.box.y) <= 0.5 * height
    return bool(in_row or (across <= 4 * height and down <= height))


def _widened(place: Box) -> Box:
    """Return the place with room for wider digits."""
    high = place.height
    return Box(place.x - 0.5 * high, place.y - 0.15 * high, place.width + high, 1.3 * high)


def _seconds(readings: Sequence[tuple[float, Mapping[Order, datetime]]], order: Order) -> list[tuple[float, float]]:
    return [(time_s, (times[order] - _ZERO).total_seconds()) for time_s, times in readings if order in times]


def _start(run: ClockRun, days_s: float) -> datetime:
    """Return the start; another order of day and month is so many whole days away."""
    return _ZERO + timedelta(seconds=round(run.start_s, 2), days=round(days_s / 86_400))


def _why_not(text: str, readings: Sequence[tuple[float, Mapping[Order, datetime]]]) -> str:
    shown = {time for _, times in readings for time in times.values()}
    if len(readings) > 2 and len(shown) == len(readings[0][1]):
        return f"the clock in its picture stands still ({text!r})"
    return f"{text!r} in its picture does not go on as the footage does"
