"""Find and delete what the archive keeps of footage itself: recordings of streams, and files that were brought."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.store.archive import Archive
from index.store.archive_file import STREAMS
from index.store.catalogue import footage
from index.store.names import brought_folder

IN_WORK = timedelta(days=1)
"""A file that nobody took in yet may still be: it is recorded or was brought less than so long ago."""


def of_footage(archive: Archive, gone: Mapping[str, str]) -> list[str]:
    """Return the files in `streams/` that hold footage, given by SHA-256 and path, wherever the archive lies now."""
    root = archive.path / STREAMS
    # The same file may have been brought for another camera, or by another name.
    copies = {str(path.relative_to(root)) for id_ in gone for path in root.glob(f"*/{brought_folder(id_)}/*")}
    places = ((id_, path, place) for id_, path in gone.items() if (place := _place(path)) is not None)
    return sorted(copies.union(place for id_, path, place in places if _is_that(root / place, id_, path)))


def unnamed(archive: Archive, before: datetime) -> tuple[list[str], list[str]]:
    """Return the files last written before a time that no footage names, and which of them may still be taken in."""
    root = archive.path / STREAMS
    with archive.catalogue.reading() as connection:
        named = {_place(film.path) for film in footage.listing(connection)}
    latest, in_work_since = before.timestamp(), (datetime.now(UTC) - IN_WORK).timestamp()
    old: list[str] = []
    in_work: list[str] = []
    for path in sorted(root.rglob("*")):
        place = str(path.relative_to(root))
        if place in named or path.is_dir() or (written := path.lstat().st_mtime) >= latest:
            continue
        (in_work if written > in_work_since else old).append(place)
    return old, in_work


def delete(archive: Archive, places: Iterable[str]) -> None:
    """Delete files in `streams/`, and the folders of brought ones that are empty then."""
    root = (archive.path / STREAMS).resolve()
    for path in (root / place for place in places):
        # Resolved: a row that somebody edited may lead out again, by .. or a link.
        if path.parent.resolve().is_relative_to(root) and not path.is_dir():
            path.unlink(missing_ok=True)
            if path.parent.parent.parent == root and not any(path.parent.iterdir()):
                path.parent.rmdir()


def _is_that(kept: Path, id_: str, path: str) -> bool:
    """Return whether a file in `streams/` holds the footage that was taken in from a path.

    Another archive has such a folder, too, and may name another recording so: then its content tells.
    """
    if kept.absolute() == Path(path):
        return True
    if kept.is_symlink() or not kept.is_file():
        return False
    with kept.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == id_


def _place(path: str) -> str | None:
    """Return where in `streams/` a file lies; the archive may have been moved since its path was stored."""
    _, found, place = path.rpartition(f"/{STREAMS}/")
    return place if found else None
