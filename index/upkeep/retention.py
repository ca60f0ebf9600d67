"""Delete sightings older than a time: rows, pictures and vectors, with an audit row."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from index.access.permissions import Permission, require
from index.store.archive import Archive
from index.store.archive_file import locked
from index.store.catalogue import audit, sighting_writing
from index.store.catalogue.people import Person
from index.upkeep.rebuild import sweep


@dataclass(frozen=True, slots=True)
class Purged:
    """How many sightings were deleted, how many old ones a case kept, and the bytes of pictures freed."""

    sightings: int
    kept: int
    freed_bytes: int


def purge(archive: Archive, before: datetime, person: Person) -> Purged:
    """Delete the sightings before a time, and all that were forgotten earlier.

    If it is stopped, a search finds none of them any more, and the next purge finishes the work.
    """
    require(archive, person, Permission.PURGE)
    with locked(archive.path / "maintenance.lock"):
        with archive.catalogue.writing() as connection:
            now = datetime.now(UTC)
            sighting_writing.forget(connection, sighting_writing.unmarked_before(connection, before), at=now)
            gone = sighting_writing.delete_forgotten(connection, before)
            kept = sighting_writing.count_marked_before(connection, before)
            detail = {"before": before.isoformat(), "sightings": len(gone), "sha256_of_ids": _digest(gone)}
            audit.append(connection, at=now, person=person.id, action="purge", detail=detail)
        freed = sweep(archive)
        archive.vectors.wipe()
        archive.catalogue.wipe()
        for copy in archive.path.glob("catalogue.before-*.sqlite"):
            copy.unlink()
    return Purged(len(gone), kept, freed)


def _digest(ids: list[str]) -> str:
    """Return a digest that proves later, given a list of ids, that exactly these were deleted."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()
