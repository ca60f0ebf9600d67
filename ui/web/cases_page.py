"""Show the cases, and one case: its marked sightings on map and time line, its notes, and its report."""

from html import escape

import streamlit as st

from index.access.accounts import who_may
from index.access.browse import get_sightings
from index.access.cases import CaseFile, close_case, list_cases, read_case, write_note
from index.access.permissions import Permission, roles_allowing
from index.errors import ArchiveError
from index.search.target import true_times_of
from index.store.catalogue.cases import Case
from reid.errors import SeeingError
from roadgraph.errors import RoadError
from ui.report.build import ReportOptions, build_report
from ui.scratch import scratch_folder
from ui.web import visit, words
from ui.web.context import PageContext
from ui.web.error_words import say_error
from ui.web.fields import heading, note, problem
from ui.web.language import say, say_count
from ui.web.listing_board import show_listing
from ui.web.question import PageQuestion

NOTE = "case_note"
REPORT = "case report"


def show_cases(context: PageContext, question: PageQuestion) -> None:
    """Show the case of the address, or the list of all."""
    if question.case is None:
        _show_list(context)
        return
    file = read_case(context.archive, context.person, question.case)
    _show_heading(context, file)
    marks = {mark.sighting: mark.verdict for mark in file.marks}
    found = get_sightings(context.archive, marks, context.person)
    if found:
        pairs = zip(true_times_of(context.archive, found), found, strict=True)
        times, ordered = zip(*sorted(pairs, key=lambda pair: (pair[0], pair[1].id)), strict=True)
        show_listing(context, question, ordered, key="case_board", name=file.case.id, marks=marks, times=times)
    else:
        note(say("Nothing is marked yet: search, open a hit, and say yes, no or unsure."))
    _show_notes(context, file)
    _show_readers(context)


def _show_list(context: PageContext) -> None:
    cases = list_cases(context.archive, context.person)
    st.html(f'<h2 class="rt-lead">{escape(say("Cases"))}</h2>')
    if not cases:
        note(say("There is no case yet. Open one above, under No case."))
    for case in cases:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.html(_case_line(context, case), width="stretch")
            st.button(say("Open"), key=f"open {case.id}", on_click=_choose, args=(case.id,))


def _case_line(context: PageContext, case: Case) -> str:
    opened = say("opened {when} by {who}", when=words.stamp(case.opened_at, context.zone), who=case.opened_by)
    closed = f" · {say('closed {when}', when=words.stamp(case.closed_at, context.zone))}" if case.closed_at else ""
    details = f'<span class="rt-note">{escape(opened + closed)}</span>'
    return f'<div class="rt-case"><b>{escape(case.id)}</b> {escape(case.title)}<br>{details}</div>'


def _show_heading(context: PageContext, file: CaseFile) -> None:
    case = file.case
    counts = {verdict: sum(mark.verdict == verdict for mark in file.marks) for verdict in ("yes", "unsure", "no")}
    basis = " · ".join(
        [
            say("{n} confirmed", n=counts["yes"]),
            say("{n} open", n=counts["unsure"]),
            say("{n} ruled out", n=counts["no"]),
            say_count(len(file.notes), "{n} note", "{n} notes"),
        ]
    )
    with st.container(horizontal=True, vertical_alignment="center", key="case_heading"):
        title = f"{escape(case.id)} · {escape(case.title)}" if case.title else escape(case.id)
        st.html(f'<div class="rt-headline"><h2>{title}</h2><p>{escape(basis)}</p></div>', width="stretch")
        st.button(say("All cases"), on_click=_choose, args=(None,), key="all_cases")
        if case.closed_at is None:
            st.button(say("Close the case"), on_click=_close, args=(context, case.id))
        st.button(say("Make the report"), type="primary", key="make_report", on_click=_report, args=(context, case.id))
        made = st.session_state.get(REPORT)
        if isinstance(made, tuple) and made[0] == case.id:
            st.download_button(say("Download"), made[1], f"report-{case.id}.zip", "application/zip", key="download")
    bad = visit.unread(REPORT)
    if bad:
        problem(bad[1])


def _show_notes(context: PageContext, file: CaseFile) -> None:
    heading(say("Notes"))
    for one in file.notes:
        who = f"{one.person}, {words.stamp(one.written_at, context.zone)}"
        st.html(f'<p class="rt-text">{escape(one.text)}<br><span class="rt-note">{escape(who)}</span></p>')
    bad = visit.unread(NOTE)
    # A note that came too late is still there to be copied.
    if file.case.closed_at is None or bad or st.session_state.get(NOTE):
        st.text_area(say("Write a note"), key=NOTE, height=80, max_chars=10_000)
        st.button(say("Keep the note"), key="keep_note", on_click=_write, args=(context, file.case.id))
    if bad:
        problem(bad[1])


def _show_readers(context: PageContext) -> None:
    """Say who may see a case: their role decides, and who can read the files of the archive."""
    heading(say("Who may see this case"))
    people = [f"{one.id} ({one.role})" for one in who_may(context.archive, context.person, Permission.CASES)]
    here = say("whoever uses this machine as the owner of the archive")
    note(" · ".join([here, *people]))
    roles = ", ".join(roles_allowing(Permission.CASES))
    note(say("Accounts with the roles {roles} may see every case; others see none.", roles=roles))


def _choose(case: str | None) -> None:
    visit.change(case=case)


def _close(context: PageContext, case: str) -> None:
    with visit.saying(REPORT):
        close_case(context.archive, context.person, case)


def _write(context: PageContext, case: str) -> None:
    text = st.session_state[NOTE].strip()
    if text:
        with visit.saying(NOTE):
            write_note(context.archive, context.person, case, text)
            st.session_state[NOTE] = ""


def _report(context: PageContext, case: str) -> None:
    """Make the report and keep it for the download."""
    visit.set_read(REPORT)
    with scratch_folder() as folder:
        out = folder / "report.zip"
        try:
            build_report(context.archive, context.person, case, out, ReportOptions(zone=context.zone))
        except (ArchiveError, SeeingError, RoadError, OSError) as error:
            visit.set_unread(REPORT, case, say_error(error))
            return
        st.session_state[REPORT] = (case, out.read_bytes())
