"""Show every sighting, by filters with counts, in pages; from here one can be asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from index.access.browse import count_sightings, list_sightings
from index.access.cases import read_case
from index.records import Sighting
from index.store.catalogue.sightings import SightingFilter
from reid.errors import SeeingError
from reid.plates.pattern import compile_pattern
from ui.web.context import PageContext
from ui.web.error_words import say_error
from ui.web.fields import note, problem
from ui.web.language import say, say_count
from ui.web.listing_board import show_listing
from ui.web.question import LONGEST_PLATE, PageQuestion
from ui.web.time_form import EARLIEST, LATEST

PAGE = 240
TYPE, COLOUR, CAMERA, PLATE, FIRST, LAST, PAGES = (
    f"browse_{name}" for name in ("type", "colour", "camera", "plate", "from", "to", "page")
)
_KEPT = "browsed"


@dataclass(frozen=True, slots=True)
class Browsed:
    """The sightings of one page of a filter, and how many pass it by camera, type and colour."""

    found: Sequence[Sighting]
    counts: dict[str, dict[str, int]]


def show_browse(context: PageContext, question: PageQuestion) -> None:
    """Show the filters, the number of sightings that pass them, and the board."""
    everything = _browse(context, SightingFilter(limit=0), "all counts").counts
    filter_ = _ask_filter(context, everything)
    number = sum(_browse(context, replace(filter_, limit=0), "filter counts").counts["camera"].values())
    pages = max(1, -(-number // PAGE))
    with st.container(key="browse_line", horizontal=True, vertical_alignment="center"):
        note(
            say_count(number, "{n} sighting passes, in the order of time.", "{n} sightings pass, in the order of time.")
        )
        page = st.pagination(pages, key=PAGES) if pages > 1 else 1
    wanted = replace(filter_, skip=(page - 1) * PAGE, limit=PAGE)
    found = _browse(context, wanted, "page").found
    marks = {}
    if question.case:
        file = read_case(context.archive, context.person, question.case)
        marks = {mark.sighting: mark.verdict for mark in file.marks}
    show_listing(context, question, found, key="browse_board", name=str(wanted), marks=marks, on_cameras=_take_cameras)


def _take_cameras(ids: list[str]) -> None:
    """Filter by the cameras of an area that was drawn on the map."""
    st.session_state[CAMERA] = ids


def _ask_filter(context: PageContext, counts: dict[str, dict[str, int]]) -> SightingFilter:
    columns = st.columns([1, 1, 1.4, 1.2, 1, 1], vertical_alignment="bottom")
    type_ = _ask_value(columns[0], say("Type"), TYPE, counts["type"])
    colour = _ask_value(columns[1], say("Colour"), COLOUR, counts["colour"])
    cameras = columns[2].multiselect(
        say("Cameras"),
        list(context.base.ids),
        placeholder=say("any"),
        key=CAMERA,
        format_func=lambda id_: f"{id_} ({counts['camera'].get(id_, 0):,})",
    )
    plate = columns[3].text_input(say("Plate"), key=PLATE, placeholder="B?123*", max_chars=LONGEST_PLATE)
    first = _ask_day(columns[4], say("From day"), FIRST)
    last = _ask_day(columns[5], say("to day"), LAST)
    try:
        pattern = compile_pattern(plate.strip()) if plate and plate.strip() else None
    except SeeingError as error:
        problem(say_error(error))
        pattern = None
    return SightingFilter(
        cameras=tuple(cameras),
        type=type_,
        colour=colour,
        plate=pattern,
        start=_midnight(context, first),
        end=_midnight(context, last + timedelta(days=1)) if last else None,
    )


def _ask_value(column: DeltaGenerator, label: str, key: str, counts: Mapping[str, int]) -> str | None:
    """Show the values of a type or colour with their counts; return the chosen one."""

    def with_count(value: str) -> str:
        return f"{say(value)} ({counts.get(value, 0):,})"

    values = [value for value in counts if value]
    return column.selectbox(label, values, index=None, placeholder=say("any"), key=key, format_func=with_count)


def _ask_day(column: DeltaGenerator, label: str, key: str) -> date | None:
    return column.date_input(label, None, format="YYYY-MM-DD", min_value=EARLIEST, max_value=LATEST, key=key)


def _midnight(context: PageContext, day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=context.zone).astimezone(UTC)


def _browse(context: PageContext, filter_: SightingFilter, what: str) -> Browsed:
    """Return what passes a filter; kept until filter or archive change, so that the audit gets one row for it."""
    kept = st.session_state.setdefault(_KEPT, {})
    key = (filter_, context.state)
    if what not in kept or kept[what][0] != key:
        if filter_.limit == 0:
            counts = count_sightings(context.archive, replace(filter_, limit=None), context.person)
            kept[what] = (key, Browsed((), counts))
        else:
            kept[what] = (key, Browsed(list(list_sightings(context.archive, filter_, context.person)), {}))
    browsed: Browsed = kept[what][1]
    return browsed
