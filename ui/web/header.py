"""Draw the top of the page: its name, the question, how to fill an empty archive, and problems."""

from html import escape

import streamlit as st

from index.answers import Query
from reid.images import encode_jpeg, resize_to_fit
from ui.web import words
from ui.web.cards import picture
from ui.web.context import PageContext, pictures
from ui.web.question import PageQuestion, clear_query

THUMB_PX = 220
FIRST_STEPS = (
    ("The roads of the place, from OpenStreetMap", "retrace roads import town.osm.pbf"),
    ("Where the cameras stand and look", "retrace cameras import cameras.csv"),
    ("What they filmed", "retrace ingest harbour.mp4 --camera harbour --start 2026-05-04T08:00:00+02:00"),
)


def show_brand(context: PageContext) -> None:
    """Show the name of the page and how much there is to search."""
    facts = f"{words.count(context.sightings, 'sighting')} on {words.count(len(context.base.cameras), 'camera')}"
    roads = "" if context.base.roads else " · no road map: every camera counts as reachable"
    st.html(f'<header class="rt-brand"><h1>Retrace</h1><p>{facts}{roads}</p></header>')


def show_lead() -> None:
    """Invite the first question."""
    st.html(
        '<div class="rt-lead"><h2>Where did this vehicle go?</h2>'
        "<p>One picture, and where and when it was taken. "
        "You get the sightings on the other cameras, why each is believed, and the route between them.</p></div>"
    )


def show_question(context: PageContext, question: PageQuestion) -> None:
    """Show the question in two lines."""
    when = words.moment(question.time, question.zone) if question.time else "time not known"
    first = f"<b>{escape(question.place_name)}</b>, {when}"
    thumb = picture(_thumb(context, question), "The vehicle you asked about") if _has_picture(question) else ""
    rest = f"<small>{escape(_details(question.query))}</small>"
    st.html(f'<div class="rt-question">{thumb}<p>{first}<br>{rest}</p></div>')


def show_empty(context: PageContext) -> None:
    """Show how to fill an empty archive; finished steps are ticked."""
    st.html('<div class="rt-lead"><h2>Nothing to search yet</h2><p>Three commands fill this archive.</p></div>')
    done = (bool(context.base.roads), bool(context.base.cameras), False)
    for (title, command), is_done in zip(FIRST_STEPS, done, strict=True):
        st.html(f'<h3 class="rt-step">{"✓ " if is_done else ""}{title}</h3>')
        if not is_done:
            st.code(command, language=None)
    st.html('<p class="rt-note">No footage at hand? <b>retrace demo</b> makes a small city to try.</p>')


def show_problem(line: str) -> None:
    """Show an error in one line, and a button back to the question."""
    st.error(line)
    if st.button("Back to the question"):
        clear_query()
        st.rerun()


def _has_picture(question: PageQuestion) -> bool:
    return bool(question.query.pictures) or question.sighting is not None


def _thumb(context: PageContext, question: PageQuestion) -> bytes | None:
    if question.query.pictures:
        return encode_jpeg(resize_to_fit(question.query.pictures[0], THUMB_PX))
    if question.sighting is None:
        return None
    return pictures(context, [question.sighting])[question.sighting.id]


def _details(query: Query) -> str:
    """Return the rest of the question: description, direction and horizon."""
    side = {"after": "after", "before": "before", "both": "before and after"}[query.direction]
    plate = f"plate {query.plate}" if query.plate else None
    described = [word for word in (query.colour, query.type, plate) if word]
    return " · ".join([*described, f"{side}, within {words.span(query.horizon_s)}"])
