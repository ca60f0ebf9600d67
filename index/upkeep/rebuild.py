"""Rebuild the derived parts of an archive, and free the disk space of pictures that no sighting names."""

import errno
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index.map.places import TIMES_FILE, place_book
from index.records import CropRef
from index.store.archive import Archive
from index.store.archive_file import locked
from index.store.catalogue import plate_index, sighting_writing
from index.store.crops import HEADER_BYTES, IdlePack
from index.upkeep.derived import refuse_to_spread_damage

_log = logging.getLogger(__name__)

_PICTURES_AT_ONCE = 500
_ABANDONED_S = 3600.0

NamedPicture = tuple[tuple[str, int], CropRef]
"""((sighting, shot number), place of the picture)."""


@dataclass(frozen=True, slots=True)
class Swept:
    """The bytes freed, and the packs that others write to, whose pictures that no sighting names are still there."""

    freed_bytes: int
    busy: tuple[Path, ...]


def rebuild(archive: Archive) -> int:
    """Rebuild segments, plate index and driving times, sweep the pictures, and return the bytes freed."""
    archive.catalogue.check_writable()
    refuse_to_spread_damage(archive)
    archive.vectors.rebuild()
    (archive.path / TIMES_FILE).unlink(missing_ok=True)
    with archive.catalogue.writing() as connection:
        plate_index.rebuild(connection)
    # Made again from the roads, when they are asked for.
    place_book(archive).current()
    _remove_unfinished(archive.path)
    with locked(archive.path / "maintenance.lock"):
        return sweep(archive).freed_bytes


def sweep(archive: Archive, wait_s: float = 0.0) -> Swept:
    """Free the space of pictures that no sighting names, in every pack that nobody writes to after so long.

    A pack with unused bytes at its end is cut, one with holes is written anew, or overwritten where the disk is full.
    """
    with archive.crops.locked(wait_s) as packs:
        try:
            # Cutting frees space and needs none, so it comes first.
            cut = sum(_cut(archive, pack) for pack in packs.idle)
            return Swept(cut + sum(_write_anew(archive, pack) for pack in packs.idle), packs.busy)
        finally:
            archive.crops.close()


def unnamed_bytes(archive: Archive) -> int:
    """Return the bytes in packs that no sighting names; packs that are being written are left out."""
    if archive.catalogue.read_only:
        # Nobody writes, and nothing can be locked.
        with archive.catalogue.reading() as connection:
            named = {name: list(sighting_writing.pictures_in(connection, name)) for name in archive.crops.sizes()}
        return sum(size - HEADER_BYTES - _used(named[name]) for name, size in archive.crops.sizes().items())
    with archive.crops.locked() as packs:
        return sum(pack.size - HEADER_BYTES - _used(_named(archive, pack)) for pack in packs.idle)


def _remove_unfinished(folder: Path) -> None:
    """Remove files beside the catalogue that killed processes left unfinished an hour ago or more."""
    for path in folder.glob("*.part"):
        with suppress(OSError):
            if path.is_file() and time.time() - path.lstat().st_mtime > _ABANDONED_S:
                path.unlink()


def _cut(archive: Archive, pack: IdlePack) -> int:
    used_until = max((ref.offset + ref.length for _, ref in _named(archive, pack)), default=0)
    return pack.cut(used_until)


def _write_anew(archive: Archive, pack: IdlePack) -> int:
    """Move the pictures of a pack with holes to another one, and delete it; return the bytes freed."""
    named = _named(archive, pack)
    if not named or _used(named) + HEADER_BYTES >= pack.size:
        return 0
    try:
        _move_out(archive, named)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        # Some were moved before the disk was full: their places are no longer used.
        pack.overwrite([(ref.offset, ref.length) for _, ref in _named(archive, pack)])
        _log.warning(
            "pack %s keeps its size, as there is no space to write it anew; what is gone was overwritten", pack.name
        )
        return 0
    return pack.cut(0) - _used(named)


def _named(archive: Archive, pack: IdlePack) -> list[NamedPicture]:
    """Return the pictures of a held pack that rows name: every committed one, as none can be added meanwhile."""
    with archive.catalogue.reading() as connection:
        return list(sighting_writing.pictures_in(connection, pack.name))


def _used(named: Iterable[NamedPicture]) -> int:
    return sum(ref.length for _, ref in named)


def _move_out(archive: Archive, named: list[NamedPicture]) -> None:
    """Copy pictures to the pack of this process, each on the disk before its row points there."""
    left = iter(named)
    while part := list(islice(left, _PICTURES_AT_ONCE)):
        moved = archive.crops.append([archive.crops.read(ref) for _, ref in part])
        with archive.catalogue.writing() as connection:
            places = zip((shot for shot, _ in part), moved, strict=True)
            sighting_writing.move_pictures(connection, dict(places))
