"""Remember the footage: which file, which camera, when it starts, and how far its analysis came."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Row, select, type_coerce, update

from index.catalogue import vectors
from index.catalogue.tables import chunks, coverage, footage, marks, shots, sightings
from index.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Footage:
    """One video file by the SHA-256 of its bytes; `start` is the camera's own clock.

    `status` is "pending", "done", "partial" or "failed", and `problem` says how it is damaged.
    """

    id: str
    path: str
    camera: str
    start: datetime
    duration_s: float
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    chunk_s: float | None = None
    status: str = "pending"
    problem: str | None = None


def add(connection: Connection, new: Footage, *, at: datetime) -> None:
    """Write a footage file; one that was removed earlier comes back, and what was forgotten of it can be seen anew."""
    row = {name: getattr(new, name) for name in Footage.__dataclass_fields__}
    _clear_forgotten(connection, new.id)
    back = connection.execute(update(footage).where(footage.c.id == new.id).values(**row, deleted_at=None))
    if back.rowcount == 0:
        connection.execute(footage.insert().values(**row, added_at=at))


def get(connection: Connection, id_: str) -> Footage | None:
    """Return a footage file, None where the archive has none of that hash."""
    row = connection.execute(_rows().where(footage.c.id == id_)).one_or_none()
    return None if row is None else _footage(row)


def listing(connection: Connection, camera: str | None = None) -> list[Footage]:
    """Return the footage in the order of its start."""
    wanted = _rows() if camera is None else _rows().where(footage.c.camera == camera)
    return [_footage(row) for row in connection.execute(wanted.order_by(footage.c.start, footage.c.id))]


def set_status(connection: Connection, id_: str, status: str, problem: str | None = None) -> None:
    """Say how far a file came."""
    connection.execute(update(footage).where(footage.c.id == id_).values(status=status, problem=problem))


def move(connection: Connection, id_: str, *, camera: str | None = None, start: datetime | None = None) -> Footage:
    """Give footage another camera or start; what was seen in it moves along and keeps its id."""
    now = _existing(connection, id_)
    moved_camera = camera or now.camera
    shift = timedelta(0) if start is None else start - now.start
    connection.execute(update(footage).where(footage.c.id == id_).values(camera=moved_camera, start=now.start + shift))
    _move_seen(connection, id_, moved_camera, shift)
    vectors.renew(connection, _seen(connection, id_))
    return _existing(connection, id_)


def remove(connection: Connection, id_: str, *, at: datetime) -> int:
    """Lay a tombstone on footage and all that was seen in it; return how many sightings."""
    _existing(connection, id_)
    seen = _seen(connection, id_)
    connection.execute(update(footage).where(footage.c.id == id_).values(deleted_at=at))
    gone = update(sightings).where(sightings.c.footage == id_, sightings.c.deleted_at.is_(None)).values(deleted_at=at)
    connection.execute(gone)
    connection.execute(coverage.delete().where(coverage.c.footage == id_))
    connection.execute(chunks.delete().where(chunks.c.footage == id_))
    vectors.renew(connection, seen)
    return len(seen)


def _clear_forgotten(connection: Connection, id_: str) -> None:
    """Drop the forgotten sightings of a file, so that their ids are free; what a case marked is kept and comes back."""
    forgotten = (sightings.c.footage == id_, sightings.c.deleted_at.is_not(None))
    marked = sightings.c.id.in_(select(marks.c.sighting))
    connection.execute(sightings.delete().where(*forgotten, ~marked))
    back = list(connection.execute(select(sightings.c.id).where(*forgotten)).scalars())
    connection.execute(update(sightings).where(*forgotten).values(deleted_at=None))
    vectors.renew(connection, back)


def _move_seen(connection: Connection, id_: str, camera: str, shift: timedelta) -> None:
    """Shift every stored time of the footage, and give it to the camera; roads are another camera's then."""
    inside = shots.c.sighting.in_(select(sightings.c.id).where(sightings.c.footage == id_))
    for table, which, names in (
        (sightings, sightings.c.footage == id_, ("first", "best", "last")),
        (shots, inside, ("time",)),
        (coverage, coverage.c.footage == id_, ("start", "end")),
    ):
        connection.execute(update(table).where(which).values({name: _shifted(table.c[name], shift) for name in names}))
    connection.execute(update(coverage).where(coverage.c.footage == id_).values(camera=camera))
    connection.execute(update(sightings).where(sightings.c.footage == id_).values(camera=camera, edge=None))


def _shifted(column: Column[Any], shift: timedelta) -> ColumnElement[int]:
    """Return a time column moved by a shift, as the integer that it is inside."""
    return type_coerce(column, BigInteger) + shift // timedelta(microseconds=1)


def _seen(connection: Connection, id_: str) -> list[str]:
    return list(connection.execute(select(sightings.c.id).where(sightings.c.footage == id_)).scalars())


def _existing(connection: Connection, id_: str) -> Footage:
    found = get(connection, id_)
    if found is None:
        raise ArchiveError(f"no footage {id_!r} in the archive: see retrace footage list")
    return found


def _rows() -> Any:
    columns = [footage.c[name] for name in Footage.__dataclass_fields__]
    return select(*columns).where(footage.c.deleted_at.is_(None))


def _footage(row: Row[Any]) -> Footage:
    return Footage(**row._mapping)
