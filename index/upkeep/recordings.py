"""Find and delete what the archive keeps of footage itself: recordings of streams, and files that were brought."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.store.archive import Archive
from index.store.archive_file import STREAMS
from index.store.catalogue import footage
from index.store.catalogue.footage import Footage
from index.store.folders import everything_in
from index.store.names import BROUGHT, brought_folder

IN_WORK = timedelta(days=1)
"""A file that nobody took in yet may still be: it is recorded or was brought less than so long ago."""

FORMER_DIGITS = 16
"""Before, so many digits of the SHA-256 named the folder of a file that was brought."""


def of_footage(archive: Archive, gone: Mapping[str, str]) -> list[str]:
    """Return the files in `streams/` that hold footage, given by SHA-256 and path, wherever the archive lies now."""
    root = archive.path / STREAMS
    # The same file may have been brought for another camera, or by another name.
    copies = {str(path.relative_to(root)) for id_ in gone for path in _brought(root, id_)}
    places = ((id_, path, place) for id_, path in gone.items() for place in _places(path))
    return sorted(copies.union(place for id_, path, place in places if _is_that(root / place, id_, path)))


def unnamed(archive: Archive, before: datetime) -> tuple[list[str], list[str]]:
    """Return the files last written before a time that no footage names, and which of them may still be taken in."""
    root = archive.path / STREAMS
    with archive.catalogue.reading() as connection:
        named = _by_place(footage.listing(connection))
    latest, in_work_since = before.timestamp(), (datetime.now(UTC) - IN_WORK).timestamp()
    old: list[str] = []
    in_work: list[str] = []
    for path in sorted(everything_in(root)):
        place = str(path.relative_to(root))
        if path.is_dir() or (written := path.lstat().st_mtime) >= latest:
            continue
        if any(_is_that(path, film.id, film.path) for film in named.get(place, ())):
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


def _brought(root: Path, id_: str) -> Iterator[Path]:
    """Yield the files of that content that were brought; folders of before have its first 16 digits alone."""
    yield from root.glob(f"*/{brought_folder(id_)}/*")
    yield from (path for path in root.glob(f"*/{BROUGHT}{id_[:FORMER_DIGITS]}/*") if _holds(path, id_))


def _is_that(kept: Path, id_: str, path: str) -> bool:
    """Return whether a file in `streams/` holds the footage that was taken in from a path.

    Another archive has such a folder, too, and may name another recording so: then its content tells.
    """
    if kept.absolute() == Path(path):
        return True
    return _holds(kept, id_)


def _holds(kept: Path, id_: str) -> bool:
    """Return whether a file has this SHA-256; what is no plain file has none."""
    if kept.is_symlink() or not kept.is_file():
        return False
    with kept.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == id_


def _by_place(films: Iterable[Footage]) -> dict[str, list[Footage]]:
    """Return footage by the places in `streams/` that its files may have."""
    found: dict[str, list[Footage]] = {}
    for film in films:
        for place in _places(film.path):
            found.setdefault(place, []).append(film)
    return found


def _places(path: str) -> list[str]:
    """Return where in `streams/` a file may lie; the archive may have been moved since its path was stored.

    Each camera has a folder there, one of which may be called like `streams/` itself.
    """
    parts = path.split("/")
    after = [parts[number + 1 :] for number, part in enumerate(parts) if part == STREAMS]
    return ["/".join(place) for place in after if _is_place(place)]


def _is_place(parts: Sequence[str]) -> bool:
    """Return whether this can be the way to a recording, or to a file that was brought."""
    plain = all(part not in ("", ".", "..") for part in parts)
    return plain and (len(parts) == 2 or (len(parts) == 3 and parts[1].startswith(BROUGHT)))
