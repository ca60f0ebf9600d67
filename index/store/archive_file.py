"""Read and write archive.toml, which names the parts of an archive, and the key of its digests, for its owner alone."""

import fcntl
import os
import secrets
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.errors import ArchiveError
from index.store.folders import everything_in

FORMAT = 1
"""The version of the folder's layout; a newer one is refused."""


NAME = "archive.toml"


EMBEDDED = "catalogue.sqlite"


STREAMS = "streams"
"""The folder of the recordings of streams that are kept in the archive."""


ADAPTING = "adapting"
"""The folder of unfinished work on weights of the archive's own; its lock lies beside it."""


WORKERS = "workers"
"""The folder of the locks of processes that analyse footage."""


KEY = "digest.key"
"""The key of the digests of rows: whoever has the database alone, not this file, cannot make them."""

BEGUN = ".unfinished-archive"
"""A file in the folder of an archive that is still being made."""

KEY_BYTES = 32

_NEXT_KEY = "digest.key.next"
"""A key whose digests may be committed already, while KEY still holds the one before."""


FOLDER_MODE, FILE_MODE = 0o700, 0o600
"""Plates, places and faces are for the owner of an archive alone."""

MOST_TEXT_BYTES = 1 << 20
"""Of settings, and of the names of parts and keys."""

_OF_EVERYBODY = stat.S_IRWXO

_KEYS = {"format", "id", "folder", "database", "vectors"}


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """The folder of an archive, its database (None: SQLite in the folder), its vectors (None: FAISS in the folder)."""

    id: str
    folder: Path
    database: str | None = None
    vectors: str | None = None
    format: int = FORMAT

    @property
    def database_path(self) -> Path | None:
        """Return the file of the embedded database, None for a server."""
        return self.folder / EMBEDDED if self.database is None else None

    @property
    def vectors_scheme(self) -> str:
        """Return the name of the vector store."""
        return "faiss" if self.vectors is None else self.vectors.split(":", 1)[0]


def was_begun(folder: Path) -> bool:
    """Return whether a folder holds what was begun of an archive, by a command that was killed before it was one."""
    return (folder / BEGUN).is_file() and not (folder / NAME).exists()


def check_free(folder: Path, purpose: str, *, beside: str = "") -> None:
    """Refuse a folder that is not empty, but for a file of that name, and a file."""
    if folder.exists() and not folder.is_dir():
        raise ArchiveError(f"{folder} is a file: choose a new folder for {purpose}")
    if folder.exists() and any(path.name != beside for path in folder.iterdir()):
        raise ArchiveError(f"{folder} is not empty: choose a new folder for {purpose}")


def find(path: Path) -> Path:
    """Return the archive file of a folder, or the path itself if it is a file; refuse other paths."""
    if path.is_file():
        return path
    if not path.exists():
        raise ArchiveError(f"there is no archive at {path}: make one with retrace --archive {path} init")
    if not (path / NAME).is_file():
        raise ArchiveError(f"{path} is not an archive (it has no {NAME}): check the path, or make one: retrace init")
    return path / NAME


def read(path: Path) -> ArchiveFile:
    """Read an archive file; refuse one that is malformed or that a newer Retrace wrote."""
    try:
        content = tomllib.loads(small_text(path))
    except (ValueError, RecursionError):
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
    for key in ("folder", "database", "vectors"):
        if not isinstance(content.get(key, ""), str):
            raise ArchiveError(f"{path} says {key} = {content[key]!r}: write it in quotes, or leave it out")
    folder = path.parent / str(content.get("folder", "."))
    return ArchiveFile(content["id"], folder, content.get("database"), content.get("vectors"), content["format"])


def write(file: ArchiveFile) -> None:
    """Write the archive file into its folder, completely or not at all."""
    lines = [f"format = {file.format}", f"id = {_quoted(file.id)}"]
    lines += [f"database = {_quoted(file.database)}"] if file.database else []
    lines += [f"vectors = {_quoted(file.vectors)}"] if file.vectors else []
    write_text(file.folder / NAME, "\n".join(lines) + "\n")


def new_key() -> bytes:
    """Draw a key."""
    return os.urandom(KEY_BYTES)


def write_key(folder: Path, key: bytes) -> None:
    """Write the key of an archive, completely or not at all."""
    write_text(folder / KEY, f"{key.hex()}\n")


def announce_key(folder: Path, key: bytes) -> None:
    """Write the key that will follow, before digests are made with it."""
    write_text(folder / _NEXT_KEY, f"{key.hex()}\n")


def adopt_key(folder: Path) -> None:
    """Put the announced key in the place of the one before."""
    (folder / _NEXT_KEY).replace(folder / KEY)
    sync_folder(folder)


def settle_key(folder: Path, used: bytes | None) -> None:
    """Put an announced key in its place if digests are made with it: whoever announced it was stopped."""
    if used is not None and used == _read_key(folder / _NEXT_KEY):
        adopt_key(folder)


def keys(folder: Path) -> list[bytes]:
    """Return the key of an archive, and one that was announced; nothing where they are gone or damaged."""
    return [key for key in (_read_key(folder / KEY), _read_key(folder / _NEXT_KEY)) if key is not None]


def around(path: Path) -> Path | None:
    """Return the archive whose folder a path lies in or is, None where there is none."""
    place = path.resolve()
    return next((folder for folder in (place, *place.parents) if (folder / NAME).is_file()), None)


def make_folder(folder: Path) -> None:
    """Make a folder that only the owner enters, and those above it; what exists stays as it is."""
    for one in reversed([one for one in folder.parents if not one.exists()]):
        one.mkdir(FOLDER_MODE, exist_ok=True)
    folder.mkdir(FOLDER_MODE, exist_ok=True)


def make_own_folder(folder: Path, purpose: str) -> None:
    """Make a folder that only the owner enters; one that exists, or a link, may be another person's and is refused."""
    make_folder(folder.parent)
    try:
        folder.mkdir(FOLDER_MODE)
    except FileExistsError:
        raise ArchiveError(f"{folder} is in the way, where {purpose} is made: move it elsewhere") from None


def create(path: Path) -> int:
    """Open a new file for writing that only the owner reads; return the descriptor.

    What lies in its place is replaced, never followed nor written to: a link would empty what it leads to, and a file
    of another person is read by them.
    """
    path.unlink(missing_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE)


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Lend a file for writing, which is under its name, and on the disk, completely or not at all."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(create(unfinished), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
    finally:
        # On a full disk it would make the folder one that is not empty.
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text completely or not at all."""
    with written_whole(path) as out:
        out.write(text.encode("utf-8"))


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk, so that new, changed and deleted ones survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def small_text(path: Path) -> str:
    """Return the text of a file that a person or an archive writes; one that fills the memory is not read."""
    if path.stat().st_size > MOST_TEXT_BYTES:
        raise ArchiveError(f"{path} has {path.stat().st_size / 1e6:,.0f} MB, which no such file has: restore a backup")
    return path.read_text("utf-8")


def is_at_home(file: ArchiveFile) -> bool:
    """Return whether a folder holds the archive that a file names: such a file may come from anybody, and name any."""
    try:
        return read(file.folder / NAME).id == file.id
    except (ArchiveError, OSError):
        return False


def is_open_to_all(folder: Path) -> bool:
    """Return whether everybody may enter a folder of another user: only that user can close it."""
    state = folder.stat()
    return bool(state.st_mode & _OF_EVERYBODY) and state.st_uid != os.geteuid()


def shut_out_others(folder: Path) -> bool:
    """Make a folder that everybody may enter, and all in it, private to its owner; return whether that was needed.

    A folder that is open to a group alone was opened on purpose and stays so; another person's folder, too.
    """
    state = folder.stat()
    if not state.st_mode & _OF_EVERYBODY or state.st_uid != os.geteuid():
        return False
    # The folder first: from then on nobody else gets at what lies in it.
    folder.chmod(FOLDER_MODE)
    for path in everything_in(folder):
        if not path.is_symlink():
            path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
    return True


def check_plain(folder: Path) -> None:
    """Refuse an archive that holds a pipe, a device or a link; it may come from anybody.

    A pipe is read for ever. Through a link, a purge would delete, and a writer would change, what lies elsewhere.
    """
    names = ("", "crops", STREAMS, "vectors", "watched", WORKERS, ADAPTING)
    for part in (*(folder / name for name in names), *(folder / "vectors").glob("*")):
        with os.scandir(part) if part.is_dir() else nullcontext(()) as entries:
            for one in entries:
                if one.is_symlink():
                    raise ArchiveError(f"{one.path} is a link, which no archive has: put what it leads to in its place")
                if not one.is_file() and not one.is_dir():
                    raise ArchiveError(f"{one.path} is a pipe or a device, which no archive has: restore a backup")


def try_lock(descriptor: int) -> bool:
    """Lock an open file and return True, or return False if another process holds the lock."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock of a file during a `with` block, unless another process holds it; say whether it is held."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        yield try_lock(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file during a `with` block; wait while another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read_key(path: Path) -> bytes | None:
    try:
        key = bytes.fromhex(small_text(path).strip())
    except (OSError, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
