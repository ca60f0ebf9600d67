"""Show the fields for the time of a question; a text that is no time stays in its field with the reason."""

import re
from datetime import UTC, date, datetime, time, tzinfo

import streamlit as st

from index.dates import YEARS
from ui.web import visit, words
from ui.web.context import PageContext
from ui.web.fields import note, problem
from ui.web.language import say
from ui.web.question import PageQuestion

_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?")
EARLIEST, LATEST = date(YEARS[0], 1, 2), date(YEARS[-1], 12, 30)
"""In every zone these days lie in the years of footage."""

_FIRST, _LAST = (datetime.combine(day, time(12), UTC) for day in (EARLIEST, LATEST))

DAY, CLOCK, SLACK, NOW = "day", "clock", "slack", "now"


def ask_time(context: PageContext, question: PageQuestion) -> None:
    """Show day, time of day and how exact it is; each change goes into the question."""
    left, middle, right = st.columns([1.2, 1, 1], vertical_alignment="bottom")
    left.date_input(
        say("Day"),
        key=visit.prefill(DAY, _shown_day(context, question)),
        format="YYYY-MM-DD",
        min_value=EARLIEST,
        max_value=LATEST,
        on_change=visit.taking(_take, context),
    )
    middle.text_input(
        say("Time"),
        key=visit.prefill(CLOCK, _shown_clock(question.time, context.zone, CLOCK)),
        placeholder="08:41:07",
        max_chars=20,
        on_change=visit.taking(_take, context),
    )
    slack = visit.prefill(SLACK, int(question.slack_s))
    right.number_input(say("± seconds"), 0, 3600, step=5, key=slack, on_change=visit.taking(_take_slack))
    bad = visit.unread(CLOCK)
    if bad:
        problem(bad[1])
    elif question.time is None:
        note(say("Without a time, every moment of the archive is compared."))
    else:
        note(words.moment(question.time, context.zone))


def ask_now(context: PageContext, question: PageQuestion) -> None:
    """Show the field for the moment at which the map shows where the vehicle can be."""
    st.text_input(
        say("Where can it be at"),
        key=visit.prefill(NOW, _shown_clock(question.at, context.zone, NOW)),
        placeholder="08:55:00",
        max_chars=20,
        help=say("A time of the same day: the map shows how far it can have come by then."),
        on_change=visit.taking(_take_now, context),
    )
    bad = visit.unread(NOW)
    if bad:
        problem(bad[1])


def read_clock(text: str) -> time:
    """Return the time of day of "8:41", "08:41:07" or "08.41.07"; ValueError says how to write it."""
    match = _CLOCK.fullmatch(text.strip())
    try:
        if match:
            return time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        pass
    raise ValueError(say("{text} is not a time of day: write it as 08:41:07, or 08:41", text=repr(text)))


def combine(day: date, clock: str, zone: tzinfo) -> datetime | None:
    """Return the moment of a day and a typed time of day in a zone; None where no time is typed.

    ValueError where that hour comes twice, or not at all.
    """
    if not clock.strip():
        return None
    first, second = (datetime.combine(day, read_clock(clock).replace(fold=fold), zone) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        text = repr(clock)
        raise ValueError(say("{text} is in the hour when clocks change: choose the time zone UTC for it", text=text))
    return first.astimezone(UTC)


def _shown_day(context: PageContext, question: PageQuestion) -> date:
    if question.time is not None:
        return min(max(question.time.astimezone(context.zone).date(), EARLIEST), LATEST)
    kept: date | None = st.session_state.get("day without time")
    moment = min(max(context.moment or datetime.now(UTC), _FIRST), _LAST)
    return kept or moment.astimezone(context.zone).date()


def _shown_clock(time: datetime | None, zone: tzinfo, field: str) -> str:
    bad = visit.unread(field)
    if bad:
        return bad[0]
    return words.clock(time, zone) if time else ""


def _take(context: PageContext) -> None:
    day = st.session_state[visit.key(DAY)] or _shown_day(context, visit.current_question())
    st.session_state["day without time"] = day
    text = st.session_state[visit.key(CLOCK)]
    try:
        visit.change_by_field(time=combine(day, text, context.zone))
    except ValueError as error:
        visit.set_unread(CLOCK, text, str(error))


def _take_slack() -> None:
    visit.change_by_field(slack_s=float(st.session_state[visit.key(SLACK)]))


def _take_now(context: PageContext) -> None:
    text = st.session_state[visit.key(NOW)]
    try:
        visit.change_by_field(at=combine(_shown_day(context, visit.current_question()), text, context.zone))
    except ValueError as error:
        visit.set_unread(NOW, text, str(error))
