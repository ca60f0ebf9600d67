"""Forget for good what is older than it may be: rows, pictures and vectors, with a row in the audit that says so."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from index.catalogue import audit, forgetting, sightings
from index.catalogue.people import Person
from index.keeping.locks import locked
from index.keeping.sweeping import sweep
from index.office.access import Permission, require

if TYPE_CHECKING:
    from index.archive import Archive


@dataclass(frozen=True, slots=True)
class Purged:
    """How many sightings are gone, how many old ones a case kept, and the bytes of pictures that were freed."""

    sightings: int
    kept: int
    freed_bytes: int


def purge(archive: "Archive", before: datetime, person: Person) -> Purged:
    """Forget what cameras saw before a time, and make every earlier tombstone final.

    Stopped at any moment, nothing half forgotten is found by a search, and the next purge goes on.
    """
    require(archive, person, Permission.PURGE)
    with locked(archive.path / "maintenance.lock"):
        with archive.catalogue.writing() as connection:
            now = datetime.now(UTC)
            sightings.forget(connection, forgetting.seen_before(connection, before), at=now)
            gone = forgetting.make_final(connection, before)
            kept = forgetting.count_marked_before(connection, before)
            detail = {"before": before.isoformat(), "sightings": len(gone), "sha256_of_ids": _digest(gone)}
            audit.append(connection, at=now, person=person.id, action="purge", detail=detail)
        freed = sweep(archive)
        archive.vectors.rebuild()
        archive.catalogue.wipe()
        for copy in archive.path.glob("catalogue.before-*.sqlite"):
            copy.unlink()
    return Purged(len(gone), kept, freed)


def _digest(ids: list[str]) -> str:
    """Return what proves later, with a list of ids at hand, that exactly these were forgotten."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()
