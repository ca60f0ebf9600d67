"""Give footage of the archive another camera or start, or forget it: asked, allowed, and written down."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import cameras, footage
from index.catalogue.footage import Footage
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.office import access, audit
from index.office.access import Permission

if TYPE_CHECKING:
    from index.archive import Archive


def find(archive: "Archive", name: str) -> Footage:
    """Return the footage that a person names by the beginning of its SHA-256, or by the end of its path."""
    if not name:
        raise ArchiveError("footage without a name: give its path or SHA-256, see `retrace footage list`")
    with archive.catalogue.reading() as connection:
        stored = footage.listing(connection)
    path = str(Path(name).resolve())
    matches = [one for one in stored if one.id.startswith(name) or one.path == path or one.path.endswith(f"/{name}")]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise ArchiveError(f"no footage {name!r} in the archive: give its path or SHA-256, see `retrace footage list`")
    raise ArchiveError(f"{name!r} names {len(matches)} files of footage: give more of its SHA-256")


def move(
    archive: "Archive", person: Person, name: str, *, camera: str | None = None, start: datetime | None = None
) -> Footage:
    """Give footage another camera or start; its sightings move along and keep their ids."""
    access.require(archive, person, Permission.INGEST)
    before = find(archive, name)
    if camera is None and start is None:
        raise ArchiveError(f"{before.path}: say what changes, by --camera ID or --start TIME or both")
    audit.record(archive, person, "move footage", {"footage": before.id, "camera": camera, "start": _text(start)})
    with archive.catalogue.writing() as connection:
        if camera is not None:
            cameras.known(connection, camera)
        return footage.move(connection, before.id, camera=camera, start=start)


def remove(archive: "Archive", person: Person, name: str) -> tuple[Footage, int]:
    """Forget footage and what was seen in it; return it and how many sightings went with it."""
    access.require(archive, person, Permission.INGEST)
    stored = find(archive, name)
    audit.record(archive, person, "remove footage", {"footage": stored.id})
    with archive.catalogue.writing() as connection:
        return stored, footage.remove(connection, stored.id, at=datetime.now(UTC))


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
