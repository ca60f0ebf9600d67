"""Read and write where each camera stands, and its mask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Select, Text, func, select, type_coerce, update

from index.errors import ArchiveError
from index.store.catalogue import digest_kinds, row_digests
from index.store.catalogue.about import mark_changed
from index.store.catalogue.columns import EPOCH, among, from_micros, json_values
from index.store.catalogue.database import batched
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import camera_masks, camera_places, cameras
from index.store.catalogue.validity import deleted_from, ended, named, time_or_none, valid_at, validity
from index.store.names import check_name, look_of
from reid.scene.regions import Polygon, Regions

ALWAYS = EPOCH
"""The start of a validity that nobody named."""

PLACES = "camera places"
"""What has a revision here."""

_SUGGESTIONS = 3


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

    def holds_at(self, time: datetime) -> bool:
        """Tell whether the camera stood there at a time."""
        return self.valid_from <= time and (self.valid_to is None or time < self.valid_to)


def put(connection: Connection, placed: Sequence[StoredCamera]) -> None:
    """Write cameras; a place with the same camera and `valid_from` is replaced."""
    _put_rows(connection, {camera.id: {"name": camera.name} for camera in placed})
    with renewed(connection, digest_kinds.PLACES, [camera.id for camera in placed]):
        for camera in placed:
            same = (camera_places.c.camera == camera.id, camera_places.c.valid_from == camera.valid_from)
            connection.execute(camera_places.delete().where(*same))
            connection.execute(camera_places.insert().values(_place_row(camera)))
    mark_changed(connection, PLACES)


def add_names(connection: Connection, ids: Sequence[str]) -> None:
    """Write cameras of which only the name is known; those that the archive has stay where they stand."""
    _put_rows(connection, {id_: {} for id_ in ids})
    mark_changed(connection, PLACES)


def without_place(connection: Connection) -> list[str]:
    """Return the cameras of which nobody knows where they stand, ordered by id."""
    nowhere = ~select(camera_places.c.camera).where(camera_places.c.camera == cameras.c.id).exists()
    rows = select(cameras.c.id).where(cameras.c.deleted_at.is_(None), nowhere).order_by(cameras.c.id)
    return list(connection.execute(rows).scalars())


def move(connection: Connection, camera: StoredCamera) -> None:
    """Write a camera's new place from its `valid_from` on, and end the place that it had before."""
    hold(connection, [camera.id])
    check_known(connection, camera.id)
    with renewed(connection, digest_kinds.PLACES, [camera.id]):
        connection.execute(deleted_from(camera_places, camera.id, camera.valid_from))
        connection.execute(ended(camera_places, camera.id, camera.valid_from))
    put(connection, [camera])


def listing(connection: Connection, at: datetime | None = None) -> list[StoredCamera]:
    """Return the cameras as they stand at a time (None: as they were placed last), ordered by id."""
    latest = {row[0]: row for row in connection.execute(_place_rows(at))}
    return _stored([latest[id_] for id_ in sorted(latest)])


def places(connection: Connection, id_: str) -> list[StoredCamera]:
    """Return every place that a camera had, first to last."""
    return _stored(connection.execute(_place_rows(None).where(cameras.c.id == id_)))


def check_known(connection: Connection, id_: str) -> None:
    """Refuse a camera that the archive does not have, and suggest ids that are spelled alike."""
    found = select(cameras.c.id).where(cameras.c.id == id_, cameras.c.deleted_at.is_(None))
    if connection.execute(found).scalar() is None:
        raise ArchiveError(f"no camera {id_!r} in the archive: {_suggestion(connection, id_)}")


def hold(connection: Connection, ids: Iterable[str]) -> None:
    """Let one transaction at a time move cameras or write what they saw, so that neither misses the other's.

    It comes before any other row is held, in the order of ids: who holds in another order waits for ever.
    """
    # PostgreSQL cannot even be asked for NUL.
    for part in batched(sorted(id_ for id_ in set(ids) if "\x00" not in id_)):
        asked = select(cameras.c.id).where(among(cameras.c.id, part)).order_by(cameras.c.id)
        connection.execute(asked.with_for_update(key_share=True))


def hold_all(connection: Connection) -> None:
    """Let nobody move any camera, or write what one saw, until this transaction ends."""
    connection.execute(select(cameras.c.id).order_by(cameras.c.id).with_for_update(key_share=True))


def remove(connection: Connection, id_: str, *, at: datetime) -> None:
    """Put a tombstone on a camera; its sightings stay."""
    check_known(connection, id_)
    hold(connection, [id_])
    with renewed(connection, digest_kinds.CAMERAS):
        connection.execute(update(cameras).where(cameras.c.id == id_).values(deleted_at=at))
    mark_changed(connection, PLACES)


def first_moves(connection: Connection) -> dict[str, datetime]:
    """Return when each camera that was moved left the place that it had first."""
    begins: dict[str, datetime] = {}
    for place in all_places(connection):
        if place.valid_from > ALWAYS:
            begins.setdefault(place.id, place.valid_from)
    return begins


def all_places(connection: Connection) -> list[StoredCamera]:
    """Return every place that any camera had, ordered by camera and time."""
    return _stored(connection.execute(_place_rows(None)))


def put_mask(connection: Connection, camera: str, regions: Regions, *, since: datetime = ALWAYS) -> None:
    """Write the mask of a camera from a time on, replacing what was written for later times."""
    check_known(connection, camera)
    row = {"camera": camera, "valid_from": since, "look": regions.look, "ignore": regions.ignore}
    with renewed(connection, digest_kinds.MASKS, [camera]):
        connection.execute(deleted_from(camera_masks, camera, since))
        connection.execute(ended(camera_masks, camera, since))
        connection.execute(camera_masks.insert().values(**row))


def later_masks(connection: Connection, camera: str, since: datetime) -> list[datetime]:
    """Return from when on each mask of a camera holds that was written for a later time."""
    begins = select(camera_masks.c.valid_from).where(camera_masks.c.camera == camera, camera_masks.c.valid_from > since)
    return list(connection.execute(begins.order_by(camera_masks.c.valid_from)).scalars())


def mask_since(connection: Connection, camera: str, time: datetime) -> datetime:
    """Return from when on the mask holds that a camera has at a time, ALWAYS where it has none."""
    begins = select(camera_masks.c.valid_from).where(camera_masks.c.camera == camera, *valid_at(camera_masks, time))
    return connection.execute(begins).scalar_one_or_none() or ALWAYS


def mask_at(connection: Connection, camera: str, time: datetime) -> Regions | None:
    """Return the mask of a camera at a time, None where its whole picture is analysed."""
    rows = select(camera_masks).where(camera_masks.c.camera == camera, *valid_at(camera_masks, time))
    row = connection.execute(rows).one_or_none()
    if row is None or not (row.look or row.ignore):
        return None
    return Regions(_polygons(row.look), _polygons(row.ignore))


def _put_rows(connection: Connection, values_of: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the rows of cameras themselves; those that are there get new values and lose their tombstone."""
    hold(connection, values_of)
    new = []
    with renewed(connection, digest_kinds.CAMERAS):
        for id_, values in values_of.items():
            _check_id(connection, id_)
            restored = update(cameras).where(cameras.c.id == id_).values(deleted_at=None, **values)
            if connection.execute(restored).rowcount == 0:
                connection.execute(cameras.insert().values(id=id_, **values))
                new.append(id_)
    for kind in digest_kinds.OF_CAMERA:
        row_digests.renew(connection, kind, new)


def _suggestion(connection: Connection, id_: str) -> str:
    alive = select(cameras.c.id).where(cameras.c.deleted_at.is_(None)).order_by(cameras.c.id)
    ids = list(connection.execute(alive).scalars())
    if not ids:
        return "it has none yet, add them by `retrace cameras add ID...` or `retrace cameras import FILE`"
    near = get_close_matches(id_, ids, n=_SUGGESTIONS) or ids[:_SUGGESTIONS]
    return f"did you mean {', '.join(near)}? (retrace cameras list)"


def _place_rows(at: datetime | None) -> Select[Any]:
    """Select the fields of `StoredCamera` in their order, times and views as they are stored."""
    columns = (
        *named(camera_places, "camera", "lat", "lon", "bearing_deg"),
        *validity(camera_places),
        cameras.c.name,
        camera_places.c.snap_m,
        type_coerce(camera_places.c.views, Text),
    )
    rows = (
        select(*columns)
        .join_from(camera_places, cameras)
        .where(cameras.c.deleted_at.is_(None))
        .order_by(camera_places.c.camera, camera_places.c.valid_from)
    )
    return rows if at is None else rows.where(*valid_at(camera_places, at))


def _stored(rows: Iterable[Sequence[Any]]) -> list[StoredCamera]:
    rows = list(rows)
    views = json_values([row[-1] for row in rows])
    return [
        StoredCamera(id_, lat, lon, bearing_deg, from_micros(start), time_or_none(end), name, snap_m, tuple(in_view))
        for (id_, lat, lon, bearing_deg, start, end, name, snap_m, _), in_view in zip(rows, views, strict=True)
    ]


def _check_id(connection: Connection, id_: str) -> None:
    """Refuse a new camera whose name cannot be told from nothing, or from that of another camera."""
    known = select(cameras.c.id).where(cameras.c.id == id_)
    # PostgreSQL cannot even be asked for NUL.
    if "\x00" not in id_ and connection.execute(known).scalar() is not None:
        return
    check_name(id_, "a camera")
    other = _written_alike(connection, id_)
    if other is not None:
        how = "capital letters" if id_.isascii() and other.isascii() else "capital letters or the way it is written"
        raise ArchiveError(f"camera {id_!r} differs from {other!r} in {how} alone: give it another name")


def _written_alike(connection: Connection, id_: str) -> str | None:
    """Return a camera whose name looks the same: it differs in capitals, or in how Unicode writes it, alone."""
    ids = select(cameras.c.id).where(cameras.c.deleted_at.is_(None))
    if id_.isascii():
        # Databases know the capitals of English; all other letters are looked at one by one.
        is_sqlite = connection.dialect.name == "sqlite"
        other_letters = cameras.c.id.op("GLOB")("*[^ -~]*") if is_sqlite else cameras.c.id.regexp_match(r"[^\x01-\x7f]")
        ids = ids.where((func.lower(cameras.c.id) == id_.lower()) | other_letters)
    return next((other for other in connection.execute(ids).scalars() if look_of(other) == look_of(id_)), None)


def _place_row(camera: StoredCamera) -> dict[str, Any]:
    names = ("valid_from", "valid_to", "lat", "lon", "bearing_deg", "snap_m")
    return {"camera": camera.id, "views": [dict(view) for view in camera.views]} | {
        name: getattr(camera, name) for name in names
    }


def _polygons(stored: list[list[list[float]]]) -> tuple[Polygon, ...]:
    return tuple(tuple((x, y) for x, y in polygon) for polygon in stored)
