"""Show the form for the time of a question, with its time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from html import escape
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from ui.web import words

_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?")


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """When the vehicle was seen: `moment` is None where not known, `problem` is set where it cannot be read."""

    zone: ZoneInfo
    day: date
    moment: datetime | None = None
    problem: str | None = None

    def at(self, clock: time) -> datetime:
        """Return a time of the same day and zone."""
        return datetime.combine(self.day, clock, self.zone).astimezone(UTC)


def ask_time(likely: datetime | None) -> TimeChoice:
    """Show day, time and zone; the default day is that of `likely`, a moment of the archive's footage."""
    zone = ZoneInfo(st.session_state.get("zone") or browser_zone())
    start = (likely or datetime.now(UTC)).astimezone(zone).date()
    left, middle, right = st.columns([1.1, 1, 1.4], vertical_alignment="bottom")
    day = left.date_input("Day", start, key="day", format="YYYY-MM-DD") or start
    clock = middle.text_input("Time", key="clock", placeholder="08:41:07")
    zones = sorted(available_timezones())
    right.selectbox("Time zone", zones, index=zones.index(zone.key), key="zone")
    when = read_when(day, clock, zone)
    if when.problem:
        _note(when.problem, "rt-note rt-bad")
    elif when.moment is None:
        _note("Without a time, every moment of the archive is compared.")
    else:
        _note(f"Understood as {words.moment(when.moment, zone)}, which is {words.clock(when.moment, UTC)} UTC.")
    return when


def read_when(day: date, clock: str, zone: ZoneInfo) -> TimeChoice:
    """Return the choice for a day, a typed time of day and a zone."""
    if not clock.strip():
        return TimeChoice(zone, day)
    try:
        return TimeChoice(zone, day, TimeChoice(zone, day).at(read_clock(clock)))
    except ValueError as error:
        return TimeChoice(zone, day, problem=str(error))


def browser_zone() -> str:
    """Return the time zone of the browser, UTC where it is unknown."""
    name = st.context.timezone
    return name if name in available_timezones() else "UTC"


def read_clock(text: str) -> time:
    """Return the time of day of "8:41", "08:41:07" or "08.41.07"; ValueError says how to write it."""
    match = _CLOCK.fullmatch(text.strip())
    try:
        if match:
            return time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a time of day: write it as 08:41:07, or 08:41")


def _note(text: str, style: str = "rt-note") -> None:
    st.html(f'<p class="{style}">{escape(text)}</p>')
