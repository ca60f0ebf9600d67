"""Open the archive once for all visits, and read from it what a visitor may see."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from index.access import permissions
from index.access.browse import get_sighting
from index.errors import ArchiveError
from index.map.places import place_book, placements_of
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue import footage, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter
from index.store.catalogue.sightings_state import SightingsState, sightings_state
from ui.web.map_base import MapBase

ARCHIVE_VARIABLE = "RETRACE_ARCHIVE"
ZONE = "time zone"
"""The entry of the visit's state that holds the name of its time zone."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every page needs: the archive, the person, the map, the zone of the reader, the state of the sightings.

    `moment` is the default time of a question: when the last footage starts, or the first sighting without footage.
    """

    archive: Archive
    person: Person
    base: MapBase
    zone: tzinfo
    state: SightingsState
    moment: datetime | None

    @property
    def sightings(self) -> int:
        """Return the number of sightings."""
        return self.state.number

    def base_when(self, passes: Sequence[tuple[str, datetime]]) -> MapBase:
        """Return the map with each camera where it stood at the first of some passes; others where they are now.

        Where what clocks show can be put right, the passes have true times: by these places are known.
        """
        places = placements_of(self.archive).everywhere()
        if len(places) == len(self.base.cameras):
            return self.base
        first = dict(reversed(passes))
        stood: dict[str, StoredCamera | None] = dict.fromkeys(first.keys() & {place.id for place in places})
        for place in places:
            if place.id in first and place.holds_at(first[place.id]):
                stood[place.id] = place
        return self.base.with_places(stood)


def open_context() -> PageContext:
    """Return the context of this visit; ArchiveError says why the archive cannot be opened."""
    archive = _open_archive(str(served_archive()))
    with archive.catalogue.reading() as connection:
        state = sightings_state(connection)
        moment = footage.latest_start(connection)
        if moment is None:
            moment = next((first.best for first in sightings.listing(connection, SightingFilter(limit=1))), None)
    return PageContext(archive, permissions.local_person(), _map_base(archive), visit_zone(), state, moment)


def served_archive() -> Path:
    """Return the folder of the archive that is served."""
    return Path(os.environ.get(ARCHIVE_VARIABLE, "archive")).resolve()


def visit_zone() -> ZoneInfo:
    """Return the time zone chosen in this visit, or else that of the browser, UTC where it is unknown."""
    name: str = st.session_state.get(ZONE) or st.context.timezone or ""
    return ZoneInfo(name if name in zone_names() else "UTC")


@cache
def zone_names() -> tuple[str, ...]:
    """Return the names of all time zones; the system reads hundreds of files to tell them, so they are kept."""
    return tuple(sorted(available_timezones()))


def find_sighting(context: PageContext, id_: str | None) -> Sighting | None:
    """Return a sighting of the archive by its id, None where no id is given or the sighting was deleted."""
    try:
        return get_sighting(context.archive, id_, context.person) if id_ else None
    except ArchiveError:
        return None


@st.cache_resource(show_spinner=False)
def _open_archive(path: str) -> Archive:
    return Archive.open(Path(path))


def _map_base(archive: Archive) -> MapBase:
    book = place_book(archive)
    now = book.placements.at(None)
    stored = now.cameras
    roads = book.roads_path
    return MapBase(
        cameras={camera.id: (camera.lat, camera.lon) for camera in stored},
        bearings={camera.id: camera.bearing_deg for camera in stored if camera.bearing_deg is not None},
        without_place=now.without_place,
        roads=f"/archive/roads/{roads.stat().st_mtime_ns}" if roads.exists() else None,
    )
