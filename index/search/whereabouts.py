"""Say where a vehicle can be at a moment after it was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from index.access import audit
from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.map.places import place_book, placements_of
from index.search.area_now import area_now, clock_doubt, farthest_from
from index.search.question import SearchOptions
from index.store.archive import Archive
from index.store.catalogue import cameras, sightings
from index.store.catalogue.people import Person


@dataclass(frozen=True, slots=True)
class Passed:
    """A camera that a vehicle passed, when (true time), and the sighting of it, None where there is none."""

    camera: str
    time: datetime
    sighting: str | None = None


def area_at(archive: Archive, person: Person, passed: Passed, at: datetime) -> Mapping[str, object] | None:
    """Return as GeoJSON what can be reached by `at` from where a vehicle passed; None where its place is unknown."""
    require(archive, person, Permission.SEE)
    if at < passed.time:
        raise ArchiveError(f"at is {at.isoformat()}, must not be before it passed, {passed.time.isoformat()}")
    with archive.catalogue.reading() as connection:
        cameras.check_known(connection, passed.camera)
        edge = sightings.get(connection, passed.sighting).edge if passed.sighting else None
    places, clocks = place_book(archive).at(passed.time), placements_of(archive).clocks()
    one = passed.camera, passed.time, edge
    found = area_now(places, [farthest_from(one, clock_doubt(one, clocks), at)], at, SearchOptions().area_slack)
    return None if found is None else found.area


def record_area(
    archive: Archive, person: Person, sighting: str, *, reason: str | None = None, case: str | None = None
) -> None:
    """Write into the audit that somebody asks where the vehicle of a sighting can be."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        sightings.get(connection, sighting)
    audit.record(archive, person, "area of sighting", {"sighting": sighting}, reason=reason, case=case)
