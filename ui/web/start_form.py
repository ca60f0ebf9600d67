"""Help to find when a file starts: its first picture, what its burnt-in clock says, and a field for the time."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import streamlit as st

from index.errors import ArchiveError
from index.ingest.registration import FootageJob
from index.ingest.start_time import StartRule, find_start, picture_clock
from index.ingest.times import TimeReader, read_zone
from reid.errors import SeeingError
from reid.images import encode_jpeg, resize_to_fit
from reid.video.frames import frame_at
from reid.video.timeline import read_timeline
from ui.web import words
from ui.web.context import PageContext
from ui.web.error_words import say_error, say_line
from ui.web.fields import note, problem
from ui.web.language import say

START = "footage_start"
PICTURE_PX = 640


def ask_start(context: PageContext, job: FootageJob) -> list[FootageJob]:
    """Show what the file says of its start, and ask where it says nothing; return the job when its start is known."""
    size = job.path.stat().st_size
    said = file_start(job.path, size, str(context.zone))
    left, right = st.columns([1, 1])
    with left:
        st.image(first_picture(job.path, size), caption=say("Its first picture"), width="stretch")
    with right:
        if said is not None:
            note(say("It starts {time}, by its recorder.", time=words.moment(said, context.zone)))
            note(say("Some write local time as UTC there, or when a file was exported: compare it with the picture."))
        else:
            note(say("The file does not say when it starts."))
            clock, doubt = picture_start(job.path, size, str(context.zone))
            if clock is not None:
                note(say("The clock in its picture says {time}.", time=words.moment(clock, context.zone)))
                if doubt:
                    problem(say_line(doubt))
                st.button(say("That is right"), key="believe_clock", on_click=_believe, args=(context, clock))
        text = st.text_input(
            say("Start, by the camera's clock"), key=START, placeholder="2026-05-04 08:30:00", max_chars=40
        )
        given = read_start(text, context) if text.strip() else said
    return [replace(job, start=given)] if given is not None else []


def read_start(text: str, context: PageContext) -> datetime | None:
    """Return the start that was typed, in the zone of the reader where it names none; say what is wrong with it."""
    try:
        return TimeReader(context.zone).read(text.strip())
    except ArchiveError as error:
        problem(say_error(error))
        return None


@lru_cache(maxsize=16)
def file_start(path: Path, size: int, zone: str) -> datetime | None:
    """Return the start that a file's recorder wrote into it, None where it wrote none; `size` tells files apart.

    One without a zone, as in AVI, is in that of the page.
    """
    try:
        return find_start(path, read_timeline(path), StartRule(read_zone(zone))).time
    except ArchiveError:
        return None


@lru_cache(maxsize=16)
def picture_start(path: Path, size: int, zone: str) -> tuple[datetime | None, str]:
    """Return the start by the clock burnt into the pictures, None where none is read, and what speaks against it."""
    try:
        proposal = picture_clock(path, read_zone(zone))
    except ArchiveError:
        return None, ""
    return proposal.start, "; ".join(proposal.doubts)


@lru_cache(maxsize=16)
def first_picture(path: Path, size: int) -> bytes:
    """Return the first picture of a file as JPEG."""
    frame = frame_at(read_timeline(path), 0.0)
    if frame is None:
        raise SeeingError(f"{path}: its first picture cannot be decoded")
    return encode_jpeg(resize_to_fit(frame.image, PICTURE_PX), 85)


def _believe(context: PageContext, clock: datetime) -> None:
    st.session_state[START] = clock.astimezone(context.zone).isoformat(sep=" ", timespec="seconds")
