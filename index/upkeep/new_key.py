"""Give an archive a new key for its digests, after the old one was lost or may have become known."""

from datetime import UTC, datetime

from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.map.places import TIMES_FILE
from index.store import archive_file
from index.store.archive import Archive
from index.store.archive_file import EMBEDDED, locked
from index.store.catalogue import audit, rekeying, road_mark
from index.store.catalogue.people import Person
from index.store.open_files import processes_with, users_of
from index.upkeep.derived import known_map


def renew_key(archive: Archive, person: Person) -> None:
    """Make every digest anew with a new key; with the old one at hand, what was damaged stays damaged.

    Nobody else may have the archive open: they would go on with the old key. On a server nobody tells who has; what
    they write with the old key is refused.
    """
    require(archive, person, Permission.PURGE)
    archive.catalogue.check_writable()
    old, new = archive.catalogue.key, archive_file.new_key()
    with locked(archive.path / "maintenance.lock"):
        if archive.catalogue.is_sqlite:
            _refuse_others(archive)
        whole = known_map(archive)
        archive_file.settle_key(archive.path, old)
        archive_file.announce_key(archive.path, new)
        # Sealed with the old key: if this is stopped, `verify` would take them for edited. They are made again.
        (archive.path / TIMES_FILE).unlink(missing_ok=True)
        with archive.catalogue.writing() as connection:
            rekeying.rekey(connection, old, new)
            if whole is not None:
                road_mark.put(connection, whole)
            detail = {"old_key_known": old is not None}
            at = datetime.now(UTC)
            audit.append(connection, at=at, person=person.id, action="new digest key", detail=detail)
        archive_file.adopt_key(archive.path)
    archive.catalogue.use_key(new)


def _refuse_others(archive: Archive) -> None:
    database = archive.path / EMBEDDED
    if processes_with(database):
        raise ArchiveError(f"{users_of(database)} has the archive open and would go on with the old key: end it first")
