"""Read sightings: by id, by camera and time, by attributes and plate; whole ones, or as briefs for a search."""

import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
    type_coerce,
)

from index.errors import ArchiveError
from index.records import CropRef, Description, Sighting, SightingBrief, StoredShot, Window
from index.store.catalogue import camera_totals, plate_index, plates
from index.store.catalogue.columns import EPOCH, among, probability_maps
from index.store.catalogue.database import AT_ONCE, batched
from index.store.catalogue.tables import cameras, plate_readings, shots, sightings
from index.store.catalogue.windows import lies_in, window_rows
from reid.plates.pattern import PlatePattern
from reid.vehicle import Attributes, Box, Plate, TrackPoint

_alive = sightings.c.deleted_at.is_(None)


@dataclass(frozen=True, slots=True)
class SightingFilter:
    """Which sightings to list; a field that is None or empty does not narrow the list, but no windows leave nothing."""

    cameras: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    type: str | None = None
    colour: str | None = None
    plate: PlatePattern | None = None
    footage: str | None = None
    without: frozenset[str] = frozenset()
    windows: Sequence[Window] | None = None
    skip: int = 0
    limit: int | None = None


def by_ids(connection: Connection, ids: Iterable[str]) -> list[Sighting]:
    """Return the sightings in the order of the ids; an unknown or forgotten one is left out."""
    ordered = list(ids)
    found: dict[str, Sighting] = {}
    for part in batched(ordered):
        rows = connection.execute(_rows().where(among(sightings.c.id, part))).all()
        found.update((sighting.id, sighting) for sighting in _whole(connection, rows))
    return [found[id_] for id_ in ordered if id_ in found]


def get(connection: Connection, id_: str) -> Sighting:
    """Return a sighting; refuse an id that the archive does not have, or has forgotten."""
    found = by_ids(connection, [id_])
    if not found:
        raise ArchiveError(f"no sighting {id_!r} in the archive: `retrace sightings list` shows those there are")
    return found[0]


def listing(connection: Connection, filter_: SightingFilter) -> Iterator[Sighting]:
    """Yield the sightings that pass the filter in the order of time, read from the database a page at a time."""
    if filter_.plate is not None or filter_.windows is not None:
        yield from by_ids(connection, ids(connection, filter_))
        return
    left, skipped = filter_.limit, filter_.skip
    after: tuple[datetime, str] | None = None
    while left is None or left > 0:
        page = _filtered(_rows(), filter_).order_by(sightings.c.best, sightings.c.id)
        if after is not None:
            time, id_ = after
            page = page.where(
                or_(sightings.c.best > time, and_(sightings.c.best == time, sightings.c.id > id_)),
                sightings.c.best >= time,
            )
        rows = connection.execute(page.limit(AT_ONCE if left is None else min(left, AT_ONCE)).offset(skipped)).all()
        yield from _whole(connection, rows)
        if len(rows) < AT_ONCE:
            return
        left = None if left is None else left - len(rows)
        after, skipped = (rows[-1].best, rows[-1].id), 0


def ids(connection: Connection, filter_: SightingFilter) -> list[str]:
    """Return the ids of the sightings that pass the filter, in the order of time."""
    best = type_coerce(sightings.c.best, BigInteger)
    ordered = _passing(connection, filter_, best, sightings.c.id).distinct().order_by(best, sightings.c.id)
    return [row.id for row in connection.execute(ordered.limit(filter_.limit).offset(filter_.skip))]


def tally(connection: Connection, filter_: SightingFilter, by: Literal["type", "colour", "camera"]) -> dict[str, int]:
    """Return how many sightings pass the filter for each value of a column, the most frequent first.

    `limit` and `skip` take no part. A sighting whose type or colour is not known counts under "".
    """
    column = func.coalesce(sightings.c[by], "").label("value")
    number = func.count(sightings.c.id.distinct()).label("number")
    counted = _passing(connection, filter_, column, number).group_by(column)
    return {row.value: row.number for row in connection.execute(counted.order_by(number.desc(), column))}


def count(connection: Connection) -> int:
    """Return how many sightings there are, from the number kept for each camera."""
    return camera_totals.of_all(connection)


def count_in_windows(connection: Connection, windows: Iterable[Window]) -> int:
    """Return how many sightings lie in the windows; one in two windows of its camera counts twice."""
    rows = window_rows(connection, windows)
    inside = select(func.count()).select_from(rows.join(sightings, lies_in(rows))).where(_alive)
    return int(connection.execute(inside).scalar_one())


def briefs_in_windows(
    connection: Connection, windows: Iterable[Window], *, at_most: int | None = None
) -> list[SightingBrief] | None:
    """Return the sightings whose `best` time lies in a window (both ends included), ordered by id; None: too many.

    One in two windows of its camera counts twice.
    """
    rows = window_rows(connection, windows)
    inside = _brief_rows().select_from(rows.join(sightings, lies_in(rows)))
    if at_most is not None:
        inside = inside.limit(at_most + 1)
    read = connection.execute(inside).all()
    if at_most is not None and len(read) > at_most:
        return None
    found = {row[0]: row for row in read}
    return _briefs(found[id_] for id_ in sorted(found))


def briefs(connection: Connection, ids: Iterable[str]) -> list[SightingBrief]:
    """Return the sightings of the ids, ordered by id; an unknown or forgotten one is left out."""
    return [
        brief
        for part in batched(sorted(set(ids)))
        for brief in _briefs(connection.execute(_with_ids(_brief_rows(), part)))
    ]


def some(connection: Connection, most: int) -> list[SightingBrief]:
    """Return up to so many sightings, the first by id: ids are hashes, so these are any."""
    return _briefs(connection.execute(_brief_rows().where(_alive).order_by(sightings.c.id).limit(most)))


def cameras_with_any(connection: Connection) -> frozenset[str]:
    """Return the cameras that have sightings: one look into the index for each camera."""
    any_of = exists().where(sightings.c.camera == cameras.c.id, _alive)
    return frozenset(connection.execute(select(cameras.c.id).where(any_of)).scalars())


def newest(connection: Connection, camera: str, most: int) -> list[SightingBrief]:
    """Return the newest sightings of a camera, `most` at most, ordered by id."""
    latest = _brief_rows().where(sightings.c.camera == camera).order_by(sightings.c.best.desc(), sightings.c.id)
    return sorted(_briefs(connection.execute(latest.limit(most))), key=lambda one: one.id)


def descriptions_of(connection: Connection, sighting_ids: Iterable[str]) -> dict[str, Description]:
    """Return the type and colour of each sighting as they were written."""
    found: dict[str, Description] = {}
    for part in batched(sighting_ids):
        rows = select(sightings.c.id, sightings.c.type, sightings.c.colour).where(among(sightings.c.id, part))
        found.update((row.id, Description(row.type, row.colour)) for row in connection.execute(rows))
    return found


def attributes_of(connection: Connection, ids: Iterable[str]) -> dict[str, Attributes]:
    """Return the attributes of each vehicle, by sighting."""
    found: dict[str, Attributes] = {}
    texts = (type_coerce(sightings.c[name], Text) for name in ("types", "colours"))
    columns = select(sightings.c.id, *texts, sightings.c.heading_deg)
    for part in batched(ids):
        rows = connection.execute(_with_ids(columns, part)).all()
        types, colours = (probability_maps([row[column] for row in rows]) for column in (1, 2))
        looks = zip(rows, types, colours, strict=True)
        found.update((row[0], Attributes(by_type, by_colour, row[3])) for row, by_type, by_colour in looks)
    return found


def headings_of(connection: Connection, ids: Iterable[str]) -> dict[str, float]:
    """Return the heading of each vehicle in its picture, in degrees, by sighting; those that are known."""
    found: dict[str, float] = {}
    columns = select(sightings.c.id, sightings.c.heading_deg)
    for part in batched(ids):
        rows = connection.execute(_with_ids(columns.where(sightings.c.heading_deg.is_not(None)), part)).all()
        found.update((row[0], row[1]) for row in rows)
    return found


def tracks(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[TrackPoint, ...]]:
    """Return the points of each track, by sighting."""
    found: dict[str, tuple[TrackPoint, ...]] = {}
    for part in batched(ids):
        rows = connection.execute(select(sightings.c.id, sightings.c.track).where(among(sightings.c.id, part), _alive))
        found.update((row.id, row.track) for row in rows)
    return found


def crops(connection: Connection) -> Iterator[tuple[str, CropRef]]:
    """Yield the id of a sighting with each picture of the archive, ordered as the pictures lie in the packs."""
    columns = select(shots.c.sighting, shots.c.pack, shots.c.offset, shots.c.length, shots.c.sha256)
    ordered = columns.order_by(shots.c.pack, shots.c.offset).execution_options(yield_per=5000)
    with connection.execute(ordered) as rows:
        for row in rows:
            yield row.sighting, CropRef(row.pack, row.offset, row.length, row.sha256)


def _rows() -> Select[Any]:
    columns = [column for column in sightings.c if column.name != "track"]
    return select(*columns).where(_alive)


def _brief_rows() -> Select[Any]:
    """Select the fields of `SightingBrief`, times as the integers that they are stored as."""
    times = (type_coerce(sightings.c[name], BigInteger) for name in ("first", "best", "last"))
    own = (sightings.c[name] for name in ("edge", "type", "colour"))
    return select(sightings.c.id, sightings.c.camera, *times, *own).where(_alive)


def _briefs(rows: Iterable[Sequence[Any]]) -> list[SightingBrief]:
    return [
        SightingBrief(
            id_,
            camera,
            EPOCH + timedelta(microseconds=first),
            EPOCH + timedelta(microseconds=best),
            EPOCH + timedelta(microseconds=last),
            *looks,
        )
        for id_, camera, first, best, last, *looks in rows
    ]


def _with_ids(statement: Select[Any], ids: Sequence[str]) -> Select[Any]:
    return statement.where(among(sightings.c.id, ids)).order_by(sightings.c.id)


def _filtered(statement: Select[Any], filter_: SightingFilter) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [_alive]
    if filter_.cameras:
        conditions.append(sightings.c.camera.in_(filter_.cameras))
    if filter_.start is not None:
        conditions.append(sightings.c.best >= filter_.start)
    if filter_.end is not None:
        conditions.append(sightings.c.best <= filter_.end)
    for column, value in (("type", filter_.type), ("colour", filter_.colour), ("footage", filter_.footage)):
        if value is not None:
            conditions.append(sightings.c[column] == value)
    if filter_.without:
        conditions.append(~among(sightings.c.id, sorted(filter_.without)))
    return statement.where(*conditions)


def _passing(connection: Connection, filter_: SightingFilter, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select columns of the sightings that pass the filter; one with several readings that fit comes several times."""
    rows: Select[Any] = _filtered(select(*columns), filter_)
    if filter_.windows is None:
        if filter_.plate is None:
            return rows
        return rows.where(among(sightings.c.id, plate_index.find(connection, filter_.plate)))
    windows = window_rows(connection, filter_.windows)
    inside = windows.join(sightings, lies_in(windows))
    if filter_.plate is None:
        return rows.select_from(inside)
    # Few lie in the windows: their readings are compared one by one, and the list of all plates is not searched.
    read = inside.join(plate_readings, plate_readings.c.sighting == sightings.c.id)
    return rows.select_from(read).where(plate_index.fits(filter_.plate, connection.dialect.name))


def _whole(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Sighting]:
    """Join each row with its shots and its plate."""
    ids = [row.id for row in rows]
    shots_by_id = _shots(connection, ids)
    plate_by_id = plates.by_sighting(connection, ids)
    for row in rows:
        yield _sighting(row, shots_by_id.get(row.id, ()), plate_by_id.get(row.id))


def _shots(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[StoredShot, ...]]:
    found: dict[str, tuple[StoredShot, ...]] = {}
    for part in batched(ids):
        ordered = select(shots).where(among(shots.c.sighting, part)).order_by(shots.c.sighting, shots.c.number)
        for sighting, rows in groupby(connection.execute(ordered), key=operator.attrgetter("sighting")):
            found[sighting] = tuple(_shot(row) for row in rows)
    return found


def _sighting(row: Row[Any], shots: tuple[StoredShot, ...], plate: Plate | None) -> Sighting:
    return Sighting(
        id=row.id,
        camera=row.camera,
        footage=row.footage,
        first=row.first,
        best=row.best,
        last=row.last,
        box=Box(row.x, row.y, row.width, row.height),
        attributes=Attributes(types=row.types, colours=row.colours, heading_deg=row.heading_deg),
        plate=plate,
        edge=row.edge,
        shots=shots,
    )


def _shot(row: Row[Any]) -> StoredShot:
    return StoredShot(
        number=row.number,
        time=row.time,
        frame=row.frame,
        box=Box(row.x, row.y, row.width, row.height),
        crop=CropRef(row.pack, row.offset, row.length, row.sha256),
        sharpness=row.sharpness,
        plate=None if row.plate is None else tuple((x, y) for x, y in row.plate),
    )
