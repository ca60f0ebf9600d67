"""Show what footage there is of each camera and what is wrong with it; take more in, and set up each camera."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import streamlit as st

from index.access.coverage import CameraCoverage, coverage_by_hour, footage_span
from ui.web import words
from ui.web.camera_form import put_there, show_camera, turn_there
from ui.web.context import PageContext
from ui.web.coverage_table import Period, coverage_table, period_of
from ui.web.fields import note
from ui.web.footage_form import show_footage_form
from ui.web.ingest_progress import show_progress
from ui.web.language import say
from ui.web.map_base import Place
from ui.web.map_view import MapView, show_map

MAP_PX = 330
MAP, CHOSEN, CLICK = "coverage_map", "coverage camera", "coverage_click"
CHOOSE, PUT, TURN = "choose", "put", "turn"


def show_coverage(context: PageContext) -> None:
    """Show the hours of all cameras, the form that takes footage in, the map, and the camera that was chosen."""
    st.html(f'<h2 class="rt-lead">{escape(say("Coverage"))}</h2>')
    span = footage_span(context.archive, context.person)
    with st.expander(say("Add footage"), icon=":material/add:", expanded=span is None):
        show_footage_form(context)
    show_progress(context)
    if span is None:
        note(say("There is no footage yet."))
        return
    period = period_of(span[0].astimezone(UTC), span[1].astimezone(UTC), context.zone)
    found = coverage_by_hour(context.archive, context.person, period.start, period.end)
    note(_period_words(period, span[0], context))
    st.html(coverage_table(found, period, context.zone))
    left, right = st.columns([1.25, 1], gap="large")
    by_camera = {one.camera: one for one in found}
    with right:
        st.selectbox(say("Camera"), sorted(by_camera), index=None, placeholder=say("Which camera?"), key=CHOSEN)
        chosen = by_camera.get(st.session_state[CHOSEN] or "")
        if chosen is not None:
            show_camera(context, chosen)
    with left:
        _show_map(context, found, chosen)


def _period_words(period: Period, first: datetime, context: PageContext) -> str:
    """Say which period is shown, and where the archive begins if that is earlier."""
    stamps = (words.stamp(at, context.zone) for at in (period.start, period.end))
    shown = say("Footage of {period}, by the clock of each camera.", period=" – ".join(stamps))
    if first >= period.start:
        return shown
    earlier = say("The archive begins earlier, on {day}.", day=words.moment(first, context.zone))
    return f"{shown} {earlier}"


def _show_map(context: PageContext, found: Sequence[CameraCoverage], chosen: CameraCoverage | None) -> None:
    """Show the cameras; a click chooses one, or puts or turns the one that is chosen."""
    does = {CHOOSE: say("chooses a camera"), PUT: say("puts it there"), TURN: say("turns it there")}
    if chosen is not None:
        st.segmented_control(
            say("A click on the map"),
            list(does),
            key=CLICK,
            default=CHOOSE,
            format_func=does.__getitem__,
            required=True,
        )
    view = MapView(
        context.base,
        _hint(chosen),
        chosen.camera if chosen else None,
        colours=_colours(found),
    )
    show_map(
        view,
        key=MAP,
        height_px=MAP_PX,
        on_camera=lambda camera: _click_camera(context, camera),
        on_place=lambda place: _click_place(context, place),
    )


def _hint(chosen: CameraCoverage | None) -> str:
    if chosen is None:
        return say("Choose a camera to set it up.")
    return "" if _click_does() == CHOOSE else say("Then press “Place it”.")


def _colours(found: Sequence[CameraCoverage]) -> dict[str, str]:
    return {
        one.camera: "--rt-against" if one.problem_s else "--rt-quiet" if not one.hours else "--rt-good" for one in found
    }


def _click_does() -> str:
    return st.session_state.get(CLICK) or CHOOSE


def _click_camera(context: PageContext, camera: str) -> None:
    if _click_does() == CHOOSE or st.session_state.get(CHOSEN) is None:
        st.session_state[CHOSEN] = camera
    else:
        _click_place(context, context.base.cameras[camera])


def _click_place(context: PageContext, place: Place) -> None:
    chosen = st.session_state.get(CHOSEN)
    if chosen and _click_does() == PUT:
        put_there(chosen, place)
    elif chosen and _click_does() == TURN:
        turn_there(context, chosen, place)
