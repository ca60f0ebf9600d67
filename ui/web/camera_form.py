"""Show how a camera stands, what its clock says and what it looks at, with the fields that change each."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from index.access.coverage import CameraCoverage
from index.errors import ArchiveError
from index.map.map_changes import clocks_after, clocks_of, move_camera, set_clock
from index.map.places import place_book
from index.map.stated_clock import StatedClock, stated_offset
from roadgraph.geometry import bearing_deg
from ui.web import visit, words
from ui.web.context import PageContext
from ui.web.error_words import say_error
from ui.web.fields import note, problem
from ui.web.language import say, say_count
from ui.web.map_base import Place
from ui.web.mask_form import ask_mask
from ui.web.place_form import read_point

AHEAD, POINT, BEARING, PART = "clock_ahead", "camera_point", "camera_bearing", "camera_part"
DOUBT_S = 2.0
"""A clock that a person compared is taken to be known this exactly."""


def show_camera(context: PageContext, one: CameraCoverage) -> None:
    """Show the last footage of a camera, and its place, clock or mask."""
    last = words.stamp(one.last, context.zone) if one.last else say("never")
    sightings = say_count(one.sightings, "{n} sighting", "{n} sightings")
    note(f"{say('last footage')} {last} · {sightings} · {_clock(context, one)}")
    parts = {"place": say("Place"), "clock": say("Clock"), "mask": say("Mask")}
    part = st.segmented_control(
        say("Set up"), list(parts), key=PART, default="place", format_func=parts.__getitem__, required=True
    )
    if part == "mask":
        ask_mask(context, one.camera)
    else:
        (_ask_clock if part == "clock" else _ask_place)(context, one)


def put_there(camera: str, place: Place) -> None:
    """Write a place that was clicked on the map into the field of a camera."""
    st.session_state[f"{POINT} {camera}"] = "{:.6f}, {:.6f}".format(*place)


def turn_there(context: PageContext, camera: str, place: Place) -> None:
    """Turn a camera towards a place that was clicked on the map."""
    here = _typed_point(camera) or context.base.cameras.get(camera)
    if here is not None:
        st.session_state[f"{BEARING} {camera}"] = round(float(bearing_deg(*here, *place))) % 360


def _clock(context: PageContext, one: CameraCoverage) -> str:
    known = {clock.camera: clock for clock in clocks_of(context.archive, context.person)}.get(one.camera)
    if known is None:
        return say("clock taken as true")
    return say(
        "clock {s} s ahead ({who})",
        s=f"{known.ahead_s(one.last) if one.last else known.offset_s:+.1f}",
        who=known.source,
    )


def _ask_place(context: PageContext, one: CameraCoverage) -> None:
    here = context.base.cameras.get(one.camera)
    st.session_state.setdefault(f"{POINT} {one.camera}", "{:.6f}, {:.6f}".format(*here) if here else "")
    st.session_state.setdefault(f"{BEARING} {one.camera}", int(context.base.bearings.get(one.camera, 0)))
    columns = st.columns([1.6, 1, 1], vertical_alignment="bottom")
    columns[0].text_input(say("Latitude, longitude"), key=f"{POINT} {one.camera}", max_chars=60)
    columns[1].number_input(say("Looks to (°)"), 0, 359, key=f"{BEARING} {one.camera}")
    columns[2].button(say("Place it"), key="place_camera", on_click=_place, args=(context, one), width="stretch")
    bad = visit.unread(POINT)
    if bad:
        problem(bad[1])
    elif here is None:
        note(say("It has no place yet: type one, or let a click on the map put it there."))


def _ask_clock(context: PageContext, one: CameraCoverage) -> None:
    columns = st.columns([1.6, 1, 1], vertical_alignment="bottom")
    st.session_state.setdefault(f"{AHEAD} {one.camera}", 0.0)
    columns[0].number_input(
        say("Its clock is ahead of true time by (s)"), -86400.0, 86400.0, step=1.0, key=f"{AHEAD} {one.camera}"
    )
    columns[2].button(say("Set the clock"), key="set_clock", on_click=_set_clock, args=(context, one), width="stretch")
    note(say("Behind true time is negative. It counts from the first footage of this camera on."))
    if replaced := replaced_words(context, one):
        note(replaced)
    bad = visit.unread(AHEAD)
    if bad:
        problem(bad[1])


def _typed_point(camera: str) -> Place | None:
    try:
        return read_point(st.session_state.get(f"{POINT} {camera}", ""))
    except ValueError:
        return None


def _place(context: PageContext, one: CameraCoverage) -> None:
    text = st.session_state[f"{POINT} {one.camera}"]
    try:
        lat, lon = read_point(text)
        bearing = float(st.session_state[f"{BEARING} {one.camera}"])
        camera = place_book(context.archive).changed(one.camera, lat=lat, lon=lon, bearing_deg=bearing)
        move_camera(context.archive, context.person, camera, one.first or datetime.now(UTC))
        visit.set_read(POINT)
    except (ValueError, ArchiveError) as error:
        visit.set_unread(POINT, text, say_error(error))


def replaced_words(context: PageContext, one: CameraCoverage) -> str:
    """Return which later statement about a clock one that is stated here takes the place of; "" where there is none."""
    later = clocks_after(context.archive, context.person, one.camera, _since(one))
    if not later:
        return ""
    since = words.moment(later[0].valid_from, context.zone)
    return say("It then takes the place of what is known of this clock from {when} on.", when=since)


def _since(one: CameraCoverage) -> datetime:
    """Return from when on a clock counts that is stated here."""
    return one.first or datetime.now(UTC) - timedelta(days=1)


def _set_clock(context: PageContext, one: CameraCoverage) -> None:
    stated = StatedClock(one.camera, float(st.session_state[f"{AHEAD} {one.camera}"]), DOUBT_S)
    try:
        set_clock(context.archive, context.person, stated_offset(stated, None, _since(one)))
        visit.set_read(AHEAD)
    except ArchiveError as error:
        visit.set_unread(AHEAD, "", say_error(error))
