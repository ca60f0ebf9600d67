"""Open the archive once for every visit, and show each visitor only what `index` lets them see."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import streamlit as st

from index.archive import Archive
from index.catalogue import footage, sightings
from index.catalogue.people import Person
from index.catalogue.sightings import SightingFilter
from index.errors import ArchiveError
from index.office import access
from index.office.looking import get_sighting, list_sightings, open_picture
from index.sighting import Sighting
from roadgraph.graph import RoadGraph
from ui.web.layers import Road
from ui.web.maps import MapBase, roads_of
from ui.web.theme import PALETTES, Palette

ARCHIVE_VARIABLE = "RETRACE_ARCHIVE"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a visitor works with: the archive, who they are, its map, how much there is to search.

    `moment` is one of the archive's own to begin from: when its last footage starts, or what it saw first.
    """

    archive: Archive
    person: Person
    base: MapBase
    sightings: int
    moment: datetime | None


def open_desk() -> Desk:
    """Return the desk of this visit; ArchiveError says why there is none."""
    archive = _archive(os.environ.get(ARCHIVE_VARIABLE, "archive"))
    with archive.catalogue.reading() as connection:
        number = sightings.count(connection)
        moments = [film.start for film in footage.listing(connection)]
        if not moments:
            moments = [first.best for first in sightings.listing(connection, SightingFilter(limit=1))]
    cameras = {camera.id: (camera.lat, camera.lon) for camera in archive.place_book.cameras()}
    base = MapBase(roads=_roads(archive), cameras=cameras)
    return Desk(archive, access.local_person(), base, number, max(moments, default=None))


def palette() -> Palette:
    """Return the colours of the theme that the visitor's browser asks for."""
    return PALETTES.get(st.context.theme.type or "light", PALETTES["light"])


def near(desk: Desk, camera: str, around: tuple[datetime, datetime]) -> list[Sighting]:
    """Return the sightings of a camera between two times of its clock.

    Asked, and noted in the audit, once until the question changes or the archive grows: a page is drawn again at every
    touch.
    """
    asked = (camera, *around, desk.sightings)
    if st.session_state.get("near asked") != asked:
        wanted = SightingFilter(cameras=(camera,), start=around[0], end=around[1])
        st.session_state["near found"] = list(list_sightings(desk.archive, wanted, desk.person))
        st.session_state["near asked"] = asked
    found: list[Sighting] = st.session_state["near found"]
    return found


def sighting_of(desk: Desk, id_: str | None) -> Sighting | None:
    """Return a sighting of the archive by its id, None where none is named or it was forgotten."""
    try:
        return get_sighting(desk.archive, id_, desk.person) if id_ else None
    except ArchiveError:
        return None


def pictures(desk: Desk, shown: Sequence[Sighting]) -> Mapping[str, bytes | None]:
    """Return the best picture of each sighting as JPEG; None where it is missing or damaged.

    A picture is read, and noted in the audit, once a visit.
    """
    opened: dict[str, bytes | None] = st.session_state.setdefault("opened pictures", {})
    for sighting in shown:
        if sighting.id not in opened:
            opened[sighting.id] = _opened(desk, sighting)
    return {sighting.id: opened[sighting.id] for sighting in shown}


def _opened(desk: Desk, sighting: Sighting) -> bytes | None:
    try:
        return open_picture(desk.archive, sighting, desk.person)
    except ArchiveError:
        return None


@st.cache_resource(show_spinner=False)
def _archive(path: str) -> Archive:
    return Archive.open(Path(path))


def _roads(archive: Archive) -> tuple[Road, ...]:
    places = archive.places
    if places is None:
        return ()
    file = archive.place_book.roads_path
    return _drawn(str(file), file.stat().st_mtime_ns, places.graph)


@st.cache_resource(show_spinner=False, max_entries=2)
def _drawn(file: str, changed_ns: int, _graph: RoadGraph) -> tuple[Road, ...]:
    """Return what to draw of a road map, once a version of its file; Streamlit leaves `_graph` out of the key."""
    return roads_of(_graph)
