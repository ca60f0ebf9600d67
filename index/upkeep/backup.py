"""Copy an archive to a new folder while others use it, and check the copy."""

import os
import shutil
from pathlib import Path

from index.access import audit
from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.store import archive_file, schema_mark
from index.store.archive import Archive
from index.store.archive_file import locked, locked_if_free, make_folder, make_own_folder, sync_folder
from index.store.catalogue.people import Person
from index.store.folders import everything_in
from index.upkeep.verify import verify

UNFINISHED = ".part"
MARKER = ".unfinished-backup"
"""A file in the folder of a backup that is still being made; the folder gets its name when the copy is complete."""

_LEFT_OUT = {"vectors", archive_file.WORKERS, archive_file.ADAPTING, schema_mark.FILE}
"""What is made again, and what may vanish at any moment: notes of workers, unfinished work of `adapt`."""

_NOT_COPIED_AS_FILES = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".lock", ".part")


def back_up(archive: Archive, folder: Path, person: Person) -> list[str]:
    """Copy everything that cannot be derived, derive the rest in the copy, and return the problems of the copy."""
    require(archive, person, Permission.PURGE)
    # A copy of everything leaves an audit row, for which there is no room.
    archive.catalogue.check_writable()
    archive_file.check_free(folder, "the backup")
    if folder.resolve().is_relative_to(archive.path.resolve()):
        raise ArchiveError(f"{folder} is inside the archive and would be lost with it: choose a folder elsewhere")
    # Written first, so that the copy, which holds every picture, records where it was made.
    audit.record(archive, person, "back up", {"folder": str(folder.absolute())})
    part = folder.with_name(f"{folder.name}{UNFINISHED}")
    _remove_unfinished(part)
    make_own_folder(part, "the backup")
    with locked(part / MARKER):
        with locked(archive.path / "maintenance.lock"):
            # Rows first, then pictures: packs only grow, so every picture that a copied row names is copied too.
            archive.catalogue.copy_to(part / archive_file.EMBEDDED)
            _copy_files(archive.path, part)
        with Archive.open(part) as copy:
            problems = verify(copy)
        _force_to_disk(part)
        # The mark stays until the copy has its name: one without either could not be tried again.
        part.replace(folder)
        sync_folder(folder.parent)
        (folder / MARKER).unlink()
        sync_folder(folder)
    return problems


def _force_to_disk(folder: Path) -> None:
    """Force a folder and all in it to the disk: until then a power cut may empty any of its files."""
    for path in (*folder.rglob("*"), folder):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _remove_unfinished(part: Path) -> None:
    """Remove what an interrupted backup to the same place left; refuse a folder of somebody else."""
    if part.is_symlink():
        raise ArchiveError(f"{part} is a link, where the backup is made: move it elsewhere")
    if (part / MARKER).is_file():
        with locked_if_free(part / MARKER) as is_free:
            if not is_free:
                raise ArchiveError(f"another process is writing {part}: wait for it, or choose another folder")
            shutil.rmtree(part)
    elif part.is_dir() and not any(part.iterdir()):
        # Killed between its making and its mark.
        part.rmdir()
    archive_file.check_free(part, "the unfinished backup")


def _copy_files(source: Path, target: Path) -> None:
    for path in sorted(everything_in(source)):
        place = path.relative_to(source)
        if path.is_symlink():
            raise ArchiveError(f"{path} is a link, which no archive has: put what it leads to in its place")
        if path.is_file() and place.parts[0] not in _LEFT_OUT and not path.name.endswith(_NOT_COPIED_AS_FILES):
            make_folder((target / place).parent)
            shutil.copy2(path, target / place)
