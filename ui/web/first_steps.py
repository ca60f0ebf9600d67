"""Show how to fill an empty archive: roads, cameras, footage; finished steps are ticked, and files are taken here."""

import shlex
from contextlib import suppress
from html import escape

import streamlit as st

from index.access.permissions import Permission, require
from index.errors import ArchiveError
from ui.web.context import PageContext, served_archive
from ui.web.demo_city import DemoCity
from ui.web.fields import note, problem, unformatted
from ui.web.footage_form import show_footage_form
from ui.web.ingest_progress import ingest_desk, show_progress
from ui.web.language import say, say_count
from ui.web.map_files import Take, take_cameras, take_file, take_roads

STEPS = (
    ("The roads of the place, from OpenStreetMap", "roads import town.osm.pbf"),
    ("Where the cameras stand and look", "cameras import cameras.csv"),
    ("What they filmed", "ingest harbour.mp4 --camera {camera} --start 2026-05-04T08:00:00+02:00"),
)
UPLOADS: tuple[tuple[str, Take] | None, ...] = (("roads_file", take_roads), ("cameras_file", take_cameras), None)
FORMATS = {
    "roads_file": "or bring the file here: OpenStreetMap XML or PBF, GraphML of osmnx, or GeoJSON lines",
    "cameras_file": "or bring the file here: GeoJSON points, or CSV with the columns id,lat,lon,bearing",
}
LARGEST_MB = 50
TAKEN = "map files taken"
"""The entry of the visit's state with the file that each field took last, what it held, and what is wrong with it."""


def show_first_steps(context: PageContext) -> None:
    """Show the three steps, for the archive that is served."""
    title, lead = say("Nothing to search yet"), say("Three steps fill this archive, here or with these commands.")
    st.html(f'<h2 class="rt-lead">{escape(title)}</h2><p class="rt-note">{escape(lead)}</p>')
    cameras = context.base.ids
    done = (context.base.roads is not None, bool(cameras), False)
    with st.container(key="first_steps"):
        for number, (step, is_done) in enumerate(zip(STEPS, done, strict=True), start=1):
            _show_step(context, number, step, is_done)
        st.button(say("Look again"), icon=":material/refresh:", key="look_again")
        if not any(done):
            _offer_demo(context)
        show_progress(context)


def _offer_demo(context: PageContext) -> None:
    """Show the button that fills the archive with the city of the demo."""
    st.html(f'<h3 class="rt-step">{escape(say("Nothing at hand?"))}</h3>')
    demo = DemoCity.beside(served_archive())
    st.button(
        say("Make the demo city"),
        icon=":material/location_city:",
        key="make_demo",
        disabled=ingest_desk().state.is_running,
        on_click=_make_demo,
        args=(context, demo),
    )
    note(
        say(
            "Four cameras film three minutes of drawn traffic; it takes some minutes, and lies in {folder}.",
            folder=str(demo.folder),
        )
    )


def _make_demo(context: PageContext, demo: DemoCity) -> None:
    require(context.archive, context.person, Permission.INGEST)
    # In another window footage may be coming in already: the page shows it.
    with suppress(ArchiveError):
        ingest_desk().start(demo)


def command(text: str, camera: str) -> str:
    """Return a command of `retrace` for the archive that is served."""
    return f"retrace --archive {shlex.quote(str(served_archive()))} {text.format(camera=shlex.quote(camera))}"


def _show_step(context: PageContext, number: int, step: tuple[str, str], is_done: bool) -> None:
    title, text = step
    mark = "✓" if is_done else f"{number}."
    st.html(f'<h3 class="rt-step">{mark} {escape(say(title))}</h3>')
    upload = UPLOADS[number - 1]
    if not is_done:
        st.code(command(text, min(context.base.ids, default="harbour")), language=None, wrap_lines=True)
        if upload:
            _ask_file(context, title, *upload)
        elif context.base.cameras:
            show_footage_form(context)
    elif upload:
        _, held, _ = st.session_state.get(TAKEN, {}).get(upload[0], ("", "", ""))
        note(held or (say_count(len(context.base.ids), "{n} camera", "{n} cameras") if number == 2 else say("done")))


def _ask_file(context: PageContext, title: str, key: str, take: Take) -> None:
    """Show the field of a file; a file is taken once, when it arrives."""
    note(say(FORMATS[key]))
    file = st.file_uploader(say(title), key=key, max_upload_size=LARGEST_MB, label_visibility="collapsed")
    taken = st.session_state.setdefault(TAKEN, {})
    if file is None:
        taken.pop(key, None)
        return
    if taken.get(key, ("",))[0] != file.file_id:
        with st.spinner(unformatted(say("Reading {name} …", name=file.name))):
            taken[key] = (file.file_id, *_take(context, take, file.name, file.getvalue()))
    if taken[key][2]:
        problem(taken[key][2])
    else:
        st.rerun()


def _take(context: PageContext, take: Take, name: str, data: bytes) -> tuple[str, str]:
    """Take a file; return what it held, and what is wrong with it."""
    try:
        return take_file(context.archive, context.person, take, name, data), ""
    except ArchiveError as error:
        return "", str(error)
