"""Draw the footage of cameras as a table: a bar for each hour or day of the period shown, and facts in words."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from html import escape

from index.access.coverage import HOUR, CameraCoverage
from ui.web import words
from ui.web.language import say

MOST_HOURS, MOST_DAYS = 48, 31
"""Footage of more than so many hours is shown by the day; of more days, the last ones are shown."""

DAY = timedelta(days=1)
MOST_LABELS = 12
LEAST_S = 60.0
"""Of less footage than this no number an hour is told."""


@dataclass(frozen=True, slots=True)
class Period:
    """The period shown, in parts of an hour or a day; the first and the last part may be shorter."""

    parts: tuple[tuple[datetime, datetime], ...]
    by_day: bool

    @property
    def start(self) -> datetime:
        """Return when the period starts."""
        return self.parts[0][0]

    @property
    def end(self) -> datetime:
        """Return when the period ends."""
        return self.parts[-1][1]


def period_of(start: datetime, end: datetime, zone: tzinfo) -> Period:
    """Return the period of footage: its hours where they are few, else its last days by the calendar of the zone."""
    by_day = end - start > MOST_HOURS * HOUR
    if by_day:
        start = max(start, _midnight(end, zone, -(MOST_DAYS - 1)))
    parts, at = [], start
    while at < end:
        after = _midnight(at, zone, 1) if by_day else at.replace(minute=0, second=0, microsecond=0) + HOUR
        parts.append((at, min(after, end)))
        at = after
    return Period(tuple(parts), by_day)


def coverage_table(found: Sequence[CameraCoverage], period: Period, zone: tzinfo) -> str:
    """Return a row a camera as HTML: its bars, how long, the last frame, sightings an hour, and problems in words."""
    facts = (say("Footage"), say("Last frame"), say("Sightings"), say("Sightings an hour"), say("Problems"))
    columns = "".join(f"<th>{escape(fact)}</th>" for fact in facts)
    head = f"<tr><th>{escape(say('Camera'))}</th><th>{_labels(period, zone)}</th>{columns}</tr>"
    rows = "".join(_row(one, period, zone) for one in found)
    name = escape(say("Footage by camera"), quote=True)
    return f'<div class="rt-hours" role="region" tabindex="0" aria-label="{name}"><table>{head}{rows}</table></div>'


def seconds_by_part(hours: Mapping[datetime, float], period: Period) -> list[float]:
    """Return the seconds of footage in each part of a period; an hour counts in the first part that it touches."""
    ends = [end for _, end in period.parts]
    found = [0.0] * len(ends)
    for hour, seconds in hours.items():
        found[min(bisect_right(ends, hour), len(ends) - 1)] += seconds
    return found


def problem_words(problem_s: Mapping[str, float]) -> str:
    """Return the problems of a camera and how long each lasted, the longest first."""
    longest = sorted(problem_s.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{say(name)} {words.span(long)}" for name, long in longest)


def _midnight(time: datetime, zone: tzinfo, days: int) -> datetime:
    """Return the midnight that starts the day of a time, or one so many days later."""
    local = time.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return (local + days * DAY).replace(tzinfo=zone).astimezone(time.tzinfo)


def _labels(period: Period, zone: tzinfo) -> str:
    """Return the names of the parts, as many as there is room for."""
    step = -(-len(period.parts) // MOST_LABELS)
    cells = []
    for number, (start, end) in enumerate(period.parts):
        text = words.day(start, zone) if period.by_day else words.clock(start, zone)[:5]
        has_room = number % step == 0 and len(period.parts) - number > step // 2
        shown = escape(text) if has_room else ""
        cells.append(f'<span style="flex:{(end - start).total_seconds():.0f}">{shown}</span>')
    return f'<div class="rt-lane rt-labels">{"".join(cells)}</div>'


def _row(one: CameraCoverage, period: Period, zone: tzinfo) -> str:
    parts = zip(period.parts, seconds_by_part(one.hours, period), strict=True)
    lane = "".join(_bar(one.camera, part, seconds, period, zone) for part, seconds in parts)
    seconds = sum(one.hours.values())
    problems = problem_words(one.problem_s) or ("" if seconds else say("no footage"))
    last = words.stamp(one.last, zone) if one.last else say("never")
    rate = f"{one.sightings / seconds * 3600:,.0f}" if seconds >= LEAST_S else "–"
    facts = "".join(f"<td>{escape(fact)}</td>" for fact in (words.span(seconds), last, f"{one.sightings:,}", rate))
    bad = f'<td class="rt-bad">{escape(problems)}</td>'
    return (
        f'<tr><th>{escape(one.camera)}</th><td class="rt-wide"><div class="rt-lane">{lane}</div></td>{facts}{bad}</tr>'
    )


def _bar(camera: str, part: tuple[datetime, datetime], seconds: float, period: Period, zone: tzinfo) -> str:
    """Return the bar of one part: as wide as the part is long, filled as far as there is footage, hatched without."""
    start, end = part
    whole = (end - start).total_seconds()
    when = words.day(start, zone) if period.by_day else words.stamp(start, zone)
    said = words.span(seconds) if seconds else say("no footage")
    title = escape(f"{camera}, {when}: {said}", quote=True)
    fill = f'<i style="width:{min(1.0, seconds / whole):.1%}"></i>' if seconds else ""
    return (
        f'<span class="rt-hour{"" if seconds else " rt-none"}" style="flex:{whole:.0f}" title="{title}">{fill}</span>'
    )
