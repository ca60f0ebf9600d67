"""Draw the mask of a camera over its last picture: where to look for vehicles, and where not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from index.errors import ArchiveError
from index.map.map_changes import change_mask, mask_of, masks_to_come
from reid.errors import SeeingError
from reid.scene.regions import Polygon, Regions, check_polygon
from ui.web import visit, words
from ui.web.addresses import archive_url
from ui.web.component import show_component
from ui.web.context import PageContext
from ui.web.error_words import say_error
from ui.web.fields import note, problem
from ui.web.language import say, say_count

DRAWN, USE = "mask drawn", "mask_use"
IGNORE, LOOK = "ignore", "look"


def ask_mask(context: PageContext, camera: str) -> None:
    """Show the picture of a camera with its mask, and take what is drawn, for footage that is taken in later."""
    uses = {IGNORE: say("Leave out"), LOOK: say("Look only here")}
    st.segmented_control(
        say("What you draw"), list(uses), key=USE, default=IGNORE, format_func=uses.__getitem__, required=True
    )
    mask = _mask(context, camera)
    data = {
        "key": camera,
        "use": st.session_state.get(USE) or IGNORE,
        "src": archive_url("camera", camera),
        "look": [list(polygon) for polygon in mask.look],
        "ignore": [list(polygon) for polygon in mask.ignore],
        "words": {
            "picture": say("The last picture of this camera"),
            "noPicture": say("There is no picture of this camera yet: take in footage first."),
            "draw": say("Click the corners; click the first one again, or press Enter, to close the shape."),
        },
    }
    show_component(
        "mask",
        ("elements", "mask"),
        "mask",
        key="mask_board",
        data=data,
        takes={"polygon": lambda drawn: _take(context, drawn)},
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        number = len(mask.look) + len(mask.ignore)
        note(say_count(number, "{n} shape", "{n} shapes") if number else say("The whole picture is looked at."))
        if number:
            undo, clear = say("Take the last shape away"), say("No mask")
            st.button(undo, key="mask_undo", type="tertiary", on_click=_undo, args=(context, camera))
            st.button(clear, key="mask_clear", type="tertiary", on_click=_save, args=(context, camera, Regions()))
    note(say("A mask counts for footage that is taken in from now on."))
    if later := masks_to_come(context.archive, context.person, camera):
        note(
            say("What you draw takes the place of the mask from {when} on.", when=words.moment(later[0], context.zone))
        )
    bad = visit.unread(DRAWN)
    if bad:
        problem(bad[1])


def with_polygon(mask: Regions, polygon: Polygon, use: str) -> Regions:
    """Return a mask with one polygon more."""
    if use == LOOK:
        return replace(mask, look=(*mask.look, polygon))
    return replace(mask, ignore=(*mask.ignore, polygon))


def without_last(mask: Regions) -> Regions:
    """Return a mask without its last polygon; those that leave out go first."""
    if mask.ignore:
        return replace(mask, ignore=mask.ignore[:-1])
    return replace(mask, look=mask.look[:-1])


def _mask(context: PageContext, camera: str) -> Regions:
    return mask_of(context.archive, context.person, camera) or Regions()


def _take(context: PageContext, drawn: Mapping[str, Any]) -> None:
    camera: str = drawn["camera"]
    try:
        polygon = check_polygon(drawn["corners"], camera)
    except SeeingError as error:
        visit.set_unread(DRAWN, "", say_error(error))
        return
    _save(context, camera, with_polygon(_mask(context, camera), polygon, drawn["use"]))


def _undo(context: PageContext, camera: str) -> None:
    _save(context, camera, without_last(_mask(context, camera)))


def _save(context: PageContext, camera: str, mask: Regions) -> None:
    try:
        change_mask(context.archive, context.person, camera, mask)
        visit.set_read(DRAWN)
    except ArchiveError as error:
        visit.set_unread(DRAWN, "", say_error(error))
