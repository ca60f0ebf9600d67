"""Show how to fill an empty archive; finished steps are ticked."""

import os
import shlex
from html import escape

import streamlit as st

from ui.web.context import ARCHIVE_VARIABLE, PageContext
from ui.web.language import say

STEPS = (
    ("The roads of the place, from OpenStreetMap", "roads import town.osm.pbf"),
    ("Where the cameras stand and look", "cameras import cameras.csv"),
    ("What they filmed", "ingest harbour.mp4 --camera harbour --start 2026-05-04T08:00:00+02:00"),
)


def show_first_steps(context: PageContext) -> None:
    """Show the three commands, for the archive that is served."""
    title, lead = say("Nothing to search yet"), say("Three commands fill this archive.")
    st.html(f'<h2 class="rt-lead">{escape(title)}</h2><p class="rt-note">{escape(lead)}</p>')
    done = (context.base.roads is not None, bool(context.base.cameras), False)
    archive = shlex.quote(os.environ.get(ARCHIVE_VARIABLE, "archive"))
    for (step, command), is_done in zip(STEPS, done, strict=True):
        st.html(f'<h3 class="rt-step">{"✓ " if is_done else ""}{escape(say(step))}</h3>')
        if not is_done:
            st.code(f"retrace --archive {archive} {command}", language=None)
    st.html(f'<p class="rt-note">{escape(say("No footage at hand? retrace demo makes a small city to try."))}</p>')
