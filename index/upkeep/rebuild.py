"""Rebuild the derived parts of an archive, and free the disk space of pictures that no sighting names."""

from itertools import islice

from index.records import CropRef
from index.store.archive import Archive
from index.store.archive_file import locked
from index.store.catalogue import camera_totals, plate_index, sighting_writing
from index.store.crops import HEADER_BYTES, IdlePack

_PICTURES_AT_ONCE = 500

NamedPicture = tuple[tuple[str, int], CropRef]
"""((sighting, shot number), place of the picture)."""


def rebuild(archive: Archive) -> int:
    """Rebuild the vector segments and the plate index, sweep the pictures, and return the bytes freed."""
    archive.vectors.rebuild()
    with archive.catalogue.writing() as connection:
        plate_index.rebuild(connection)
        camera_totals.rebuild(connection)
    with locked(archive.path / "maintenance.lock"):
        return sweep(archive)


def sweep(archive: Archive) -> int:
    """Free the space of pictures that no sighting names, and return the bytes; packs being written are left alone.

    A pack with unused bytes at its end is cut, one with holes is written anew.
    """
    with archive.crops.idle() as idle:
        return sum(_sweep(archive, pack) for pack in idle)


def _sweep(archive: Archive, pack: IdlePack) -> int:
    # Read while the pack is held: it shows every row committed before, and none can be added meanwhile.
    with archive.catalogue.reading() as connection:
        named = list(sighting_writing.pictures_in(connection, pack.name))
    used_until = max((ref.offset + ref.length for _, ref in named), default=0)
    used = sum(ref.length for _, ref in named)
    if used + HEADER_BYTES >= used_until:
        return pack.cut(used_until)
    _move_out(archive, named)
    return pack.cut(0) - used


def _move_out(archive: Archive, named: list[NamedPicture]) -> None:
    """Copy pictures to the pack of this process, each on the disk before its row points there."""
    left = iter(named)
    while part := list(islice(left, _PICTURES_AT_ONCE)):
        moved = archive.crops.append([archive.crops.read(ref) for _, ref in part])
        with archive.catalogue.writing() as connection:
            for (shot, _), ref in zip(part, moved, strict=True):
                sighting_writing.move_picture(connection, shot, ref)
