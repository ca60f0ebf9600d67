"""Find sightings by what is remembered of a plate."""

from typing import TYPE_CHECKING

from index.catalogue import sightings
from index.catalogue.people import Person
from index.inquiry.plate_evidence import like
from index.office import access, audit
from index.office.access import Permission
from index.sighting import Sighting

if TYPE_CHECKING:
    from index.archive import Archive


def find_plates(archive: "Archive", person: Person, pattern: str, *, reason: str | None = None) -> list[Sighting]:
    """Return the sightings whose plate fits a pattern such as AB?1*, in the order of time."""
    fits = like(pattern)
    access.require(archive, person, Permission.SEARCH)
    audit.record(archive, person, "find plates", {"pattern": pattern}, reason=reason)
    with archive.catalogue.reading() as connection:
        return sightings.find_plates(connection, fits)
