"""Write sightings, delete them, and find those that are old enough to be deleted."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    exists,
    func,
    select,
    update,
)

from index.records import CropRef, NewShot, NewSighting
from index.store.catalogue import (
    camera_totals,
    cameras,
    coverage_digests,
    plate_index,
    purges,
    row_digests,
    sighting_digests,
    tables,
)
from index.store.catalogue import vectors as catalogue_vectors
from index.store.catalogue.columns import among
from index.store.catalogue.database import batched, driver_columns, insert_columns
from index.store.catalogue.digest_kinds import CHUNKS, FOOTAGE, chunk_owner
from index.store.catalogue.digests import key_of
from index.store.catalogue.plates import plate_row
from index.store.catalogue.road_numbers import cameras_of
from index.store.catalogue.table_locks import lock_tables
from index.store.catalogue.tables import chunks, footage, marks, shots, sightings
from reid.vehicle import Box


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a purge deleted: the ids of sightings with their footage, and the SHA-256 of footage with its path."""

    sightings: Mapping[str, str | None]
    footage: Mapping[str, str]


_marked = sightings.c.id.in_(select(marks.c.sighting))


def add(
    connection: Connection,
    new_sightings: Sequence[NewSighting],
    crops: Sequence[Sequence[CropRef]],
    *,
    footage: str | None,
    chunk: int | None,
    added_at: datetime,
) -> None:
    """Write new sightings, each with the places of its pictures; `vectors.add` writes their vectors."""
    read = [(new.id, new.plate, new.plate_model) for new in new_sightings if new.plate and new.plate_model]
    ours = [sighting_row(new, footage, chunk, added_at) for new in new_sightings]
    pictures = [row for new, own in zip(new_sightings, crops, strict=True) for row in shot_rows(new.id, new.shots, own)]
    parts = ((sightings, ours), (shots, pictures), (tables.plates, [plate_row(*plate) for plate in read]))
    columns = [driver_columns(connection, table, rows) for table, rows in parts]
    columns[0]["digest"] = sighting_digests.of_new(*columns, key=key_of(connection))
    for (table, _), own in zip(parts, columns, strict=True):
        insert_columns(connection, table, own)
    camera_totals.change(connection, Counter(new.camera for new in new_sightings))
    plate_index.add(connection, [(sighting, plate) for sighting, plate, _ in read])


def forget(connection: Connection, ids: Collection[str], *, at: datetime) -> int:
    """Put a tombstone on sightings, and return on how many: searches no longer find them, a purge deletes them."""
    forgotten: Counter[str] = Counter()
    for part in batched(ids):
        alive = sightings.c.deleted_at.is_(None)
        gone = update(sightings).where(among(sightings.c.id, part), alive).values(deleted_at=at)
        forgotten.update(connection.execute(gone.returning(sightings.c.camera)).scalars())
    camera_totals.change(connection, {camera: -number for camera, number in forgotten.items()})
    catalogue_vectors.renew(connection, ids)
    return forgotten.total()


def unmarked_before(connection: Connection, before: datetime) -> list[str]:
    """Return the sightings whose `best` time lies before a time and that no case marked, nor does until this ends.

    Else a mark that is made meanwhile would stay, and its sighting be forgotten all the same.
    """
    lock_tables(connection, [marks])
    old = select(sightings.c.id).where(sightings.c.best < before, sightings.c.deleted_at.is_(None), ~_marked)
    return list(connection.execute(old.order_by(sightings.c.id)).scalars())


def count_marked_before(connection: Connection, before: datetime) -> int:
    """Return how many sightings before a time are kept because a case marked them."""
    kept = select(func.count()).select_from(sightings).where(sightings.c.best < before, _marked)
    return int(connection.execute(kept).scalar_one())


def delete_forgotten(connection: Connection, before: datetime) -> Deleted:
    """Delete the rows of forgotten sightings, of footage that ended before a time, and the coverage before it.

    Sightings that a case marked are kept.
    """
    dead = sightings.c.deleted_at.is_not(None) & ~_marked
    rows = connection.execute(select(sightings.c.id, sightings.c.footage).where(dead).order_by(sightings.c.id)).all()
    ids = [row.id for row in rows]
    plate_index.remove(connection, ids)
    touched = catalogue_vectors.batches_of(connection, ids)
    for part in batched(ids):
        connection.execute(sightings.delete().where(among(sightings.c.id, part)))
    catalogue_vectors.delete_empty(connection, touched)
    coverage_digests.forget_before(connection, before)
    return Deleted({row.id: row.footage for row in rows}, _delete_old_footage(connection, before))


def pictures_in(connection: Connection, pack: str) -> Iterator[tuple[tuple[str, int], CropRef]]:
    """Yield the pictures of a pack that shots name, as ((sighting, shot number), place), in the order of the file."""
    rows = connection.execute(
        select(shots.c.sighting, shots.c.number, shots.c.pack, shots.c.offset, shots.c.length, shots.c.sha256)
        .where(shots.c.pack == pack)
        .order_by(shots.c.offset)
    )
    for row in rows:
        yield (row.sighting, row.number), CropRef(row.pack, row.offset, row.length, row.sha256)


def move_pictures(connection: Connection, moved: Mapping[tuple[str, int], CropRef]) -> None:
    """Write the new places of pictures, by (sighting, shot number)."""
    ids = sorted({sighting for sighting, _ in moved})
    # Roads are taken again under the same hold: two who change one sighting would else wait for each other.
    cameras.hold(connection, cameras_of(connection, ids))
    with sighting_digests.renewed(connection, ids):
        for (sighting, number), to in moved.items():
            same = (shots.c.sighting == sighting, shots.c.number == number)
            connection.execute(shots.update().where(*same).values(pack=to.pack, offset=to.offset))


def sighting_row(new: NewSighting, footage: str | None, chunk: int | None, added_at: datetime) -> dict[str, Any]:
    """Return the row of `sightings` for a new sighting."""
    return {
        "id": new.id,
        "camera": new.camera,
        "footage": footage,
        "chunk": chunk,
        "first": new.first,
        "best": new.best,
        "last": new.last,
        **_box_row(new.box),
        "type": new.attributes.type,
        "colour": new.attributes.colour,
        "types": new.attributes.types,
        "colours": new.attributes.colours,
        "heading_deg": new.attributes.heading_deg,
        "edge": new.edge,
        "track": new.track,
        "added_at": added_at,
    }


def shot_rows(sighting: str, shots: Sequence[NewShot], crops: Sequence[CropRef]) -> list[dict[str, Any]]:
    """Return the rows of `shots` for the pictures of one sighting."""
    return [
        {
            "sighting": sighting,
            "number": number,
            "time": shot.time,
            "frame": shot.frame,
            **_box_row(shot.box),
            "sharpness": shot.sharpness,
            "plate": None if shot.plate is None else [list(corner) for corner in shot.plate],
            "pack": crop.pack,
            "offset": crop.offset,
            "length": crop.length,
            "sha256": crop.sha256,
        }
        for number, (shot, crop) in enumerate(zip(shots, crops, strict=True))
    ]


def known_ids(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return which of the ids the catalogue has, forgotten ones and those that may not come again included."""
    ids = list(ids)
    found = purges.refused_among(connection, ids)
    for part in batched(ids):
        found.update(connection.execute(select(sightings.c.id).where(among(sightings.c.id, part))).scalars())
    return found


def _delete_old_footage(connection: Connection, before: datetime) -> dict[str, str]:
    """Delete footage without sightings that was removed or ended before a time, and its chunks; return id -> path."""
    gone: dict[str, str] = {}
    unnamed = ~exists().where(sightings.c.footage == footage.c.id)
    old = (footage.c.start < before) | footage.c.deleted_at.is_not(None)
    for row in connection.execute(select(footage).where(old, unnamed)).all():
        if row.deleted_at is not None or row.start + timedelta(seconds=row.duration_s) < before:
            numbers = connection.execute(select(chunks.c.number).where(chunks.c.footage == row.id)).scalars()
            of_chunks = [chunk_owner(row.id, number) for number in numbers]
            row_digests.forget(connection, CHUNKS, of_chunks)
            row_digests.forget(connection, FOOTAGE, [row.id])
            connection.execute(chunks.delete().where(chunks.c.footage == row.id))
            connection.execute(footage.delete().where(footage.c.id == row.id))
            gone[row.id] = row.path
    return gone


def _box_row(box: Box) -> dict[str, float]:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
