"""Remember where each camera stands and looks, since when, and how far its clock is off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from index.catalogue.tables import camera_places, cameras, clock_offsets
from index.errors import ArchiveError

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""The start of a validity that nobody named."""

NEAR_ONES = 3
"""How many cameras are named beside one that is not there."""


@dataclass(frozen=True, slots=True)
class StoredCamera:
    """A camera where it stands from `valid_from` until `valid_to` (None: still).

    `views` are the directed roads in its picture as the map had them when it was placed; `bearing_deg` None: unknown.
    """

    id: str
    lat: float
    lon: float
    bearing_deg: float | None = None
    valid_from: datetime = ALWAYS
    valid_to: datetime | None = None
    name: str | None = None
    snap_m: float | None = None
    views: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """Camera clock minus true time, surely between `low_s` and `high_s`; `source` says who found it."""

    camera: str
    offset_s: float
    low_s: float
    high_s: float
    valid_from: datetime = ALWAYS
    valid_to: datetime | None = None
    source: str = "given"


def put(connection: Connection, placed: Sequence[StoredCamera]) -> None:
    """Write cameras; a place with the same camera and `valid_from` is replaced."""
    for camera in placed:
        back = update(cameras).where(cameras.c.id == camera.id).values(name=camera.name, deleted_at=None)
        if connection.execute(back).rowcount == 0:
            connection.execute(cameras.insert().values(id=camera.id, name=camera.name))
        same = (camera_places.c.camera == camera.id, camera_places.c.valid_from == camera.valid_from)
        connection.execute(camera_places.delete().where(*same))
        connection.execute(camera_places.insert().values(_place_row(camera)))


def move(connection: Connection, camera: StoredCamera) -> None:
    """End the place that a camera has at `valid_from` and begin the new one."""
    known(connection, camera.id)
    here = camera_places.c.camera == camera.id
    open_then = or_(camera_places.c.valid_to.is_(None), camera_places.c.valid_to > camera.valid_from)
    connection.execute(camera_places.delete().where(here, camera_places.c.valid_from >= camera.valid_from))
    connection.execute(update(camera_places).where(here, open_then).values(valid_to=camera.valid_from))
    put(connection, [camera])


def listing(connection: Connection, at: datetime | None = None) -> list[StoredCamera]:
    """Return the cameras as they stand at a time (None: as they were placed last), ordered by id."""
    rows = connection.execute(_places(at)).all()
    latest = {row.camera: row for row in rows}
    return [_stored(latest[id_]) for id_ in sorted(latest)]


def places(connection: Connection, id_: str) -> list[StoredCamera]:
    """Return every place that a camera had, first to last."""
    return [_stored(row) for row in connection.execute(_places(None).where(cameras.c.id == id_))]


def known(connection: Connection, id_: str) -> None:
    """Refuse a camera that the archive does not have, and name those that are spelled alike."""
    found = select(cameras.c.id).where(cameras.c.id == id_, cameras.c.deleted_at.is_(None))
    if connection.execute(found).scalar() is None:
        raise ArchiveError(f"no camera {id_!r} in the archive: {_hint(connection, id_)}")


def remove(connection: Connection, id_: str, *, at: datetime) -> None:
    """Lay a tombstone on a camera; what it saw stays."""
    known(connection, id_)
    connection.execute(update(cameras).where(cameras.c.id == id_).values(deleted_at=at))


def set_offset(connection: Connection, offset: ClockOffset) -> None:
    """Write how far a camera's clock is off from a time on, until the next."""
    here = clock_offsets.c.camera == offset.camera
    later = clock_offsets.c.valid_from >= offset.valid_from
    connection.execute(clock_offsets.delete().where(here, later))
    connection.execute(update(clock_offsets).where(here).values(valid_to=offset.valid_from).where(_open_at(offset)))
    row = {name: getattr(offset, name) for name in ClockOffset.__dataclass_fields__}
    connection.execute(clock_offsets.insert().values(**row))


def forget_offsets(connection: Connection, source: str) -> None:
    """Take back every offset that one source told."""
    connection.execute(clock_offsets.delete().where(clock_offsets.c.source == source))


def offsets(connection: Connection, at: datetime | None = None) -> dict[str, ClockOffset]:
    """Return the offset of each camera that has one, at a time or the newest."""
    wanted = select(clock_offsets).order_by(clock_offsets.c.camera, clock_offsets.c.valid_from)
    if at is not None:
        wanted = wanted.where(clock_offsets.c.valid_from <= at)
        wanted = wanted.where(or_(clock_offsets.c.valid_to.is_(None), clock_offsets.c.valid_to > at))
    return {row.camera: ClockOffset(**row._mapping) for row in connection.execute(wanted)}


def _hint(connection: Connection, id_: str) -> str:
    there = connection.execute(select(cameras.c.id).where(cameras.c.deleted_at.is_(None)).order_by(cameras.c.id))
    ids = list(there.scalars())
    if not ids:
        return "it has none yet, add them by `retrace cameras import FILE`"
    near = get_close_matches(id_, ids, n=NEAR_ONES) or ids[:NEAR_ONES]
    return f"did you mean {', '.join(near)}? (retrace cameras list)"


def _open_at(offset: ClockOffset) -> Any:
    return or_(clock_offsets.c.valid_to.is_(None), clock_offsets.c.valid_to > offset.valid_from)


def _places(at: datetime | None) -> Any:
    wanted = (
        select(camera_places, cameras.c.name)
        .join_from(camera_places, cameras)
        .where(cameras.c.deleted_at.is_(None))
        .order_by(camera_places.c.camera, camera_places.c.valid_from)
    )
    if at is None:
        return wanted
    open_then = or_(camera_places.c.valid_to.is_(None), camera_places.c.valid_to > at)
    return wanted.where(camera_places.c.valid_from <= at, open_then)


def _place_row(camera: StoredCamera) -> dict[str, Any]:
    names = ("valid_from", "valid_to", "lat", "lon", "bearing_deg", "snap_m")
    return {"camera": camera.id, "views": [dict(view) for view in camera.views]} | {
        name: getattr(camera, name) for name in names
    }


def _stored(row: Row[Any]) -> StoredCamera:
    fields = {name: value for name, value in row._mapping.items() if name not in ("camera", "views")}
    return StoredCamera(id=row.camera, views=tuple(row.views), **fields)
