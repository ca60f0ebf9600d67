"""Show the form for the place of a question: a camera, or a point typed or clicked on the map."""

import math
from dataclasses import dataclass
from html import escape

import streamlit as st

from ui.web.maps import PICKER_HEIGHT_PX, MapBase, Place, picker_map
from ui.web.theme import Palette

AT_CAMERA, ON_MAP, UNKNOWN = "At a camera", "On the map", "Not known"


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """Where the vehicle was: a camera, a point with a radius, or neither; `problem` where the point cannot be read."""

    camera: str | None = None
    point: Place | None = None
    radius_m: float = 0.0
    problem: str | None = None


def ask_place(base: MapBase, palette: Palette) -> PlaceChoice:
    """Show the choice of place with its map; return the choice so far."""
    kinds = [AT_CAMERA, ON_MAP, UNKNOWN] if base.cameras else [ON_MAP, UNKNOWN]
    st.session_state.setdefault("place_kind", kinds[0])
    kind = st.segmented_control("Place", kinds, required=True, key="place_kind", label_visibility="collapsed")
    place = _ask_camera(base) if kind == AT_CAMERA else _ask_point() if kind == ON_MAP else PlaceChoice()
    if kind != UNKNOWN and base.drawable:
        deck = picker_map(base, palette, chosen=place.camera, point=place.point)
        st.pydeck_chart(
            deck, height=PICKER_HEIGHT_PX, on_select=_take_click, key="click", alt="Map to choose the place on"
        )
        st.html('<p class="rt-note">Click a camera, or any point of a road.</p>')
    return place


def read_point(text: str) -> Place:
    """Return the latitude and longitude of "48.2082, 16.3738"; ValueError says how to write it."""
    parts = text.replace(";", ",").split(",")
    try:
        lat, lon = (float(part) for part in parts)
    except ValueError:
        raise ValueError(f"{text!r} is not a point: write latitude, longitude as in 48.2082, 16.3738") from None
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError(f"{text!r} is not on earth: latitude is -90 to 90, longitude -180 to 180, in this order")
    return lat, lon


def _ask_camera(base: MapBase) -> PlaceChoice:
    camera = st.selectbox(
        "Camera",
        sorted(base.cameras),
        index=None,
        placeholder="Which camera?",
        key="camera",
        label_visibility="collapsed",
    )
    return PlaceChoice(camera=camera)


def _ask_point() -> PlaceChoice:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    text = left.text_input("Latitude, longitude", key="point", placeholder="48.2082, 16.3738")
    radius_m = right.number_input("Give or take (m)", 0, 5000, 50, step=50, key="radius")
    if not text:
        return PlaceChoice()
    try:
        return PlaceChoice(point=read_point(text), radius_m=float(radius_m))
    except ValueError as error:
        st.html(f'<p class="rt-note rt-bad">{escape(str(error))}</p>')
        return PlaceChoice(problem=str(error))


def _take_click() -> None:
    """Set the form to what was clicked on the map, before the page is redrawn."""
    objects = st.session_state["click"].selection.objects
    if objects.get("cameras"):
        st.session_state["place_kind"] = AT_CAMERA
        st.session_state["camera"] = objects["cameras"][0]["name"]
    elif objects.get("spots"):
        spot = objects["spots"][0]
        st.session_state["place_kind"] = ON_MAP
        st.session_state["point"] = f"{spot['lat']:.6f}, {spot['lon']:.6f}"
