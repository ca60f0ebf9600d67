"""Open the archive once for all visits, and read from it what a visitor may see."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import streamlit as st

from index.access import permissions
from index.access.browse import get_sighting, list_sightings, open_picture
from index.errors import ArchiveError
from index.map.places import current_places, place_book
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue import footage, sightings
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter
from roadgraph.graph import RoadGraph
from ui.web.map_layers import RoadLine
from ui.web.maps import MapBase, roads_of
from ui.web.theme import PALETTES, Palette

ARCHIVE_VARIABLE = "RETRACE_ARCHIVE"


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the page needs: the archive, the person, the map, and the number of sightings.

    `moment` is the default time of the form: when the last footage starts, or the first sighting without footage.
    """

    archive: Archive
    person: Person
    base: MapBase
    sightings: int
    moment: datetime | None


def open_context() -> PageContext:
    """Return the context of this visit; ArchiveError says why the archive cannot be opened."""
    archive = _open_archive(os.environ.get(ARCHIVE_VARIABLE, "archive"))
    with archive.catalogue.reading() as connection:
        number = sightings.count(connection)
        moments = [film.start for film in footage.listing(connection)]
        if not moments:
            moments = [first.best for first in sightings.listing(connection, SightingFilter(limit=1))]
    cameras = {camera.id: (camera.lat, camera.lon) for camera in place_book(archive).cameras()}
    base = MapBase(roads=_roads(archive), cameras=cameras)
    return PageContext(archive, permissions.local_person(), base, number, max(moments, default=None))


def palette() -> Palette:
    """Return the colours of the theme that the visitor's browser asks for."""
    return PALETTES.get(st.context.theme.type or "light", PALETTES["light"])


def sightings_near(context: PageContext, camera: str, around: tuple[datetime, datetime]) -> list[Sighting]:
    """Return the sightings of a camera between two times of its clock.

    The page is redrawn at every click, so the result is kept until camera, times or archive change; the audit gets one
    row for it.
    """
    key = (camera, *around, context.sightings)
    if st.session_state.get("near key") != key:
        filter_ = SightingFilter(cameras=(camera,), start=around[0], end=around[1])
        st.session_state["near sightings"] = list(list_sightings(context.archive, filter_, context.person))
        st.session_state["near key"] = key
    found: list[Sighting] = st.session_state["near sightings"]
    return found


def find_sighting(context: PageContext, id_: str | None) -> Sighting | None:
    """Return a sighting of the archive by its id, None where no id is given or the sighting was deleted."""
    try:
        return get_sighting(context.archive, id_, context.person) if id_ else None
    except ArchiveError:
        return None


def pictures(context: PageContext, shown: Sequence[Sighting]) -> Mapping[str, bytes | None]:
    """Return the best picture of each sighting as JPEG; None where it is missing or damaged.

    Each picture is read, and recorded in the audit, once a visit.
    """
    opened: dict[str, bytes | None] = st.session_state.setdefault("opened pictures", {})
    for sighting in shown:
        if sighting.id not in opened:
            opened[sighting.id] = _open_picture(context, sighting)
    return {sighting.id: opened[sighting.id] for sighting in shown}


def _open_picture(context: PageContext, sighting: Sighting) -> bytes | None:
    try:
        return open_picture(context.archive, sighting, context.person)
    except ArchiveError:
        return None


@st.cache_resource(show_spinner=False)
def _open_archive(path: str) -> Archive:
    return Archive.open(Path(path))


def _roads(archive: Archive) -> tuple[RoadLine, ...]:
    places = current_places(archive)
    if places is None:
        return ()
    file = place_book(archive).roads_path
    return _road_lines(str(file), file.stat().st_mtime_ns, places.graph)


@st.cache_resource(show_spinner=False, max_entries=2)
def _road_lines(file: str, changed_ns: int, _graph: RoadGraph) -> tuple[RoadLine, ...]:
    """Return the roads to draw, cached by file and its time of change; Streamlit leaves `_graph` out of the key."""
    return roads_of(_graph)
