"""Add footage on the page: name a file, a folder or a stream, or bring files; see what was found, and take it in."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from index.errors import ArchiveError
from index.ingest.brought_files import keep_files
from index.ingest.find_footage import FoundFootage, find_footage, jobs_of
from index.ingest.registration import FootageJob
from index.ingest.start_time import StartRule
from index.ingest.stream import StreamSource
from index.ingest.watch import FolderOptions
from reid.clock.name_time import name_time
from reid.errors import SeeingError
from reid.video.stream import is_stream
from ui.web import visit, words
from ui.web.context import PageContext
from ui.web.error_words import say_error
from ui.web.fields import note, problem
from ui.web.ingest_progress import ingest_desk
from ui.web.language import say, say_count
from ui.web.start_form import ask_start
from ui.web.theme import LARGEST_MB

SOURCE, CAMERA, BROUGHT, KEPT = "footage_source", "footage_camera", "footage_files", "footage_kept"
ROWS_SHOWN = 12


def show_footage_form(context: PageContext) -> None:
    """Show where footage comes from, what was found there, and the button that takes it in."""
    with st.container(key="footage_form"):
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        left.text_input(
            say("A file or folder on this machine, or the address of a stream"),
            key=SOURCE,
            placeholder="/srv/recordings, harbour.mp4, rtsp://10.0.0.7/stream1",
            max_chars=1000,
        )
        right.selectbox(
            say("Filmed by"),
            sorted(context.base.cameras),
            index=None,
            placeholder=say("as folders and names say"),
            key=CAMERA,
        )
        st.file_uploader(
            say("or bring video files"),
            accept_multiple_files=True,
            key=BROUGHT,
            max_upload_size=LARGEST_MB,
        )
        try:
            _show_found(context)
        except (ArchiveError, SeeingError, OSError) as error:
            problem(say_error(error))


def _show_found(context: PageContext) -> None:
    """Show what the source holds, and the button that takes it in."""
    text, camera = (st.session_state.get(SOURCE) or "").strip(), st.session_state.get(CAMERA)
    brought = st.session_state.get(BROUGHT) or []
    if is_stream(text):
        if camera is None:
            note(say("A stream is of one camera: choose it."))
        else:
            note(say("The stream is recorded and taken in piece by piece, until you stop it."))
            _ask_take([], StreamSource(text, camera))
        return
    if brought:
        if camera is None:
            note(say("Which camera filmed these files? Choose it."))
            return
        sources = _kept(context, camera, brought)
    elif text:
        sources = [_path(text)]
    else:
        note(say("Recordings of Frigate, and names such as harbour_20260504_083000.mp4, tell their camera and start."))
        return
    options = FolderOptions(camera=camera, rule=StartRule(context.zone))
    found = [one for source in sources for one in find_footage(context.archive, context.person, source, options)]
    st.html(found_table(found, context))
    if takes_zone(found):
        note(
            say("Where neither name nor file tells a time zone, {zone} is taken, that of this page.", zone=context.zone)
        )
    ready = jobs_of(found, StartRule(context.zone))
    if len(found) == 1 and ready and ready[0].start is None:
        ready = ask_start(context, ready[0])
    _ask_take(ready, None)


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ArchiveError(f"{text}: no such person on this machine") from None


def _kept(context: PageContext, camera: str, brought: Sequence[UploadedFile]) -> list[Path]:
    """Keep files that were brought, once for all redraws; return their paths."""
    key = (camera, *(file.file_id for file in brought))
    known, paths = st.session_state.get(KEPT, (None, []))
    if known != key:
        paths = keep_files(context.archive, context.person, camera, [(file.name, file.getvalue()) for file in brought])
        st.session_state[KEPT] = key, paths
    return list(paths)


def takes_zone(found: Sequence[FoundFootage]) -> bool:
    """Tell whether the start of any file that can be taken in may be in no zone but that of the page."""
    named = [name_time(one.path) for one in found if one.problem is None]
    return any(time is None or not time.zone for time in named)


def found_table(found: Sequence[FoundFootage], context: PageContext) -> str:
    """Return the files as a table: camera, start, and what stands against taking one in."""
    names = (say("File"), say("Camera"), say("Starts"), say("Problem"))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = "".join(_row(one, context) for one in found[:ROWS_SHOWN])
    left = len(found) - ROWS_SHOWN
    more = say_count(left, "and {n} more file", "and {n} more files") if left > 0 else ""
    rest = f'<tr><td colspan="4">{escape(more)}</td></tr>' if more else ""
    label = escape(say("The files that were found"), quote=True)
    table = f"<table><tr>{head}</tr>{rows}{rest}</table>"
    return f'<div class="rt-hours" role="region" tabindex="0" aria-label="{label}">{table}</div>'


def _row(one: FoundFootage, context: PageContext) -> str:
    start = words.moment(one.start, context.zone) if one.start else say("as the file itself says")
    cells = (one.path.name, one.camera or "?", "" if one.problem else start)
    shown = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    against = say(one.problem.text, **one.problem.values) if one.problem else ""
    problem_cell = f'<td class="rt-bad">{escape(against)}</td>'
    return f'<tr title="{escape(str(one.path), quote=True)}">{shown}{problem_cell}</tr>'


def _ask_take(jobs: Sequence[FootageJob], stream: StreamSource | None) -> None:
    running = ingest_desk().state.is_running
    label = say("Record it") if stream else say_count(len(jobs), "Take in {n} file", "Take in {n} files")
    label = label if jobs or stream else say("Nothing to take in")
    st.button(
        label,
        type="primary",
        key="take_in",
        disabled=running or not (jobs or stream),
        on_click=_take,
        args=(tuple(jobs), stream),
    )
    bad = visit.unread(SOURCE)
    if bad:
        problem(bad[1])


def _take(jobs: tuple[FootageJob, ...], stream: StreamSource | None) -> None:
    try:
        ingest_desk().start(stream or jobs)
        visit.set_read(SOURCE)
    except ArchiveError as error:
        visit.set_unread(SOURCE, "", say_error(error))
