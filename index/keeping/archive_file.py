"""Read and write the small file that says where the parts of an archive are."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from index.errors import ArchiveError
from index.keeping.locks import sync_folder

FORMAT = 1
"""How the folder of an archive is laid out; a newer one is refused."""

NAME = "archive.toml"
EMBEDDED = "catalogue.sqlite"
_KEYS = {"format", "id", "folder", "database", "vectors"}


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """Where an archive is: its folder, its database (None: SQLite in the folder), its vectors (None: FAISS there)."""

    id: str
    folder: Path
    database: str | None = None
    vectors: str | None = None
    format: int = FORMAT

    @property
    def database_path(self) -> Path | None:
        """Return the file of the embedded database, None where a server holds it."""
        return self.folder / EMBEDDED if self.database is None else None

    @property
    def vectors_scheme(self) -> str:
        """Return which vector store holds the vectors."""
        return "faiss" if self.vectors is None else self.vectors.split(":", 1)[0]


def check_free(folder: Path, what_for: str) -> None:
    """Refuse a place where something is already."""
    if folder.exists() and not folder.is_dir():
        raise ArchiveError(f"{folder} is a file: choose a new folder for {what_for}")
    if folder.exists() and any(folder.iterdir()):
        raise ArchiveError(f"{folder} is not empty: choose a new folder for {what_for}")


def find(path: Path) -> Path:
    """Return the file of the archive at a folder, or the file itself; refuse what is neither."""
    if path.is_file():
        return path
    if not path.exists():
        raise ArchiveError(f"there is no archive at {path}: make one with retrace --archive {path} init")
    if not (path / NAME).is_file():
        raise ArchiveError(f"{path} is not an archive (it has no {NAME}): check the path, or make one: retrace init")
    return path / NAME


def read(path: Path) -> ArchiveFile:
    """Read the file of an archive, refusing what is not one, and what a newer Retrace wrote."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ArchiveError(f"{path} is not an archive: name its folder, or the file that says where it is") from None
    if not isinstance(content.get("format"), int):
        raise ArchiveError(f"{path} is not an archive (it has no format): name the folder of one")
    if content["format"] > FORMAT:
        raise ArchiveError(f"{path} was made by a newer Retrace (format {content['format']}, here {FORMAT}): update it")
    unknown = sorted(content.keys() - _KEYS)
    if unknown:
        raise ArchiveError(
            f"{path} says {unknown[0]!r}, which means nothing here: known are {', '.join(sorted(_KEYS))}"
        )
    if not isinstance(content.get("id"), str):
        raise ArchiveError(f"{path} does not name the archive's id: restore it from a backup")
    folder = path.parent / str(content.get("folder", "."))
    return ArchiveFile(content["id"], folder, content.get("database"), content.get("vectors"), content["format"])


def write(file: ArchiveFile) -> None:
    """Write the file into the archive's folder, whole or not at all."""
    lines = [f"format = {file.format}", f"id = {_quoted(file.id)}"]
    lines += [f"database = {_quoted(file.database)}"] if file.database else []
    lines += [f"vectors = {_quoted(file.vectors)}"] if file.vectors else []
    path = file.folder / NAME
    temporary = path.with_suffix(".part")
    # The URL may hold a password: only the owner reads it.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    sync_folder(file.folder)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
