"""Show how far footage is that is being taken in, what came of each file, and a button that stops it."""

from html import escape
from pathlib import Path

import streamlit as st

from index.ingest.ingest import IngestedFootage
from index.ingest.progress import IngestProgress
from ui.web import words
from ui.web.context import PageContext, served_archive
from ui.web.error_words import say_line
from ui.web.fields import note, problem, unformatted
from ui.web.ingest_worker import IngestDesk, IngestState
from ui.web.language import say, say_count

EVERY_S = 1.0
SHOWN = 8
"""Bars, results and lines beyond so many are counted."""


def ingest_desk() -> IngestDesk:
    """Return the desk of the archive that is served; all visits share it."""
    return _desk(str(served_archive()))


def show_progress(context: PageContext) -> None:
    """Show the ingest that runs, or what the last one gave; it draws itself anew while it runs."""
    if ingest_desk().state.is_running:
        _running(context)
    else:
        _show_results(ingest_desk().state)


@st.cache_resource(show_spinner=False)
def _desk(path: str) -> IngestDesk:
    return IngestDesk(Path(path))


@st.fragment(run_every=EVERY_S)
def _running(context: PageContext) -> None:
    state = ingest_desk().state
    if not state.is_running:
        st.rerun()
    with st.container(key="ingest_running"):
        st.html(f'<p class="rt-note" role="status"><b>{escape(summary(state))}</b></p>')
        working = [one for one in state.progress if one.done_s < one.total_s]
        for one in working[:SHOWN]:
            st.progress(min(1.0, one.done_s / one.total_s) if one.total_s else 0.0, text=unformatted(file_words(one)))
        for line in state.lines[-SHOWN:]:
            note(line)
        st.button(say("Stop"), key="stop_ingest", icon=":material/stop:", on_click=ingest_desk().stop)
        note(say("What is finished is kept; the same footage goes on later where it was."))


def _show_results(state: IngestState) -> None:
    if not (state.results or state.lines):
        return
    with st.container(key="ingest_results"):
        note(summary(state))
        for line in state.lines[-SHOWN:]:
            problem(say_line(line))
        for result in state.results[-SHOWN:]:
            (problem if result.status == "failed" else note)(result_words(result))
            for doubt in result.doubts:
                problem(say_line(doubt))


def summary(state: IngestState) -> str:
    """Return in a line how far all files are."""
    if state.is_running and not state.progress:
        return say("Demo city: {step}", step=state.making) if state.making else say("Reading the files …")
    done, total = sum(one.done_s for one in state.progress), sum(one.total_s for one in state.progress)
    found = sum(one.sightings for one in state.progress) or sum(one.sightings for one in state.results)
    sightings = say_count(found, "{n} sighting", "{n} sightings")
    if state.is_running:
        share = f"{done / total:.0%}" if total else "0%"
        return say("Taking in footage: {share}, {sightings}", share=share, sightings=sightings)
    files = say_count(len(state.results), "{n} file", "{n} files")
    return say("Taken in: {files}, {sightings}", files=files, sightings=sightings)


def file_words(one: IngestProgress) -> str:
    """Return how far a file is, in words."""
    sightings = say_count(one.sightings, "{n} sighting", "{n} sightings")
    return f"{Path(one.path).name} · {words.span(one.done_s)} / {words.span(one.total_s)} · {sightings}"


def result_words(result: IngestedFootage) -> str:
    """Return what came of a file, in words."""
    if result.problem:
        return f"{Path(result.path).name}: {say_line(result.problem)}"
    sightings = say_count(result.sightings, "{n} sighting", "{n} sightings")
    return f"{Path(result.path).name} · {words.span(result.seconds_of_video)} · {sightings}"
