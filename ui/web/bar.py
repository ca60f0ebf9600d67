"""Show the bar above every page: its pages, the search box, the case and reason, the time zone and the language."""

import streamlit as st

from index.access.cases import list_cases, open_case
from index.errors import ArchiveError
from ui.web import language, visit
from ui.web.context import ZONE, PageContext, zone_names
from ui.web.error_words import say_error
from ui.web.fields import problem, unformatted
from ui.web.language import say
from ui.web.listing_board import GO_TO_SEARCH
from ui.web.question import LONGEST_TEXT, PageQuestion
from ui.web.search_box import read_search

SEARCH, CASE, REASON = "search_text", "case", "reason"
NUMBER, TITLE = "new_case_number", "new_case_title"


def show_bar(context: PageContext, question: PageQuestion, pages: list["st.Page"], here: "st.Page") -> None:
    """Show the bar; a link to another page takes the question along."""
    params = visit.params_of_links()
    with st.container(key="top_bar", horizontal=True, vertical_alignment="center", gap="small"):
        st.html('<span class="rt-brand">Retrace</span>', width="content")
        for page in pages:
            shown = "_here" if page.url_path == here.url_path else ""
            with st.container(key=f"link_{page.url_path or 'search'}{shown}", width="content"):
                st.page_link(page, query_params=params)
        st.text_input(
            say("Search"),
            key=SEARCH,
            type="search",
            placeholder=say("Plate, white truck, camera …  ( / )"),
            label_visibility="collapsed",
            icon=":material/search:",
            max_chars=LONGEST_TEXT,
            on_change=_take_search,
            args=(context,),
        )
        with st.popover(unformatted(_case_words(question)), icon=":material/folder:", key="case_popover"):
            _ask_case(context, question)
        with st.popover(unformatted(str(context.zone)), icon=":material/public:", key="zone_popover"):
            _ask_zone(context)
    bad = visit.unread(SEARCH)
    if bad:
        problem(bad[1])


def _case_words(question: PageQuestion) -> str:
    return say("Case {number}", number=question.case) if question.case else say("No case")


def _ask_case(context: PageContext, question: PageQuestion) -> None:
    cases = [case.id for case in list_cases(context.archive, context.person) if case.closed_at is None]
    if question.case and question.case not in cases:
        cases.insert(0, question.case)
    key = visit.prefill(CASE, question.case)
    st.selectbox(say("Case"), cases, index=None, placeholder=say("none"), key=key, on_change=visit.taking(_take_case))
    help_ = say("Kept in the audit with every question and picture")
    key = visit.prefill(REASON, question.reason or "")
    st.text_input(say("Reason"), key=key, help=help_, max_chars=LONGEST_TEXT, on_change=visit.taking(_take_reason))
    with st.expander(say("Open a new case")):
        st.text_input(say("Number"), key=NUMBER, placeholder="2026-117", max_chars=100)
        st.text_input(say("What it is about"), key=TITLE, max_chars=LONGEST_TEXT)
        st.button(say("Open it"), key="open_case", on_click=_open_case, args=(context,))
        bad = visit.unread(NUMBER)
        if bad:
            problem(bad[1])


def _ask_zone(context: PageContext) -> None:
    st.session_state["zone"] = str(context.zone)
    st.selectbox(say("Time zone of all times shown"), zone_names(), key="zone", on_change=_take_zone)
    codes = list(language.NAMES)
    st.session_state["language_choice"] = language.current_language()
    st.selectbox(
        say("Language"), codes, key="language_choice", format_func=language.NAMES.__getitem__, on_change=_take_language
    )


def _take_search(context: PageContext) -> None:
    text = st.session_state[SEARCH]
    if not text.strip():
        visit.set_read(SEARCH)
        return
    try:
        visit.set_question(read_search(text, visit.current_question(), context.base.ids))
        st.session_state[SEARCH] = ""
        st.session_state[GO_TO_SEARCH] = True
    except ValueError as error:
        visit.set_unread(SEARCH, text, str(error))


def _take_case() -> None:
    visit.change_by_field(case=st.session_state[visit.key(CASE)])


def _take_reason() -> None:
    visit.change_by_field(reason=st.session_state[visit.key(REASON)].strip() or None)


def _open_case(context: PageContext) -> None:
    number = st.session_state[NUMBER].strip()
    try:
        opened = open_case(context.archive, context.person, number, st.session_state[TITLE].strip())
    except ArchiveError as error:
        visit.set_unread(NUMBER, number, say_error(error))
        return
    visit.change(case=opened.id)
    st.session_state[NUMBER] = st.session_state[TITLE] = ""


def _take_zone() -> None:
    st.session_state[ZONE] = st.session_state["zone"]


def _take_language() -> None:
    st.session_state[language.LANGUAGE] = st.session_state["language_choice"]
