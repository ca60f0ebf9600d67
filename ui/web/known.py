"""Choose a sighting of the archive to ask about, from a wall of small pictures."""

from datetime import timedelta
from html import escape

import streamlit as st

from index.sighting import Sighting
from ui.web import words
from ui.web.cards import picture, plate_sign
from ui.web.session import Desk, near, pictures, sighting_of
from ui.web.when import When

COLUMNS = 4
WALL = 3 * COLUMNS
AROUND = timedelta(minutes=10)
CHOSEN = "sighting"


def ask_sighting(desk: Desk, camera: str | None, when: When) -> Sighting | None:
    """Show the sightings of a camera around a time; return the one that was chosen."""
    chosen = sighting_of(desk, st.session_state.get(CHOSEN))
    if chosen is not None:
        _show_chosen(desk, chosen, when)
    elif camera is None:
        _note("Choose a camera beside: what it saw appears here.")
    else:
        _show_wall(desk, camera, when)
    return chosen


def _show_chosen(desk: Desk, chosen: Sighting, when: When) -> None:
    jpeg = pictures(desk, [chosen])[chosen.id]
    where = f"<b>{escape(chosen.camera)}</b>, {words.moment(chosen.best, when.zone)}"
    st.html(f'<div class="rt-question">{picture(jpeg, "The chosen sighting")}<p>{where}</p></div>')
    _note("It brings its own place and time.")
    st.button("Choose another", on_click=_forget)


def _show_wall(desk: Desk, camera: str, when: When) -> None:
    middle = when.moment or desk.moment
    if middle is None:
        _note(f"Say a time beside, to see what {camera} saw around it.")
        return
    found = near(desk, camera, (middle - AROUND, middle + AROUND))
    found = sorted(found, key=lambda sighting: (abs(sighting.best - middle), sighting.id))
    if not found:
        _note(
            f"{camera} saw nothing within {words.span(AROUND)} of {words.moment(middle, when.zone)}: change the time."
        )
        return
    wall = sorted(found[:WALL], key=lambda sighting: (sighting.best, sighting.id))
    shown = pictures(desk, wall)
    cells = [cell for _ in range(0, len(wall), COLUMNS) for cell in st.columns(COLUMNS)]
    for cell, sighting in zip(cells, wall, strict=False):
        with cell:
            st.html(_thumb(sighting, shown[sighting.id], when))
            st.button("Ask", key=f"choose {sighting.id}", on_click=_choose, args=(sighting.id,), width="stretch")
    if len(found) > WALL:
        _note(f"The nearest {WALL} of {len(found)} within {words.span(AROUND)}: say a time to see others.")


def _thumb(sighting: Sighting, jpeg: bytes | None, when: When) -> str:
    time, look = words.clock(sighting.best, when.zone), words.look_of(sighting.look)
    return (
        f'<div class="rt-thumb"><div class="rt-picture">{picture(jpeg, look)}</div>'
        f"<p><b>{time}</b> {escape(look)}{plate_sign(sighting.plate)}</p>"
        "</div>"
    )


def _note(text: str) -> None:
    st.html(f'<p class="rt-note">{escape(text)}</p>')


def _choose(id_: str) -> None:
    st.session_state[CHOSEN] = id_


def _forget() -> None:
    del st.session_state[CHOSEN]
