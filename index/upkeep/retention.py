"""Delete sightings older than a time: rows, pictures and vectors, with an audit row."""

import errno
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.archive_file import ADAPTING, STREAMS, locked, locked_if_free
from index.store.catalogue import audit, cameras, footage, purges, sighting_writing
from index.store.catalogue.people import Person
from index.store.folders import everything_in
from index.store.open_files import users_of
from index.upkeep import recordings
from index.upkeep.rebuild import sweep

WAIT_FOR_WRITERS_S = 60.0
"""How long a purge waits for those who write pictures: they hold a pack for as long as adding a chunk takes."""

_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}


class PurgeUnfinishedError(ArchiveError):
    """Rows were deleted, but a file still holds what they said."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many sightings were deleted, how many old ones a case kept, and the bytes of pictures freed.

    `pending` are the unfinished files of footage that begins before the time, and recordings in the archive that nobody
    took in yet: what they give comes after the purge.
    """

    sightings: int
    kept: int
    freed_bytes: int
    pending: tuple[str, ...]


def purge(archive: Archive, before: datetime, person: Person, *, refuse: bool = False) -> Purged:
    """Delete the sightings before a time, and all that were forgotten earlier; `refuse`: they may not come again.

    If it is stopped, a search finds none of them any more, `verify` says that something remains, and the next purge
    finishes the work.
    """
    require(archive, person, Permission.PURGE)
    archive.catalogue.check_writable()
    with locked(archive.path / "maintenance.lock"):
        with archive.catalogue.writing() as connection:
            # Whoever was about to add something old has added it, or learns that it may not come.
            cameras.hold_all(connection)
            now = datetime.now(UTC)
            sighting_writing.forget(connection, sighting_writing.unmarked_before(connection, before), at=now)
            gone = sighting_writing.delete_forgotten(connection, before)
            kept = sighting_writing.count_marked_before(connection, before)
            pending = footage.unfinished_before(connection, before)
            purges.begin(connection, now, recordings.of_footage(archive, gone.footage))
            if refuse:
                purges.refuse(connection, {**gone.sightings, **{id_: id_ for id_ in gone.footage}}, at=now)
                purges.refuse_beginnings(connection, before)
            detail = {
                "before": before.isoformat(),
                "sightings": len(gone.sightings),
                "sha256_of_ids": _digest(list(gone.sightings)),
                "refuse": refuse,
            }
            audit.append(connection, at=now, person=person.id, action="purge", detail=detail)
        try:
            freed, in_work = _clear_files(archive, before)
        except (ArchiveError, OSError) as error:
            raise PurgeUnfinishedError(
                f"{len(gone.sightings)} sightings were deleted and are found no more, but {_reason(error)}: "
                "mend that and run the same purge again"
            ) from error
        with archive.catalogue.writing() as connection:
            purges.finish(connection)
    return Purged(len(gone.sightings), kept, freed, tuple(sorted({*pending, *in_work})))


def _clear_files(archive: Archive, before: datetime) -> tuple[int, list[str]]:
    """Remove everything that says what the deleted rows said; return the bytes of pictures freed.

    The recordings that are old enough, but may still be taken in, are returned, too.
    """
    swept = sweep(archive, WAIT_FOR_WRITERS_S)
    if swept.busy:
        pack = swept.busy[0]
        raise ArchiveError(f"pictures may remain in {pack}, which {users_of(pack)} has been writing to")
    with archive.catalogue.reading() as connection:
        left = purges.recordings_left(connection)
    old, in_work = recordings.unnamed(archive, before)
    recordings.delete(archive, [*left, *old])
    for path in archive.path.glob("catalogue.before-*.sqlite"):
        path.unlink(missing_ok=True)
    _clear_adapting(archive)
    archive.vectors.wipe()
    archive.catalogue.wipe()
    return swept.freed_bytes, [str(archive.path / STREAMS / place) for place in in_work if place not in left]


def _clear_adapting(archive: Archive) -> None:
    """Delete the unfinished work of `adapt`: it names sightings, and begins again where any of them is forgotten."""
    folder = archive.path / ADAPTING
    if folder.is_dir():
        with locked_if_free(archive.path / f"{ADAPTING}.lock") as is_free:
            if not is_free:
                raise ArchiveError("`retrace adapt` is at work with pictures: wait until it has ended, or stop it")
            # Refuses what is too deep to be deleted, which no work of ours is.
            list(everything_in(folder))
            shutil.rmtree(folder)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return where + _FULL.get(error.errno or 0, str(error.strerror or error))
    return str(error)


def _digest(ids: Sequence[str]) -> str:
    """Return a digest that proves later, given a list of ids, that exactly these were deleted."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()
