"""Show the pictures of a question: drop them, and choose the vehicle in each by one click on its box."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from functools import lru_cache
from typing import Any

import streamlit as st

from reid.detect.detectors import FILLS_PICTURE, vehicles_in_photograph
from reid.errors import SeeingError
from reid.images import LEAST_PX, encode_jpeg, resize_to_fit
from reid.vehicle import Box
from ui.web import uploads, visit
from ui.web.component import show_component
from ui.web.error_words import say_error
from ui.web.fields import note, problem
from ui.web.language import say, say_count
from ui.web.photo_origin import offer_origin
from ui.web.photo_plate import offer_plate
from ui.web.question import MOST_PICTURES, PageQuestion, PicturePart

PREVIEW_PX, PREVIEW_HEIGHT_PX, THUMB_PX = 1100, 300, 160
UPLOAD, PROBLEMS, ROUND = "picture", "picture problems", "upload round"


def ask_pictures(question: PageQuestion, zone: tzinfo) -> None:
    """Show the upload, and each picture with its boxes; each change goes into the question."""
    round_ = st.session_state.setdefault(ROUND, 0)
    st.file_uploader(
        say("Drop pictures of the vehicle here, or paste one"),
        accept_multiple_files=True,
        key=f"{UPLOAD} {round_}",
        max_upload_size=50,
        on_change=_take_files,
        args=(f"{UPLOAD} {round_}",),
    )
    show_component("paste", ("paste",), key="paste")
    for line in st.session_state.get(PROBLEMS, ()):
        problem(line)
    for number, part in enumerate(question.pictures):
        _show_picture(number, part, zone, question.plate)
    if not question.pictures:
        note(say("A whole photograph will do: its vehicles are found, and you choose one."))


def part_of(sha256: str) -> PicturePart:
    """Return a new picture with the box of its subject, the whole picture where the vehicle fills it."""
    found = boxes_in(sha256)
    height, width = uploads.whole_picture(sha256).shape[:2]
    if not found or found[0].width * found[0].height >= FILLS_PICTURE * width * height:
        return PicturePart(sha256)
    return PicturePart(sha256, found[0])


@lru_cache(maxsize=64)
def boxes_in(sha256: str) -> tuple[Box, ...]:
    """Return the boxes of the vehicles in a kept picture, its subject first, in whole pixels."""
    found = [detection.box for detection in vehicles_in_photograph(uploads.whole_picture(sha256))]
    rounded = (Box(*(float(round(side)) for side in (box.x, box.y, box.width, box.height))) for box in found)
    return tuple(box for box in rounded if min(box.width, box.height) >= LEAST_PX)


@lru_cache(maxsize=64)
def thumbnail(part: PicturePart) -> str:
    """Return the vehicle of a picture as a small data URL."""
    return _data_url(encode_jpeg(resize_to_fit(uploads.pixels(part), THUMB_PX), 85))


def _show_picture(number: int, part: PicturePart, zone: tzinfo, plate: str | None) -> None:
    try:
        width, height = uploads.checked_size(part)
    except SeeingError as error:
        problem(say_error(error))
        st.button(say("Leave this picture out"), key=f"leave {number}", on_click=_leave_out, args=(number,))
        return
    found, key = boxes_in(part.sha256), f"boxes {number}"
    chosen = [part.box.x, part.box.y, part.box.width, part.box.height] if part.box else None
    data = {
        "picture": part.sha256,
        "src": _preview(part.sha256),
        "width": width,
        "height": height,
        "most": PREVIEW_HEIGHT_PX,
        "boxes": [[box.x, box.y, box.width, box.height] for box in found],
        "chosen": chosen,
        "words": {"picture": say("Your picture"), "vehicle": say("Vehicle")},
    }
    boxed = ("picture-boxes", ("elements", "boxes"), "boxes")
    show_component(*boxed, key=key, data=data, takes={"box": _take_box})
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        note(_picture_note(part, len(found)))
        if part.box:
            st.button(say("Whole picture"), key=f"whole {number}", type="tertiary", on_click=_whole, args=(number,))
        st.button(say("Remove"), key=f"leave {number}", type="tertiary", on_click=_leave_out, args=(number,))
    offer_plate(number, part, plate)
    offer_origin(number, uploads.origin(part.sha256), zone)


def _picture_note(part: PicturePart, found: int) -> str:
    vehicles = say_count(found, "{n} vehicle found", "{n} vehicles found")
    if part.box is None:
        return say("{vehicles}; the whole picture is compared.", vehicles=vehicles)
    size = f"{part.box.width:.0f} x {part.box.height:.0f}"
    return say("{vehicles}; {size} pixels are compared. Click another, or drag a box.", vehicles=vehicles, size=size)


def _take_files(key: str) -> None:
    """Keep the files that were dropped; each that is no picture leaves a line that says why.

    When the browser sends more while this is still going on, Streamlit calls again for the same files.
    """
    if key != f"{UPLOAD} {st.session_state[ROUND]}":
        return
    question = visit.current_question()
    parts, problems = list(question.pictures), []
    for file in st.session_state[key] or ():
        try:
            if len(parts) >= MOST_PICTURES:
                raise SeeingError(say("{n} pictures are the most: remove one first", n=MOST_PICTURES))
            part = part_of(uploads.keep(file.getvalue(), file.name))
            parts += [] if part.sha256 in {kept.sha256 for kept in parts} else [part]
        except SeeingError as error:
            problems.append(say_error(error))
    st.session_state[PROBLEMS] = problems
    st.session_state[ROUND] += 1
    visit.change(pictures=tuple(parts), sighting=None)


def _take_box(chosen: Mapping[str, Any]) -> None:
    box = Box(*(float(side) for side in chosen["box"]))
    for number, part in enumerate(visit.current_question().pictures):
        if part.sha256 == chosen["picture"]:
            _set_part(number, box)


def _whole(number: int) -> None:
    _set_part(number, None)


def _set_part(number: int, box: Box | None) -> None:
    parts = list(visit.current_question().pictures)
    parts[number] = replace(parts[number], box=box)
    visit.change(pictures=tuple(parts))


def _leave_out(number: int) -> None:
    parts = visit.current_question().pictures
    visit.change(pictures=(*parts[:number], *parts[number + 1 :]))


@lru_cache(maxsize=16)
def _preview(sha256: str) -> str:
    return _data_url(encode_jpeg(resize_to_fit(uploads.whole_picture(sha256), PREVIEW_PX), 85))


def _data_url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
