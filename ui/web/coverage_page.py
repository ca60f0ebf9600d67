"""Show what footage there is, camera by camera and hour by hour, what is wrong with it, and how each camera stands."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape

import streamlit as st

from index.access.coverage import HOUR, CameraCoverage, coverage_by_hour, footage_span
from index.errors import ArchiveError
from index.map.map_changes import clocks_of, move_camera, set_clock
from index.map.places import place_book
from index.store.catalogue.cameras import ClockOffset
from ui.web import visit, words
from ui.web.context import PageContext
from ui.web.fields import heading, note, problem
from ui.web.language import say, say_count
from ui.web.map_view import MapView, show_map
from ui.web.place_form import read_point

MOST_HOURS = 48
CHOSEN, AHEAD, POINT, BEARING = "coverage camera", "clock_ahead", "camera_point", "camera_bearing"
DOUBT_S = 2.0
"""A clock that a person compared is taken to be known this exactly."""


def show_coverage(context: PageContext) -> None:
    """Show the hours of all cameras, the map, and the camera that was chosen."""
    st.html(f'<h2 class="rt-lead">{escape(say("Coverage"))}</h2>')
    span = footage_span(context.archive, context.person)
    if span is None:
        note(say("There is no footage yet."))
        return
    end = span[1].astimezone(UTC)
    start = max(span[0].astimezone(UTC), end - MOST_HOURS * HOUR).replace(minute=0, second=0, microsecond=0)
    found = coverage_by_hour(context.archive, context.person, start, end)
    period = f"{words.stamp(start, context.zone)} – {words.stamp(end, context.zone)}"
    shown = say(
        "The last {hours} of footage, {period}, by the clock of each camera.",
        hours=words.span(end - start),
        period=period,
    )
    note(shown)
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        st.html(hours_table(found, start, end, context))
    with right:
        view = MapView(
            context.base,
            say("Click a camera to place it or to set its clock."),
            st.session_state.get(CHOSEN),
            colours=_colours(found),
        )
        show_map(view, key="coverage_map", height_px=330, on_camera=_click)
        _show_camera(context, {one.camera: one for one in found})


def hours_table(found: Sequence[CameraCoverage], start: datetime, end: datetime, context: PageContext) -> str:
    """Return a row a camera, with a cell an hour, as HTML."""
    hours = [start + number * HOUR for number in range(int((end - start) / HOUR) + 1) if start + number * HOUR < end]
    columns = [
        say("Camera"),
        *(words.clock(hour, context.zone)[:2] for hour in hours),
        say("Footage"),
        say("Sightings"),
        say("Problems"),
    ]
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    rows = "".join(_row(one, hours, context) for one in found)
    return f'<div class="rt-hours"><table><tr>{head}</tr>{rows}</table></div>'


def _row(one: CameraCoverage, hours: Sequence[datetime], context: PageContext) -> str:
    cells = "".join(_cell(one, hour, context) for hour in hours)
    seconds = sum(one.hours.values())
    problems = ", ".join(f"{say(name)} {words.span(long)}" for name, long in sorted(one.problem_s.items()))
    bad = ' class="rt-bad"' if problems or not seconds else ""
    said = problems or ("" if seconds else say("no footage"))
    facts = f"<td>{words.span(seconds)}</td><td>{one.sightings:,}</td><td{bad}>{escape(said)}</td>"
    return f"<tr><th>{escape(one.camera)}</th>{cells}{facts}</tr>"


def _cell(one: CameraCoverage, hour: datetime, context: PageContext) -> str:
    share = min(1.0, one.hours.get(hour, 0.0) / 3600.0)
    title = f"{one.camera}, {words.stamp(hour, context.zone)}: {words.span(share * 3600)}"
    return f'<td class="rt-hour" title="{escape(title, quote=True)}"><i style="width:{share:.0%}"></i></td>'


def _colours(found: Sequence[CameraCoverage]) -> dict[str, str]:
    return {
        one.camera: "--rt-against" if one.problem_s else "--rt-quiet" if not one.hours else "--rt-good" for one in found
    }


def _show_camera(context: PageContext, found: dict[str, CameraCoverage]) -> None:
    """Show one camera: its last footage, its clock, and the fields that place, turn and set it."""
    id_ = st.session_state.get(CHOSEN)
    one = found.get(id_) if id_ else None
    if one is None:
        return
    heading(one.camera)
    last = words.stamp(one.last, context.zone) if one.last else say("never")
    clocks = {clock.camera: clock for clock in clocks_of(context.archive, context.person)}
    known = clocks.get(one.camera)
    clock = (
        say("clock {s} s ahead ({who})", s=f"{known.offset_s:+.1f}", who=known.source)
        if known
        else say("clock taken as true")
    )
    note(f"{say('last footage')} {last} · {say_count(one.sightings, '{n} sighting', '{n} sightings')} · {clock}")
    lat, lon = context.base.cameras[one.camera]
    st.session_state.setdefault(f"{POINT} {one.camera}", f"{lat:.6f}, {lon:.6f}")
    st.session_state.setdefault(f"{BEARING} {one.camera}", int(context.base.bearings.get(one.camera, 0)))
    columns = st.columns([1.6, 1, 1], vertical_alignment="bottom")
    columns[0].text_input(say("Latitude, longitude"), key=f"{POINT} {one.camera}", max_chars=60)
    columns[1].number_input(say("Looks to (°)"), 0, 359, key=f"{BEARING} {one.camera}")
    columns[2].button(say("Place it"), key="place_camera", on_click=_place, args=(context, one), width="stretch")
    columns = st.columns([1.6, 1, 1], vertical_alignment="bottom")
    columns[0].number_input(
        say("Its clock is ahead of true time by (s)"), -86400.0, 86400.0, step=1.0, key=f"{AHEAD} {one.camera}"
    )
    columns[2].button(say("Set the clock"), key="set_clock", on_click=_set_clock, args=(context, one), width="stretch")
    bad = visit.unread(POINT)
    if bad:
        problem(bad[1])


def _click() -> None:
    clicked = st.session_state["coverage_map"].get("camera")
    if clicked:
        st.session_state[CHOSEN] = clicked["id"]


def _place(context: PageContext, one: CameraCoverage) -> None:
    text = st.session_state[f"{POINT} {one.camera}"]
    try:
        lat, lon = read_point(text)
        bearing = float(st.session_state[f"{BEARING} {one.camera}"])
        camera = place_book(context.archive).changed(one.camera, lat=lat, lon=lon, bearing_deg=bearing)
        move_camera(context.archive, context.person, camera, one.first or datetime.now(UTC))
        visit.set_read(POINT)
    except (ValueError, ArchiveError) as error:
        visit.set_unread(POINT, text, " ".join(str(error).split()))


def _set_clock(context: PageContext, one: CameraCoverage) -> None:
    ahead_s = float(st.session_state[f"{AHEAD} {one.camera}"])
    since = one.first or datetime.now(UTC) - timedelta(days=1)
    clock = ClockOffset(one.camera, ahead_s, ahead_s - DOUBT_S, ahead_s + DOUBT_S, valid_from=since)
    set_clock(context.archive, context.person, clock)
