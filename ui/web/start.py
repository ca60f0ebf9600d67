"""Show what the page is, what is being asked, and what to do while there is nothing to search."""

from html import escape

import streamlit as st

from index.sighting import Query
from reid.images import encode_jpeg, resize_to_fit
from ui.web import conversation, words
from ui.web.cards import picture
from ui.web.conversation import Question
from ui.web.session import Desk, pictures

THUMB_PX = 220
FIRST_STEPS = (
    ("The roads of the place, from OpenStreetMap", "retrace roads import town.osm.pbf"),
    ("Where the cameras stand and look", "retrace cameras import cameras.csv"),
    ("What they filmed", "retrace ingest harbour.mp4 --camera harbour --start 2026-05-04T08:00:00+02:00"),
)


def show_brand(desk: Desk) -> None:
    """Show the name of the page and how much there is to search."""
    facts = f"{words.count(desk.sightings, 'sighting')} on {words.count(len(desk.base.cameras), 'camera')}"
    roads = "" if desk.base.roads else " · no road map: every camera counts as reachable"
    st.html(f'<header class="rt-brand"><h1>Retrace</h1><p>{facts}{roads}</p></header>')


def show_lead() -> None:
    """Invite the first question."""
    st.html(
        '<div class="rt-lead"><h2>Where did this vehicle go?</h2>'
        "<p>One picture, and where and when it was taken. "
        "You get the sightings on the other cameras, why each is believed, and the route between them.</p></div>"
    )


def show_question(desk: Desk, question: Question) -> None:
    """Say in two lines what is being asked."""
    when = words.moment(question.time, question.zone) if question.time else "time not known"
    first = f"<b>{escape(question.place_name)}</b>, {when}"
    thumb = picture(_thumb(desk, question), "The vehicle you asked about") if _has_picture(question) else ""
    rest = f"<small>{escape(_known(question.query))}</small>"
    st.html(f'<div class="rt-question">{thumb}<p>{first}<br>{rest}</p></div>')


def show_empty(desk: Desk) -> None:
    """Say how to fill an empty archive, with the steps that are still open."""
    st.html('<div class="rt-lead"><h2>Nothing to search yet</h2><p>Three commands fill this archive.</p></div>')
    done = (bool(desk.base.roads), bool(desk.base.cameras), False)
    for (title, command), is_done in zip(FIRST_STEPS, done, strict=True):
        st.html(f'<h3 class="rt-step">{"✓ " if is_done else ""}{title}</h3>')
        if not is_done:
            st.code(command, language=None)
    st.html('<p class="rt-note">No footage at hand? <b>retrace demo</b> makes a small city to try.</p>')


def show_problem(line: str) -> None:
    """Say in one line why the page cannot do what was asked, and offer to go on."""
    st.error(line)
    if st.button("Back to the question"):
        conversation.forget()
        st.rerun()


def _has_picture(question: Question) -> bool:
    return bool(question.query.pictures) or question.sighting is not None


def _thumb(desk: Desk, question: Question) -> bytes | None:
    if question.query.pictures:
        return encode_jpeg(resize_to_fit(question.query.pictures[0], THUMB_PX))
    if question.sighting is None:
        return None
    return pictures(desk, [question.sighting])[question.sighting.id]


def _known(query: Query) -> str:
    """Return what else the question says: description, direction and horizon."""
    side = {"after": "after", "before": "before", "both": "before and after"}[query.direction]
    plate = f"plate {query.plate}" if query.plate else None
    described = [word for word in (query.colour, query.type, plate) if word]
    return " · ".join([*described, f"{side}, within {words.span(query.horizon_s)}"])
