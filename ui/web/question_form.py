"""Show the fields of a question: as a form while it is being made, and each by itself once it is asked."""

import streamlit as st

from reid.errors import SeeingError
from reid.plates.pattern import compile_pattern
from reid.vehicle import COLOURS, VEHICLE_TYPES
from ui.web import visit
from ui.web.context import PageContext
from ui.web.error_words import say_error
from ui.web.fields import heading, note, problem
from ui.web.language import say
from ui.web.picture_form import ask_pictures
from ui.web.place_form import ask_place
from ui.web.question import DIRECTIONS, LONGEST_PLATE, PageQuestion
from ui.web.time_form import ask_now, ask_time

PLATE, TYPE, COLOUR, DIRECTION, HORIZON = "plate", "type", "colour", "direction", "horizon"
HORIZONS_MIN = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 240.0, 720.0, 1440.0)
PLATE_HELP = (
    "`?` is one character, `*` any number of them, `[8B]` one of these, `AB*|CD*` either. "
    "Or say: contains 77, starts with KR, ends in K"
)


def show_form(context: PageContext, question: PageQuestion) -> None:
    """Show the whole form; its button asks the question."""
    left, right = st.columns(2, gap="large")
    with left:
        heading(say("The vehicle"))
        ask_pictures(question, context.zone)
        ask_description(question)
    with right:
        heading(say("Where and when it was seen"))
        ask_time(context, question)
        ask_place(context, question, key="place_map")
        ask_reach(context, question)
    what_is_missing = missing(question)
    with left:
        st.button(
            say("Find this vehicle"),
            type="primary",
            disabled=what_is_missing is not None,
            width="stretch",
            key="find",
            on_click=_ask,
        )
        if what_is_missing:
            note(what_is_missing)


def ask_description(question: PageQuestion) -> None:
    """Show plate, type and colour."""
    bad = visit.unread(PLATE)
    st.text_input(
        say("Plate, or a part of it"),
        key=visit.prefill(PLATE, bad[0] if bad else question.plate or ""),
        placeholder="B?123*",
        help=say(PLATE_HELP),
        max_chars=LONGEST_PLATE,
        on_change=visit.taking(_take_plate),
    )
    if bad:
        problem(bad[1])
    fields = ((say("Type"), VEHICLE_TYPES, TYPE, question.type), (say("Colour"), COLOURS, COLOUR, question.colour))
    for column, (label, choices, name, value) in zip(st.columns(2), fields, strict=True):
        key = visit.prefill(name, value)
        column.selectbox(
            label,
            choices,
            index=None,
            placeholder=say("any"),
            key=key,
            format_func=say,
            on_change=visit.taking(_take_look),
        )


def ask_reach(context: PageContext, question: PageQuestion) -> None:
    """Show direction, horizon and the moment of the area."""
    minutes = question.horizon_s / 60
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    left.selectbox(
        say("Search"),
        DIRECTIONS,
        key=visit.prefill(DIRECTION, question.direction),
        format_func=direction_words,
        on_change=visit.taking(_take_reach),
    )
    middle.selectbox(
        say("Within"),
        sorted({*HORIZONS_MIN, minutes}),
        key=visit.prefill(HORIZON, minutes),
        format_func=lambda n: say("{n} min", n=f"{n:g}"),
        on_change=visit.taking(_take_reach),
    )
    with right:
        ask_now(context, question)


def direction_words(direction: str) -> str:
    """Return a direction of time in words."""
    return {"both": say("before and after"), "after": say("after"), "before": say("before")}[direction]


def missing(question: PageQuestion) -> str | None:
    """Return what is missing before the question can be asked, None when it is complete."""
    if any(visit.unread(name) for name in ("clock", "point", PLATE, "now")):
        return say("Mend the field that is marked first.")
    if not question.names_vehicle:
        return say("Give a picture, or at least a plate, a type or a colour.")
    return None


def check_plate(text: str) -> str | None:
    """Return a plate pattern without spaces around it, None where it is empty; SeeingError says what is wrong."""
    if not text.strip():
        return None
    compile_pattern(text.strip())
    return text.strip()


def _take_plate() -> None:
    text = st.session_state[visit.key(PLATE)]
    try:
        visit.change_by_field(plate=check_plate(text))
    except SeeingError as error:
        visit.set_unread(PLATE, text, say_error(error))


def _take_look() -> None:
    visit.change_by_field(type=st.session_state[visit.key(TYPE)], colour=st.session_state[visit.key(COLOUR)])


def _take_reach() -> None:
    visit.change_by_field(
        direction=st.session_state[visit.key(DIRECTION)], horizon_s=st.session_state[visit.key(HORIZON)] * 60.0
    )


def _ask() -> None:
    visit.change(asked=True)
