"""Write sightings and ask for them: by id, by camera and time, by look, by plate."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, update

from index.catalogue import plate_index, track_points, vectors
from index.catalogue.among import among
from index.catalogue.database import AT_ONCE, batched, insert_many
from index.catalogue.sighting_rows import plate_of, plate_row, shot_rows, shots_of, sighting_of, sighting_row
from index.catalogue.tables import plates, shots, sightings
from index.errors import ArchiveError
from index.sighting import CropRef, NewSighting, Sighting, Window
from reid.plates.pattern import PlatePattern
from reid.vehicle import Plate, TrackPoint

_alive = sightings.c.deleted_at.is_(None)


@dataclass(frozen=True, slots=True)
class SightingFilter:
    """What to list; what is None or empty does not narrow."""

    cameras: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    type: str | None = None
    colour: str | None = None
    plate: PlatePattern | None = None
    footage: str | None = None
    limit: int | None = None


def add(
    connection: Connection,
    news: Sequence[NewSighting],
    crops: Sequence[Sequence[CropRef]],
    *,
    footage: str | None,
    chunk: int | None,
    added_at: datetime,
) -> None:
    """Write new sightings, each with where its pictures lie; their vectors go in by `index.catalogue.vectors`."""
    insert_many(connection, sightings, [sighting_row(new, footage, chunk, added_at) for new in news])
    insert_many(
        connection,
        shots,
        [row for new, refs in zip(news, crops, strict=True) for row in shot_rows(new.id, new.shots, refs)],
    )
    read = [(new.id, new.plate, new.plate_model) for new in news if new.plate and new.plate_model]
    insert_many(connection, plates, [plate_row(*one) for one in read])
    plate_index.add(connection, [(sighting, plate) for sighting, plate, _ in read])


def known(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return which of the ids the catalogue has already, forgotten ones included."""
    found: set[str] = set()
    for some in batched(ids):
        found.update(connection.execute(select(sightings.c.id).where(among(sightings.c.id, some))).scalars())
    return found


def by_ids(connection: Connection, ids: Iterable[str]) -> list[Sighting]:
    """Return the sightings in the order of the ids; an unknown or forgotten one is left out."""
    wanted = list(ids)
    found: dict[str, Sighting] = {}
    for some in batched(wanted):
        rows = connection.execute(_rows().where(among(sightings.c.id, some))).all()
        found.update((sighting.id, sighting) for sighting in _whole(connection, rows))
    return [found[id_] for id_ in wanted if id_ in found]


def get(connection: Connection, id_: str) -> Sighting:
    """Return one sighting; refuse one that the archive does not have, or forgot."""
    found = by_ids(connection, [id_])
    if not found:
        raise ArchiveError(f"no sighting {id_!r} in the archive: `retrace sightings list` shows those there are")
    return found[0]


def in_windows(connection: Connection, windows: Iterable[Window]) -> list[Sighting]:
    """Return the sightings whose `best` time lies in a window (both ends included), ordered by camera and time."""
    found: dict[str, Sighting] = {}
    for window in windows:
        rows = connection.execute(_rows().where(within(window)).order_by(sightings.c.best)).all()
        found.update((sighting.id, sighting) for sighting in _whole(connection, rows))
    return sorted(found.values(), key=lambda sighting: (sighting.camera, sighting.best, sighting.id))


def listing(connection: Connection, wanted: SightingFilter) -> Iterator[Sighting]:
    """Yield the sightings that pass the filter in the order of time, a page at a time from the database."""
    if wanted.plate is not None:
        yield from by_ids(connection, _of_plate(connection, wanted, wanted.plate))
        return
    left = wanted.limit
    after: tuple[datetime, str] | None = None
    while left is None or left > 0:
        page = _filtered(_rows(), wanted).order_by(sightings.c.best, sightings.c.id)
        if after is not None:
            time, id_ = after
            page = page.where(
                or_(sightings.c.best > time, and_(sightings.c.best == time, sightings.c.id > id_)),
                sightings.c.best >= time,
            )
        rows = connection.execute(page.limit(AT_ONCE if left is None else min(left, AT_ONCE))).all()
        yield from _whole(connection, rows)
        if len(rows) < AT_ONCE:
            return
        left = None if left is None else left - len(rows)
        after = (rows[-1].best, rows[-1].id)


def count(connection: Connection) -> int:
    """Return how many sightings there are."""
    counted = select(func.count()).select_from(sightings).where(_alive)
    return int(connection.execute(counted).scalar_one())


def count_in_windows(connection: Connection, windows: Iterable[Window]) -> int:
    """Return how many sightings lie in the windows; windows that overlap count twice."""
    counts = (select(func.count()).select_from(sightings).where(within(window), _alive) for window in windows)
    return sum(int(connection.execute(counted).scalar_one()) for counted in counts)


def tracks(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[TrackPoint, ...]]:
    """Return the points of each track, by sighting."""
    found: dict[str, tuple[TrackPoint, ...]] = {}
    for some in batched(ids):
        rows = connection.execute(select(sightings.c.id, sightings.c.track).where(among(sightings.c.id, some), _alive))
        found.update((row.id, track_points.unpack(row.track)) for row in rows)
    return found


def crops(connection: Connection) -> Iterator[tuple[str, CropRef]]:
    """Yield every sighting id and picture of the archive, ordered as they lie in the packs."""
    wanted = select(shots.c.sighting, shots.c.pack, shots.c.offset, shots.c.length, shots.c.sha256)
    ordered = wanted.order_by(shots.c.pack, shots.c.offset).execution_options(yield_per=5000)
    with connection.execute(ordered) as rows:
        for row in rows:
            yield row.sighting, CropRef(row.pack, row.offset, row.length, row.sha256)


def forget(connection: Connection, ids: Collection[str], *, at: datetime) -> int:
    """Lay a tombstone on sightings: they are no longer found; a purge makes it final."""
    forgotten = 0
    for some in batched(ids):
        done = connection.execute(update(sightings).where(among(sightings.c.id, some), _alive).values(deleted_at=at))
        forgotten += done.rowcount
    vectors.renew(connection, ids)
    return forgotten


def within(window: Window) -> ColumnElement[bool]:
    """Return the condition that a sighting lies in the window."""
    return and_(sightings.c.camera == window.camera, sightings.c.best.between(window.start, window.end))


def _rows() -> Select[Any]:
    columns = [column for column in sightings.c if column.name != "track"]
    return select(*columns).where(_alive)


def _filtered(statement: Select[Any], wanted: SightingFilter) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [_alive]
    if wanted.cameras:
        conditions.append(sightings.c.camera.in_(wanted.cameras))
    if wanted.start is not None:
        conditions.append(sightings.c.best >= wanted.start)
    if wanted.end is not None:
        conditions.append(sightings.c.best <= wanted.end)
    for column, value in (("type", wanted.type), ("colour", wanted.colour), ("footage", wanted.footage)):
        if value is not None:
            conditions.append(sightings.c[column] == value)
    return statement.where(*conditions)


def _of_plate(connection: Connection, wanted: SightingFilter, pattern: PlatePattern) -> list[str]:
    """Return the ids of the sightings whose plate fits and that pass the filter, in the order of time."""
    found: list[tuple[datetime, str]] = []
    for some in batched(plate_index.find(connection, pattern)):
        moments = _filtered(select(sightings.c.best, sightings.c.id), wanted).where(among(sightings.c.id, some))
        found.extend((row.best, row.id) for row in connection.execute(moments))
    return [id_ for _, id_ in sorted(found)[: wanted.limit]]


def _whole(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Sighting]:
    """Join each row with its shots and its plate."""
    shots_by_id: dict[str, Any] = {}
    plate_by_id: dict[str, Plate] = {}
    for some in batched(row.id for row in rows):
        ordered = select(shots).where(among(shots.c.sighting, some)).order_by(shots.c.sighting, shots.c.number)
        shots_by_id.update(shots_of(connection.execute(ordered)))
        read = select(plates).where(among(plates.c.sighting, some)).order_by(plates.c.confidence, plates.c.model)
        plate_by_id.update((row.sighting, plate_of(row)) for row in connection.execute(read))
    for row in rows:
        yield sighting_of(row, shots_by_id.get(row.id, ()), plate_by_id.get(row.id))
