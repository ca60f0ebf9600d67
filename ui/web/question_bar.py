"""Show the question above its answer: a picture and chips; a chip opens its field, and the answer follows."""

from datetime import datetime
from html import escape
from urllib.parse import parse_qsl

import streamlit as st

from index.access.browse import best_shot
from index.records import Sighting
from index.search.target import true_time_of
from reid.errors import SeeingError
from ui.web import visit, words
from ui.web.addresses import archive_url
from ui.web.context import PageContext, find_sighting
from ui.web.fields import note, unformatted
from ui.web.language import say
from ui.web.picture_form import ask_pictures, thumbnail
from ui.web.place_form import ask_place
from ui.web.question import PageQuestion, from_params
from ui.web.question_form import ask_description, ask_reach, direction_words
from ui.web.time_form import ask_time


def show_question(context: PageContext, question: PageQuestion, sighting: Sighting | None) -> None:
    """Show the question as a picture and chips, and the way that led to it."""
    with st.container(key="question_bar", horizontal=True, vertical_alignment="center", gap="small"):
        _show_picture(question, sighting)
        with st.popover(unformatted(place_words(question, sighting)), icon=":material/location_on:"):
            _only_own(sighting)
            ask_place(context, question, key="place_map")
        with st.popover(unformatted(time_words(context, question, sighting)), icon=":material/schedule:"):
            _only_own(sighting)
            ask_time(context, question)
        reach = f"{direction_words(question.direction)}, {words.span(question.horizon_s)}"
        with st.popover(unformatted(reach), icon=":material/swap_horiz:"):
            ask_reach(context, question)
        with st.popover(
            unformatted(look_words(question) or say("plate, type, colour")), icon=":material/directions_car:"
        ):
            ask_description(question)
        with st.popover(say("pictures"), icon=":material/image:"):
            ask_pictures(question, context.zone)
        st.button(say("New question"), icon=":material/add:", on_click=visit.start_again, key="new_question")
    if question.trail:
        _show_trail(context, question)


def place_words(question: PageQuestion, sighting: Sighting | None) -> str:
    """Return the place of a question in words: the camera, or the coordinates."""
    camera = question.camera or (sighting.camera if sighting and not question.point else None)
    if camera:
        return camera
    return "{:.5f}, {:.5f}".format(*question.point) if question.point else say("any place")


def time_of(context: PageContext, question: PageQuestion, sighting: Sighting | None) -> datetime | None:
    """Return the time of a question: of a sighting the true one, as that of its hits, whatever its clock showed."""
    if question.time is not None or sighting is None:
        return question.time
    return true_time_of(context.archive, sighting)


def time_words(context: PageContext, question: PageQuestion, sighting: Sighting | None) -> str:
    """Return the time of a question in words."""
    time = time_of(context, question, sighting)
    if time is None:
        return say("any time")
    slack = f" ±{words.span(question.slack_s)}" if question.slack_s else ""
    return words.stamp(time, context.zone) + slack


def look_words(question: PageQuestion) -> str:
    """Return plate, colour and type as far as they are known."""
    looks = [say(word) for word in (question.colour, question.type) if word]
    return " · ".join([*([" ".join(looks)] if looks else []), *([question.plate] if question.plate else [])])


def asked_picture(question: PageQuestion, sighting: Sighting | None) -> str | None:
    """Return the address of the picture of the question, None where it has none."""
    if question.pictures:
        try:
            return thumbnail(question.pictures[0])
        except SeeingError:
            return None
    shot = best_shot(sighting) if sighting else None
    if sighting is None or shot is None:
        return None
    return archive_url("picture", sighting.id, shot=shot.number, case=question.case, reason=question.reason)


def _show_picture(question: PageQuestion, sighting: Sighting | None) -> None:
    source = asked_picture(question, sighting)
    more = f"<b>+{len(question.pictures) - 1}</b>" if len(question.pictures) > 1 else ""
    if source:
        alt = escape(say("The vehicle asked about"), quote=True)
        st.html(f'<div class="rt-asked-picture"><img src="{source}" alt="{alt}">{more}</div>', width="content")


def _only_own(sighting: Sighting | None) -> None:
    if sighting is not None:
        note(say("The sighting brings its own place and time; another one here replaces it."))


def _show_trail(context: PageContext, question: PageQuestion) -> None:
    *earlier, here = trail_words(context, question)
    with st.container(key="trail", horizontal=True, vertical_alignment="center", gap="xsmall"):
        for step, label in enumerate(earlier):
            st.button(unformatted(label), key=f"trail {step}", type="tertiary", on_click=_go_back, args=(step,))
            st.html('<span class="rt-arrow" aria-hidden="true">→</span>', width="content")
        st.html(f'<b class="rt-here">{escape(here)}</b>', width="content")


def trail_words(context: PageContext, question: PageQuestion) -> list[str]:
    """Return the questions from which this one was asked on, and this one, in words: with days if of several."""
    asked = [*(from_params(dict(parse_qsl(step))) for step in question.trail), question]
    shown = [find_sighting(context, one.sighting) for one in asked]
    times = [time_of(context, one, sighting) for one, sighting in zip(asked, shown, strict=True)]
    days = {time.astimezone(context.zone).date() for time in times if time is not None}
    tell = words.clock if len(days) < 2 else words.stamp
    return [
        (look_words(one) or place_words(one, sighting))
        if time is None
        else f"{place_words(one, sighting)} {tell(time, context.zone)}"
        for one, sighting, time in zip(asked, shown, times, strict=True)
    ]


def _go_back(step: int) -> None:
    visit.set_question(visit.current_question().back_to(step))
