"""Make the catalogue of a new archive, open that of another, and bring one of an older version up to date."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import ArchiveError
from index.store import archive_file, schema_mark
from index.store.archive_file import ArchiveFile, create, locked, locked_if_free, make_folder, shut_out_others
from index.store.catalogue import Catalogue, Connection, about, digests, plain_server, plain_tables, schema
from index.store.catalogue.database import ReadOnlyError

_log = logging.getLogger(__name__)


def make_catalogue(file: ArchiveFile) -> Catalogue:
    """Make an archive in a new or empty folder, with its file, its key and an empty catalogue."""
    folder = file.folder
    if not archive_file.was_begun(folder):
        archive_file.check_free(folder, "the archive")
    make_folder(folder)
    shut_out_others(folder)
    if archive_file.is_open_to_all(folder):
        raise ArchiveError(
            f"{folder} belongs to another user, and everybody may enter it: choose a new folder for the archive"
        )
    with _alone(folder):
        archive_file.write_key(folder, archive_file.new_key())
        catalogue = _new_catalogue(file)
        archive_file.write(file)
        schema_mark.keep_reached(file)
    return catalogue


def open_catalogue(file: ArchiveFile) -> Catalogue:
    """Open the catalogue of an archive; an older one is copied, then migrated."""
    archive_file.check_plain(file.folder)
    read_only = _is_read_only(file)
    if not read_only and archive_file.is_at_home(file):
        if shut_out_others(file.folder):
            _log.warning("%s could be read by every user of this machine; now only by its owner", file.folder)
        # A command that was killed left it: should the archive's file be lost, `init` would begin anew.
        with suppress(OSError):
            (file.folder / archive_file.BEGUN).unlink(missing_ok=True)
    if file.database_path is not None and not file.database_path.is_file():
        raise ArchiveError(f"{file.database_path} is gone: restore it from a backup")
    with _connected(file, read_only=read_only) as catalogue:
        plain_tables.check_plain(catalogue)
        if not schema.is_current(catalogue):
            _bring_up_to_date(file, catalogue)
        with catalogue.reading() as connection:
            about.check_archive(connection, file.id, catalogue.name)
            catalogue.use_key(_digest_key(file, connection))
        if not read_only:
            schema_mark.keep_reached(file)
    return catalogue


def _new_catalogue(file: ArchiveFile) -> Catalogue:
    if file.database_path is not None:
        # SQLite makes the files beside it as private as this one.
        os.close(create(file.database_path))
    with _connected(file) as catalogue:
        catalogue.use_key(archive_file.keys(file.folder)[0])
        if not catalogue.is_sqlite:
            plain_server.check_server(catalogue)
        schema.create_tables(catalogue)
        with catalogue.writing() as connection:
            about.set_archive(connection, file.id)
    return catalogue


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Make an archive as the only process that does, without what one that was killed had begun."""
    with locked_if_free(folder / archive_file.BEGUN) as is_free:
        if not is_free:
            raise ArchiveError(f"another process is making the archive {folder}: wait for it, and use that one")
        try:
            _remove_begun(folder)
            archive_file.check_free(folder, "the archive", beside=archive_file.BEGUN)
            yield
        except BaseException:
            _remove_begun(folder)
            raise
        finally:
            (folder / archive_file.BEGUN).unlink(missing_ok=True)


def _remove_begun(folder: Path) -> None:
    """Remove what was begun of an archive that could not be made, so that the same command may try again."""
    names = (archive_file.EMBEDDED, archive_file.KEY, f"{archive_file.NAME}.")
    for name in () if (folder / archive_file.NAME).exists() else names:
        for path in folder.glob(f"{name}*"):
            path.unlink(missing_ok=True)


def _digest_key(file: ArchiveFile, connection: Connection) -> bytes | None:
    """Return the key with which the digests of the catalogue were made, None where it is gone."""
    return next((key for key in archive_file.keys(file.folder) if digests.is_key(connection, key)), None)


def _is_read_only(file: ArchiveFile) -> bool:
    """Return whether the embedded database, or its folder, may only be read, as on a medium of evidence."""
    path = file.database_path
    return path is not None and path.is_file() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


@contextmanager
def _connected(file: ArchiveFile, *, read_only: bool = False) -> Iterator[Catalogue]:
    """Lend the catalogue, which stays open unless the block fails."""
    if file.database_path is not None:
        catalogue = Catalogue.embedded(file.database_path, read_only=read_only)
    else:
        catalogue = Catalogue.served(file.database or "")
    try:
        yield catalogue
    except BaseException:
        catalogue.close()
        raise


def _bring_up_to_date(file: ArchiveFile, catalogue: Catalogue) -> None:
    """Migrate the catalogue; an embedded one is copied first, a server migrates in one transaction."""
    if catalogue.read_only:
        raise ReadOnlyError(
            f"{catalogue.name} is of an older version and may only be read here: copy it to where you may write"
        )
    with locked(file.folder / "migration.lock"):
        if schema.is_current(catalogue):
            return
        schema_mark.check_reached(file, catalogue)
        if file.database_path is not None:
            copy = file.database_path.with_suffix(f".before-{schema.HEAD}.sqlite")
            catalogue.copy_to(copy)
            _log.warning("the archive was brought up to date; a copy of the old catalogue is in %s", copy)
        if schema.has_key(catalogue):
            with catalogue.reading() as connection:
                catalogue.use_key(_digest_key(file, connection))
            schema.migrate(catalogue)
        else:
            catalogue.use_key(_first_key(file, catalogue))
            schema.migrate(catalogue)
            archive_file.adopt_key(file.folder)


def _first_key(file: ArchiveFile, catalogue: Catalogue) -> bytes:
    """Return the key for an archive whose digests had none; it is only announced until they are made with it.

    Else whoever may write to the database could edit it, say that it is of an older version, and have all of it sealed.
    """
    if (file.folder / archive_file.KEY).exists():
        raise ArchiveError(
            f"{catalogue.name} says that it is older than {file.folder / archive_file.KEY}, with which it was written: "
            "restore it from a backup; if you put back an older one yourself, move that key away"
        )
    if not archive_file.keys(file.folder):
        archive_file.announce_key(file.folder, archive_file.new_key())
    return archive_file.keys(file.folder)[0]
