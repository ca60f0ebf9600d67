"""Show the fields for the place of a question: a camera, or a point typed or clicked on the map."""

import math

import streamlit as st

from ui.web import visit
from ui.web.context import PageContext
from ui.web.fields import problem
from ui.web.language import say
from ui.web.map_base import Place
from ui.web.map_view import MapView, show_map
from ui.web.question import PageQuestion

CAMERA, POINT, RADIUS = "camera", "point", "radius"
PICKER_PX = 300


def ask_place(context: PageContext, question: PageQuestion, *, key: str) -> None:
    """Show the camera, the point and the map; each change goes into the question."""
    base = context.base
    bad = visit.unread(POINT)
    st.selectbox(
        say("Camera"),
        list(base.ids),
        index=None,
        placeholder=say("Which camera?"),
        key=visit.prefill(CAMERA, question.camera if question.camera in base.ids else None),
        on_change=visit.taking(_take_camera),
    )
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    point = "{:.6f}, {:.6f}".format(*question.point) if question.point else ""
    left.text_input(
        say("or latitude, longitude"),
        key=visit.prefill(POINT, bad[0] if bad else point),
        placeholder="48.2082, 16.3738",
        max_chars=60,
        on_change=visit.taking(_take_point),
    )
    radius = visit.prefill(RADIUS, int(question.radius_m))
    right.number_input(say("± metres"), 0, 5000, step=50, key=radius, on_change=visit.taking(_take_radius))
    if bad:
        problem(bad[1])
    if base.drawable:
        view = MapView(base, say("Click a camera, or any place."), chosen=question.camera, point=question.point)
        show_map(view, key=key, height_px=PICKER_PX, on_camera=_choose_camera, on_place=_choose_place)


def read_point(text: str) -> Place:
    """Return the latitude and longitude of "48.2082, 16.3738"; ValueError says how to write it."""
    parts = text.replace(";", ",").split(",")
    try:
        lat, lon = (float(part) for part in parts)
    except ValueError:
        raise ValueError(
            say("{text} is not a point: write latitude, longitude as in 48.2082, 16.3738", text=repr(text))
        ) from None
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError(
            say("{text} is not on earth: latitude is -90 to 90, longitude -180 to 180, in this order", text=repr(text))
        )
    return lat, lon


def _take_camera() -> None:
    visit.change_by_field(camera=st.session_state[visit.key(CAMERA)], point=None)
    st.session_state[visit.key(POINT)] = ""


def _take_point() -> None:
    text = st.session_state[visit.key(POINT)]
    try:
        visit.change_by_field(point=read_point(text) if text.strip() else None, camera=None)
        st.session_state[visit.key(CAMERA)] = None
    except ValueError as error:
        visit.set_unread(POINT, text, str(error))


def _take_radius() -> None:
    visit.change_by_field(radius_m=float(st.session_state[visit.key(RADIUS)]))


def _choose_camera(camera: str) -> None:
    visit.change(camera=camera, point=None)


def _choose_place(place: Place) -> None:
    visit.change(point=place, camera=None)
