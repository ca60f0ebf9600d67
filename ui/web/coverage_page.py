"""Show what footage there is of each camera, what is wrong with it, and how each camera stands."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape

import streamlit as st

from index.access.coverage import CameraCoverage, coverage_by_hour, footage_span
from index.errors import ArchiveError
from index.map.map_changes import clocks_of, move_camera, set_clock
from index.map.places import place_book
from index.store.catalogue.clocks import ClockOffset
from ui.web import visit, words
from ui.web.context import PageContext
from ui.web.coverage_table import Period, coverage_table, period_of
from ui.web.fields import note, problem
from ui.web.language import say, say_count
from ui.web.map_view import MapView, show_map
from ui.web.place_form import read_point

MAP_PX = 330
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
    period = period_of(span[0].astimezone(UTC), span[1].astimezone(UTC), context.zone)
    found = coverage_by_hour(context.archive, context.person, period.start, period.end)
    note(_period_words(period, span[0], context))
    st.html(coverage_table(found, period, context.zone))
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        view = MapView(
            context.base,
            say("Choose a camera to place it or to set its clock."),
            st.session_state.get(CHOSEN),
            colours=_colours(found),
        )
        show_map(view, key="coverage_map", height_px=MAP_PX, on_camera=_click)
    with right:
        _show_camera(context, {one.camera: one for one in found})


def _period_words(period: Period, first: datetime, context: PageContext) -> str:
    """Say which period is shown, and where the archive begins if that is earlier."""
    stamps = (words.stamp(at, context.zone) for at in (period.start, period.end))
    shown = say("Footage of {period}, by the clock of each camera.", period=" – ".join(stamps))
    if first >= period.start:
        return shown
    earlier = say("The archive begins earlier, on {day}.", day=words.moment(first, context.zone))
    return f"{shown} {earlier}"


def _colours(found: Sequence[CameraCoverage]) -> dict[str, str]:
    return {
        one.camera: "--rt-against" if one.problem_s else "--rt-quiet" if not one.hours else "--rt-good" for one in found
    }


def _show_camera(context: PageContext, found: dict[str, CameraCoverage]) -> None:
    """Show one camera: its last footage, its clock, and the fields that place, turn and set it."""
    id_ = st.selectbox(say("Camera"), sorted(found), index=None, placeholder=say("Which camera?"), key=CHOSEN)
    one = found.get(id_) if id_ else None
    if one is None:
        return
    last = words.stamp(one.last, context.zone) if one.last else say("never")
    clocks = {clock.camera: clock for clock in clocks_of(context.archive, context.person)}
    known = clocks.get(one.camera)
    clock = (
        say("clock {s} s ahead ({who})", s=f"{known.offset_s:+.1f}", who=known.source)
        if known
        else say("clock taken as true")
    )
    note(f"{say('last footage')} {last} · {say_count(one.sightings, '{n} sighting', '{n} sightings')} · {clock}")
    place = context.base.cameras.get(one.camera)
    st.session_state.setdefault(f"{POINT} {one.camera}", "{:.6f}, {:.6f}".format(*place) if place else "")
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
