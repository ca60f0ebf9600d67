"""Find what is old, and make tombstones final; what a case marked stays."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from index.catalogue import plate_index
from index.catalogue.among import among
from index.catalogue.database import batched
from index.catalogue.tables import batches, chunks, coverage, footage, marks, shots, sightings, vectors
from index.sighting import CropRef

_marked = sightings.c.id.in_(select(marks.c.sighting))


def seen_before(connection: Connection, before: datetime) -> list[str]:
    """Return the sightings whose `best` time lies before a time and that no case marked."""
    old = select(sightings.c.id).where(sightings.c.best < before, sightings.c.deleted_at.is_(None), ~_marked)
    return list(connection.execute(old.order_by(sightings.c.id)).scalars())


def count_marked_before(connection: Connection, before: datetime) -> int:
    """Return how many sightings before a time are kept because a case marked them."""
    kept = select(func.count()).select_from(sightings).where(sightings.c.best < before, _marked)
    return int(connection.execute(kept).scalar_one())


def make_final(connection: Connection, before: datetime) -> list[str]:
    """Delete the rows of forgotten sightings, and of footage and coverage that ended before a time; return the ids."""
    dead = sightings.c.deleted_at.is_not(None) & ~_marked
    ids = list(connection.execute(select(sightings.c.id).where(dead).order_by(sightings.c.id)).scalars())
    plate_index.remove(connection, ids)
    for some in batched(ids):
        connection.execute(sightings.delete().where(among(sightings.c.id, some)))
    connection.execute(batches.delete().where(batches.c.id.not_in(select(vectors.c.batch))))
    connection.execute(coverage.delete().where(coverage.c.end < before))
    _drop_old_footage(connection, before)
    return ids


def pictures_in(connection: Connection, pack: str) -> Iterator[tuple[tuple[str, int], CropRef]]:
    """Yield the pictures of a pack that rows name, as ((sighting, shot), where), in the order of the file."""
    rows = connection.execute(
        select(shots.c.sighting, shots.c.number, shots.c.pack, shots.c.offset, shots.c.length, shots.c.sha256)
        .where(shots.c.pack == pack)
        .order_by(shots.c.offset)
    )
    for row in rows:
        yield (row.sighting, row.number), CropRef(row.pack, row.offset, row.length, row.sha256)


def move_picture(connection: Connection, shot: tuple[str, int], to: CropRef) -> None:
    """Say where a picture lies now."""
    sighting, number = shot
    same = (shots.c.sighting == sighting, shots.c.number == number)
    connection.execute(shots.update().where(*same).values(pack=to.pack, offset=to.offset))


def _drop_old_footage(connection: Connection, before: datetime) -> None:
    """Delete footage that ended before a time and that no sighting names; its chunks go along."""
    named = select(sightings.c.footage).where(sightings.c.footage.is_not(None))
    for row in connection.execute(select(footage).where(footage.c.id.not_in(named))).all():
        if row.deleted_at is not None or row.start + timedelta(seconds=row.duration_s) < before:
            connection.execute(chunks.delete().where(chunks.c.footage == row.id))
            connection.execute(footage.delete().where(footage.c.id == row.id))
