"""Give back the room of pictures that no sighting names, in packs that no process writes."""

from itertools import islice
from typing import TYPE_CHECKING

from index.catalogue import forgetting
from index.crops import HEADER_BYTES, IdlePack
from index.sighting import CropRef

if TYPE_CHECKING:
    from index.archive import Archive

_PICTURES_AT_ONCE = 500
Named = tuple[tuple[str, int], CropRef]


def sweep(archive: "Archive") -> int:
    """Cut what a stopped writer left at the end of packs, write anew packs with holes; return the bytes freed."""
    with archive.crops.idle() as idle:
        return sum(_sweep(archive, pack) for pack in idle)


def _sweep(archive: "Archive", pack: IdlePack) -> int:
    # Asked while the pack is held: a row that was committed before is seen, none can be added now.
    with archive.catalogue.reading() as connection:
        named = list(forgetting.pictures_in(connection, pack.name))
    used_until = max((ref.offset + ref.length for _, ref in named), default=0)
    used = sum(ref.length for _, ref in named)
    if used + HEADER_BYTES >= used_until:
        return pack.cut(used_until)
    _move_out(archive, named)
    return pack.cut(0) - used


def _move_out(archive: "Archive", named: list[Named]) -> None:
    """Copy pictures to the pack of this process, some at a time, each on the disk before its row points there."""
    left = iter(named)
    while some := list(islice(left, _PICTURES_AT_ONCE)):
        moved = archive.crops.append([archive.crops.read(ref) for _, ref in some])
        with archive.catalogue.writing() as connection:
            for (shot, _), ref in zip(some, moved, strict=True):
                forgetting.move_picture(connection, shot, ref)
