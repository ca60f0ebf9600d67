"""Show the question form: which vehicle, where and when it was seen, and what else is known."""

from dataclasses import dataclass
from datetime import time
from html import escape

import streamlit as st

from index.answers import Query
from index.records import Sighting
from reid.vehicle import COLOURS, VEHICLE_TYPES, Image
from ui.web.context import PageContext, palette
from ui.web.picture_form import ask_picture
from ui.web.place_form import PlaceChoice, ask_place
from ui.web.sighting_form import ask_sighting
from ui.web.time_form import TimeChoice, ask_time, read_clock

PICTURE, SIGHTING, WORDS = "A picture", "A sighting here", "Only a description"
DIRECTIONS = {"both": "Before and after", "after": "After", "before": "Before"}
HORIZONS_MIN = (5, 10, 15, 20, 30, 45, 60, 90, 120)
PLATE_HELP = (
    "`?` is one character, `*` any number of them, `[8B]` one of these, `AB*|CD*` either. "
    "Or say: contains 77, starts with KR, ends in K"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The vehicle to look for: a picture, a sighting of the archive, or neither."""

    image: Image | None = None
    sighting: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """The rest of the form: description, direction, horizon, reason and case."""

    plate: str | None
    type: str | None
    colour: str | None
    direction: str
    horizon_s: float
    slack_s: float
    now: time | None
    reason: str | None
    case: str | None


def ask_question(context: PageContext) -> Query | None:
    """Show the form; return the query when its button is pressed, else None."""
    left, right = st.columns(2, gap="large")
    with right:
        _step("Where and when")
        place, when = ask_place(context.base, palette()), ask_time(context.moment)
    with left:
        _step("The vehicle")
        subject = _ask_subject(context, place, when)
        details = _ask_details()
        problem = _problem(subject, place, when, details)
        pressed = st.button(
            "Find this vehicle", type="primary", disabled=problem is not None, width="stretch", key="find"
        )
        if problem:
            st.html(f'<p class="rt-note">{problem}</p>')
    return compose(subject, place, when, details) if pressed and not problem else None


def compose(subject: Subject, place: PlaceChoice, when: TimeChoice, details: Details) -> Query:
    """Return the query; a sighting brings its own place and time."""
    known = subject.sighting
    return Query(
        pictures=() if subject.image is None else (subject.image,),
        sighting=known.id if known else None,
        plate=details.plate,
        type=details.type,
        colour=details.colour,
        camera=None if known else place.camera,
        place=None if known else place.point,
        radius_m=0.0 if known else place.radius_m,
        time=None if known else when.moment,
        slack_s=0.0 if known else details.slack_s,
        direction=details.direction,
        horizon_s=details.horizon_s,
        at=when.at(details.now) if details.now else None,
        reason=details.reason,
        case=details.case,
    )


def _ask_subject(context: PageContext, place: PlaceChoice, when: TimeChoice) -> Subject:
    kind = st.segmented_control(
        "What is known of it",
        [PICTURE, SIGHTING, WORDS],
        default=PICTURE,
        required=True,
        key="subject",
        label_visibility="collapsed",
    )
    if kind == PICTURE:
        return Subject(image=ask_picture())
    if kind == SIGHTING:
        return Subject(sighting=ask_sighting(context, place.camera, when))
    st.html('<p class="rt-note">Give a plate, a type or a colour below.</p>')
    return Subject()


def _ask_details() -> Details:
    with st.expander("Plate, description, direction, reason", expanded=st.session_state.get("subject") == WORDS):
        plate = st.text_input("Plate", key="plate", placeholder="B?123*", help=PLATE_HELP)
        left, right = st.columns(2)
        type_ = left.selectbox("Type", VEHICLE_TYPES, index=None, placeholder="any", key="type")
        colour = right.selectbox("Colour", COLOURS, index=None, placeholder="any", key="colour")
        direction = left.selectbox("Search", list(DIRECTIONS), format_func=DIRECTIONS.__getitem__, key="direction")
        minutes = right.selectbox("Within", HORIZONS_MIN, index=4, format_func=lambda n: f"{n} minutes", key="horizon")
        slack_s = left.number_input("The time may be off by (s)", 0, 3600, 0, step=5, key="slack")
        case = right.text_input("Case", key="case", placeholder="none")
        now = left.text_input("Where can it be at", key="now", placeholder="08:55:00", help="A time of the same day")
        reason = right.text_input("Reason", key="reason", help="Kept in the audit with the question")
    return Details(
        plate=plate.strip() or None,
        type=type_,
        colour=colour,
        direction=direction,
        horizon_s=minutes * 60.0,
        slack_s=float(slack_s),
        now=_read_now(now),
        reason=reason.strip() or None,
        case=case.strip() or None,
    )


def _read_now(text: str) -> time | None:
    try:
        return read_clock(text) if text.strip() else None
    except ValueError as error:
        st.html(f'<p class="rt-note rt-bad">{escape(str(error))}</p>')
        return None


def _problem(subject: Subject, place: PlaceChoice, when: TimeChoice, details: Details) -> str | None:
    """Return what is missing before the question can be asked, None when it is complete."""
    known = subject.image is not None or subject.sighting is not None
    if not (known or details.plate or details.type or details.colour):
        return "Give a picture, a sighting, or at least a plate, a type or a colour."
    if subject.sighting is None and (place.problem or when.problem):
        return "Mend the place or the time first."
    return None


def _step(title: str) -> None:
    st.html(f'<h3 class="rt-step">{title}</h3>')
