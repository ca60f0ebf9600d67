"""Show the form for a sighting to ask about: a grid of the pictures that one camera took around a time."""

from datetime import timedelta
from html import escape

import streamlit as st

from index.records import Sighting
from ui.web import words
from ui.web.cards import picture, plate_sign
from ui.web.context import PageContext, find_sighting, pictures, sightings_near
from ui.web.time_form import TimeChoice

COLUMNS = 4
GRID = 3 * COLUMNS
AROUND = timedelta(minutes=10)
CHOSEN = "sighting"


def ask_sighting(context: PageContext, camera: str | None, when: TimeChoice) -> Sighting | None:
    """Show the sightings of a camera around a time; return the chosen one."""
    chosen = find_sighting(context, st.session_state.get(CHOSEN))
    if chosen is not None:
        _show_chosen(context, chosen, when)
    elif camera is None:
        _note("Choose a camera beside: what it saw appears here.")
    else:
        _show_grid(context, camera, when)
    return chosen


def _show_chosen(context: PageContext, chosen: Sighting, when: TimeChoice) -> None:
    jpeg = pictures(context, [chosen])[chosen.id]
    where = f"<b>{escape(chosen.camera)}</b>, {words.moment(chosen.best, when.zone)}"
    st.html(f'<div class="rt-question">{picture(jpeg, "The chosen sighting")}<p>{where}</p></div>')
    _note("It brings its own place and time.")
    st.button("Choose another", on_click=_forget)


def _show_grid(context: PageContext, camera: str, when: TimeChoice) -> None:
    middle = when.moment or context.moment
    if middle is None:
        _note(f"Say a time beside, to see what {camera} saw around it.")
        return
    found = sightings_near(context, camera, (middle - AROUND, middle + AROUND))
    found = sorted(found, key=lambda sighting: (abs(sighting.best - middle), sighting.id))
    if not found:
        _note(
            f"{camera} saw nothing within {words.span(AROUND)} of {words.moment(middle, when.zone)}: change the time."
        )
        return
    grid = sorted(found[:GRID], key=lambda sighting: (sighting.best, sighting.id))
    shown = pictures(context, grid)
    cells = [cell for _ in range(0, len(grid), COLUMNS) for cell in st.columns(COLUMNS)]
    for cell, sighting in zip(cells, grid, strict=False):
        with cell:
            st.html(_thumb(sighting, shown[sighting.id], when))
            st.button("Ask", key=f"choose {sighting.id}", on_click=_choose, args=(sighting.id,), width="stretch")
    if len(found) > GRID:
        _note(f"The nearest {GRID} of {len(found)} within {words.span(AROUND)}: say a time to see others.")


def _thumb(sighting: Sighting, jpeg: bytes | None, when: TimeChoice) -> str:
    time, vehicle = words.clock(sighting.best, when.zone), words.vehicle_words(sighting.attributes)
    return (
        f'<div class="rt-thumb"><div class="rt-picture">{picture(jpeg, vehicle)}</div>'
        f"<p><b>{time}</b> {escape(vehicle)}{plate_sign(sighting.plate)}</p>"
        "</div>"
    )


def _note(text: str) -> None:
    st.html(f'<p class="rt-note">{escape(text)}</p>')


def _choose(id_: str) -> None:
    st.session_state[CHOSEN] = id_


def _forget() -> None:
    del st.session_state[CHOSEN]
