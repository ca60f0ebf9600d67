"""Run the page: the question form, the answer as it arrives, or what to do with an empty archive."""

from zoneinfo import ZoneInfo

import streamlit as st

from index.errors import ArchiveError
from reid.errors import SeeingError
from roadgraph.errors import RoadError
from ui.web import header
from ui.web.answer import show_answer
from ui.web.context import PageContext, open_context
from ui.web.question import current_question, set_query
from ui.web.question_form import ask_question
from ui.web.theme import STYLE_SHEET
from ui.web.time_form import browser_zone


def draw_page() -> None:
    """Draw the whole page."""
    st.set_page_config(page_title="Retrace", layout="wide", initial_sidebar_state="collapsed")
    st.html(STYLE_SHEET)
    try:
        context = open_context()
        header.show_brand(context)
        if context.sightings == 0:
            header.show_empty(context)
        else:
            _draw_question_and_answer(context)
    except (ArchiveError, SeeingError, RoadError, OSError) as error:
        header.show_problem(" ".join(str(error).split()))


def _draw_question_and_answer(context: PageContext) -> None:
    zone = ZoneInfo(st.session_state.get("zone") or browser_zone())
    question = current_question(context, zone)
    if question is None:
        header.show_lead()
        place = st.container()
    else:
        header.show_question(context, question)
        place = st.expander("Change the question")
    with place:
        query = ask_question(context)
    if query is not None:
        set_query(query)
        st.rerun()
    if question is not None:
        show_answer(context, question)


draw_page()
