"""Look at what is remembered, without a search: lists of footage and sightings, one sighting, its picture."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.catalogue import cameras, footage, sightings
from index.catalogue.footage import Footage
from index.catalogue.people import Person
from index.catalogue.sightings import SightingFilter
from index.errors import ArchiveError
from index.office import audit
from index.office.access import Permission, require
from index.sighting import Sighting, StoredShot

if TYPE_CHECKING:
    from index.archive import Archive


def list_sightings(archive: "Archive", wanted: SightingFilter, person: Person) -> Iterator[Sighting]:
    """Return the sightings that pass the filter, in the order of time, once the audit has the question."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        for camera in wanted.cameras:
            cameras.known(connection, camera)
    audit.record(archive, person, "list sightings", _detail(wanted))
    return _listing(archive, wanted)


def list_footage(archive: "Archive", person: Person, *, camera: str | None = None) -> list[Footage]:
    """Return the footage, only of one camera if asked, in the order of its start."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        if camera is not None:
            cameras.known(connection, camera)
        return footage.listing(connection, camera)


def get_sighting(archive: "Archive", id_: str, person: Person) -> Sighting:
    """Return one sighting; refuse one that the archive does not have."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        return sightings.get(connection, id_)


def open_picture(
    archive: "Archive", sighting: Sighting, person: Person, *, shot: StoredShot | None = None, reason: str | None = None
) -> bytes:
    """Return the JPEG of a shot, the best one if none is named, after a row in the audit."""
    require(archive, person, Permission.SEE)
    chosen = shot or best_shot(sighting)
    if chosen is None:
        raise ArchiveError(f"sighting {sighting.id!r} has no picture: it was imported without one")
    audit.record(archive, person, "open picture", {"sighting": sighting.id, "shot": chosen.number}, reason=reason)
    return archive.crops.read(chosen.crop)


def best_shot(sighting: Sighting) -> StoredShot | None:
    """Return the shot taken at the sighting's best moment; the first where none was."""
    at_best = [shot for shot in sighting.shots if shot.time == sighting.best]
    return next(iter(at_best or sighting.shots), None)


def _listing(archive: "Archive", wanted: SightingFilter) -> Iterator[Sighting]:
    with archive.catalogue.reading() as connection:
        yield from sightings.listing(connection, wanted)


def _detail(wanted: SightingFilter) -> dict[str, object]:
    named = {name: getattr(wanted, name) for name in SightingFilter.__dataclass_fields__}
    for name in ("start", "end"):
        named[name] = named[name].isoformat() if named[name] else None
    named["plate"] = wanted.plate.text if wanted.plate else None
    return {name: value for name, value in named.items() if value not in (None, ())}
