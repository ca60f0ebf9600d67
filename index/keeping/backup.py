"""Copy an archive to a new folder while others use it, and check the copy."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue.people import Person
from index.errors import ArchiveError
from index.keeping import archive_file
from index.keeping.locks import locked
from index.office import audit
from index.office.access import Permission, require

if TYPE_CHECKING:
    from index.archive import Archive

_DERIVED = {"vectors"}
_NOT_COPIED_AS_FILES = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".lock", ".part")


def back_up(archive: "Archive", folder: Path, person: Person) -> list[str]:
    """Copy what cannot be derived, make the rest anew in the copy, and return what is wrong with it."""
    from index.archive import Archive

    require(archive, person, Permission.PURGE)
    archive_file.check_free(folder, "the backup")
    if folder.resolve().is_relative_to(archive.path.resolve()):
        raise ArchiveError(f"{folder} is inside the archive and would be lost with it: choose a folder elsewhere")
    # Written before the copy is made: it holds every picture, and tells itself where it went.
    audit.record(archive, person, "back up", {"folder": str(folder.absolute())})
    folder.mkdir(parents=True, exist_ok=True)
    with locked(archive.path / "maintenance.lock"):
        # Rows first, then pictures: packs only grow, so each picture that a copied row names is there.
        archive.catalogue.copy_to(folder / archive_file.EMBEDDED)
        _copy_files(archive.path, folder)
    with Archive.open(folder) as copy:
        return copy.verify()


def _copy_files(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        place = path.relative_to(source)
        if path.is_file() and place.parts[0] not in _DERIVED and not path.name.endswith(_NOT_COPIED_AS_FILES):
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target / place)
