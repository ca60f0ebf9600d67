"""Run the page: one question, its answer as it arrives, or what to do while there is nothing to search."""

from zoneinfo import ZoneInfo

import streamlit as st

from index.errors import ArchiveError
from reid.errors import SeeingError
from roadgraph.errors import RoadError
from ui.web import conversation, start
from ui.web.answer import show_answer
from ui.web.ask import ask
from ui.web.session import Desk, open_desk
from ui.web.theme import STYLE_SHEET
from ui.web.when import browser_zone


def draw_page() -> None:
    """Draw the whole page for this visit."""
    st.set_page_config(page_title="Retrace", layout="wide", initial_sidebar_state="collapsed")
    st.html(STYLE_SHEET)
    try:
        desk = open_desk()
        start.show_brand(desk)
        if desk.sightings == 0:
            start.show_empty(desk)
        else:
            _draw_question_and_answer(desk)
    except (ArchiveError, SeeingError, RoadError, OSError) as error:
        start.show_problem(" ".join(str(error).split()))


def _draw_question_and_answer(desk: Desk) -> None:
    zone = ZoneInfo(st.session_state.get("zone") or browser_zone())
    question = conversation.current(desk, zone)
    if question is None:
        start.show_lead()
        place = st.container()
    else:
        start.show_question(desk, question)
        place = st.expander("Change the question")
    with place:
        new = ask(desk)
    if new is not None:
        conversation.ask_next(new)
        st.rerun()
    if question is not None:
        show_answer(desk, question)


draw_page()
