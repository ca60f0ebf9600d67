"""Correct footage that is in the archive: give it another camera or start, remove it, or see whose camera moved."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.access import audit, permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.ingest.file_identity import sha256_of
from index.ingest.kept_rate import move_kept_rate
from index.map.sighting_roads import take_roads_again, take_roads_of_moved
from index.store.archive import Archive
from index.store.catalogue import Connection, cameras, footage, purges, scenes
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person


def find_footage(archive: Archive, name: str) -> Footage:
    """Return the footage with this beginning of its SHA-256 or this end of its path."""
    if not name:
        raise ArchiveError("footage without a name: give its path or SHA-256, see `retrace footage list`")
    with archive.catalogue.reading() as connection:
        stored = footage.listing(connection)
    path = str(Path(name).resolve())
    matches = [
        file for file in stored if file.id.startswith(name) or file.path == path or file.path.endswith(f"/{name}")
    ]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise ArchiveError(f"no footage {name!r} in the archive: give its path or SHA-256, see `retrace footage list`")
    raise ArchiveError(f"{name!r} names {len(matches)} files of footage: give more of its SHA-256")


def move_footage(
    archive: Archive, person: Person, name: str, *, camera: str | None = None, start: datetime | None = None
) -> Footage:
    """Give footage another camera or start; its sightings follow, keep their ids, and get its roads.

    A rate that was kept from the clock in its pictures follows, too.
    """
    permissions.require(archive, person, Permission.INGEST)
    before = find_footage(archive, name)
    if camera is None and start is None:
        raise ArchiveError(f"{before.path}: say what changes, by --camera ID or --start TIME or both")
    audit.record(archive, person, "move footage", {"footage": before.id, "camera": camera, "start": _text(start)})
    with archive.catalogue.writing() as connection:
        if camera is not None:
            cameras.check_known(connection, camera)
        _hold(connection, before, camera or before.camera)
        now = footage.get(connection, before.id) or before
        moved = footage.move(connection, before.id, camera=camera, start=start)
        if move_kept_rate(connection, now, moved):
            take_roads_of_moved(connection, sorted({now.camera, moved.camera}))
        take_roads_again(connection, [moved.camera])
        return moved


@dataclass(frozen=True, slots=True)
class RemovedFootage:
    """Footage that was removed, and how many of its sightings; a case marked `marked` of them, and keeps these."""

    footage: Footage
    sightings: int
    marked: int


def remove_footage(archive: Archive, person: Person, name: str) -> RemovedFootage:
    """Remove footage and its sightings; those that a case marked are found no more, and stay in it."""
    permissions.require(archive, person, Permission.INGEST)
    stored = find_footage(archive, name)
    audit.record(archive, person, "remove footage", {"footage": stored.id})
    with archive.catalogue.writing() as connection:
        _hold(connection, stored)
        marked = footage.count_marked(connection, stored.id)
        return RemovedFootage(stored, footage.remove(connection, stored.id, at=datetime.now(UTC)), marked)


def allow_footage(archive: Archive, person: Person, path: Path) -> str:
    """Let a file that a purge refuses come again; return its SHA-256."""
    permissions.require(archive, person, Permission.PURGE)
    id_ = sha256_of(path)
    with archive.catalogue.reading() as connection:
        if not purges.refused_among(connection, [id_]) and purges.refused_until_s(connection, id_) is None:
            raise ArchiveError(f"{path} is not refused: ingest it")
    audit.record(archive, person, "allow footage", {"footage": id_})
    with archive.catalogue.writing() as connection:
        purges.allow(connection, id_)
    return id_


def moved_since(archive: Archive) -> dict[str, datetime]:
    """Return the cameras that may have been moved, and from when on."""
    with archive.catalogue.reading() as connection:
        return scenes.moved_cameras(connection)


def moved_footage(archive: Archive) -> set[str]:
    """Return the ids of the footage in which a camera may have been moved."""
    with archive.catalogue.reading() as connection:
        return scenes.moved_footage(connection)


def _hold(connection: Connection, stored: Footage, *others: str) -> None:
    """Let nobody write what footage shows until this transaction ends; refuse where it has another camera by now."""
    cameras.hold(connection, {stored.camera, *others})
    now = footage.get(connection, stored.id)
    if now is not None and now.camera != stored.camera:
        raise ArchiveError(f"{stored.path} was just given to camera {now.camera!r}: look, and run the command again")


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
