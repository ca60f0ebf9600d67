"""Run the pages: the bar, and the page that the address names, or the first steps where the archive is empty."""

import logging

import streamlit as st

from index.errors import ArchiveError, unforeseen_line
from reid.errors import SeeingError
from roadgraph.errors import RoadError
from ui.web import audit_page, browse_page, cases_page, coverage_page, first_steps, visit
from ui.web.bar import show_bar
from ui.web.context import PageContext, open_context
from ui.web.error_words import say_error
from ui.web.fields import unformatted
from ui.web.language import say
from ui.web.listing_board import GO_TO_SEARCH
from ui.web.question import PageQuestion, QuestionError
from ui.web.search_page import show_search
from ui.web.theme import STYLE_SHEET

_log = logging.getLogger(__name__)


def run() -> None:
    """Draw the page of this address; what all pages need is read once."""
    st.set_page_config(page_title="Retrace", layout="wide", initial_sidebar_state="collapsed")
    st.html(STYLE_SHEET)
    context: PageContext
    question: PageQuestion

    def search() -> None:
        if context.sightings == 0:
            first_steps.show_first_steps(context)
        else:
            show_search(context, question)

    pages = [
        st.Page(search, title=say("Search"), url_path="search", default=True),
        st.Page(lambda: browse_page.show_browse(context, question), title=say("Browse"), url_path="browse"),
        st.Page(lambda: cases_page.show_cases(context, question), title=say("Cases"), url_path="cases"),
        st.Page(lambda: coverage_page.show_coverage(context), title=say("Coverage"), url_path="coverage"),
        st.Page(lambda: audit_page.show_audit(context), title=say("Audit"), url_path="audit"),
    ]
    here = st.navigation(pages, position="hidden")
    try:
        context, question = open_context(), visit.current_question()
        visit.renew_fields(question)
        if st.session_state.pop(GO_TO_SEARCH, False) and here is not pages[0]:
            st.switch_page(pages[0], query_params=visit.params_of_links())
        show_bar(context, question, pages, here)
        if here is not pages[0]:
            visit.leave()
        here.run()
    except QuestionError as error:
        _show_problem(str(error))
    except (ArchiveError, SeeingError, RoadError, OSError) as error:
        _show_problem(say_error(error))
    except Exception as error:
        _log.exception("a page could not be drawn")
        _show_problem(unforeseen_line(error))


def _show_problem(line: str) -> None:
    """Show an error in one line, and a way back to an empty question."""
    st.error(unformatted(line))
    st.button(say("New question"), on_click=st.query_params.clear)


if __name__ == "__main__":
    # A worker process that the server starts imports this file as its main module, under another name.
    run()
