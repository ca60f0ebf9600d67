"""Read and write the footage, the chunks in which workers analyse it, and the coverage of each camera."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Row, func, or_, select, type_coerce, update

from index.errors import ArchiveError
from index.records import Coverage, Window
from index.store.catalogue import camera_totals, plate_index, row_digests, sighting_digests, vectors
from index.store.catalogue.columns import MICROSECOND, among
from index.store.catalogue.coverage_digests import coverage_owners
from index.store.catalogue.database import batched, insert_many
from index.store.catalogue.digest_kinds import CHUNKS, FOOTAGE, IMPORTED, chunk_owner, imported_owner
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import chunks, coverage, footage, marks, shots, sightings
from index.store.catalogue.windows import window_rows

STALE_S = 900.0
"""A claim of a chunk expires after so many seconds."""

LONGEST_FILE = timedelta(days=1)
"""No file of which the weather counts lasts longer."""
LONGEST = timedelta(hours=1)
"""Longer coverage is stored in pieces, so that what touches a window begins within this time before it."""

WEATHERS = ("dry", "rain", "snow", "fog")
"""What somebody can say of the weather in footage."""


@dataclass(frozen=True, slots=True)
class Footage:
    """One video file by the SHA-256 of its bytes; `start` is the camera's own clock.

    `status` is "pending", "done", "partial" or "failed", and `problem` says how it is damaged. `weather` is one of
    WEATHERS, None where nobody said.
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
    weather: str | None = None


def add(connection: Connection, new: Footage, *, at: datetime) -> bool:
    """Write a footage file; a removed one is restored, and its forgotten sightings can be added again.

    Those that a case marked go to the camera and time that are said now; tell whether these are others than before.
    """
    row = {name: getattr(new, name) for name in Footage.__dataclass_fields__}
    _clear_forgotten(connection, new.id)
    had = connection.execute(select(footage.c.camera, footage.c.start).where(footage.c.id == new.id)).one_or_none()
    if had is None:
        connection.execute(footage.insert().values(**row, added_at=at))
        row_digests.renew(connection, FOOTAGE, [new.id])
        return False
    restored = update(footage).where(footage.c.id == new.id).values(**row | dict(had._mapping), deleted_at=None)
    with renewed(connection, FOOTAGE, [new.id]):
        connection.execute(restored)
    is_moved = (had.camera, had.start) != (new.camera, new.start)
    if is_moved:
        move(connection, new.id, camera=new.camera, start=new.start)
    return is_moved


def get(connection: Connection, id_: str, *, removed: bool = False) -> Footage | None:
    """Return a footage file, None where the archive has none of that hash; a `removed` one only if asked."""
    row = connection.execute(_rows(removed=removed).where(footage.c.id == id_)).one_or_none()
    return None if row is None else _footage(row)


def listing(connection: Connection, camera: str | None = None) -> list[Footage]:
    """Return the footage in the order of its start, only of one camera if asked."""
    rows = _rows() if camera is None else _rows().where(footage.c.camera == camera)
    return [_footage(row) for row in connection.execute(rows.order_by(footage.c.start, footage.c.id))]


def latest_start(connection: Connection) -> datetime | None:
    """Return when the last footage starts, None where there is none."""
    latest: datetime | None = connection.execute(_rows().with_only_columns(func.max(footage.c.start))).scalar_one()
    return latest


def set_weather(connection: Connection, id_: str, weather: str) -> None:
    """Write in which weather a file was filmed."""
    with renewed(connection, FOOTAGE, [id_]):
        connection.execute(update(footage).where(footage.c.id == id_).values(weather=weather))


def weather_at(connection: Connection, times: Sequence[datetime]) -> list[str | None]:
    """Return the weather at each time, as most of the footage of that time says; None where none says any."""
    if not times:
        return []
    near = (footage.c.start >= min(times) - LONGEST_FILE, footage.c.start <= max(times))
    rows = _rows().where(footage.c.weather.is_not(None), *near).order_by(footage.c.start, footage.c.id)
    said = [_footage(row) for row in connection.execute(rows)]
    spans = [(one.start, one.start + timedelta(seconds=one.duration_s), one.weather) for one in said]
    return [_most([weather for start, end, weather in spans if start <= time <= end]) for time in times]


def _most(said: Sequence[str | None]) -> str | None:
    """Return the value that is said most often, the first of them by name."""
    return min(said, key=lambda one: (-said.count(one), one or "")) if said else None


def set_status(connection: Connection, id_: str, status: str, problem: str | None = None) -> None:
    """Write how far the analysis of a file came."""
    with renewed(connection, FOOTAGE, [id_]):
        connection.execute(update(footage).where(footage.c.id == id_).values(status=status, problem=problem))


def move(connection: Connection, id_: str, *, camera: str | None = None, start: datetime | None = None) -> Footage:
    """Give footage another camera or start; its sightings move along and keep their ids."""
    now = _existing(connection, id_)
    moved_camera = camera or now.camera
    shift = timedelta(0) if start is None else start - now.start
    place = {"camera": moved_camera, "start": now.start + shift}
    with renewed(connection, FOOTAGE, [id_]):
        connection.execute(update(footage).where(footage.c.id == id_).values(**place))
    ids = _sightings_of(connection, id_)
    of_chunks, _ = coverage_owners(connection, coverage.c.footage == id_)
    with sighting_digests.renewed(connection, ids), renewed(connection, CHUNKS, of_chunks):
        _move_sightings(connection, id_, moved_camera, shift)
    vectors.renew(connection, ids)
    return _existing(connection, id_)


def remove(connection: Connection, id_: str, *, at: datetime) -> int:
    """Put a tombstone on footage and all of its sightings; return how many sightings."""
    _existing(connection, id_)
    removed = _sightings_of(connection, id_)
    numbers = connection.execute(select(chunks.c.number).where(chunks.c.footage == id_)).scalars()
    row_digests.forget(connection, CHUNKS, [chunk_owner(id_, number) for number in numbers])
    alive = (sightings.c.footage == id_, sightings.c.deleted_at.is_(None))
    gone = connection.execute(update(sightings).where(*alive).values(deleted_at=at).returning(sightings.c.camera))
    camera_totals.change(connection, {camera: -number for camera, number in Counter(gone.scalars()).items()})
    connection.execute(coverage.delete().where(coverage.c.footage == id_))
    with renewed(connection, FOOTAGE, [id_]):
        connection.execute(update(footage).where(footage.c.id == id_).values(deleted_at=at))
        connection.execute(chunks.delete().where(chunks.c.footage == id_))
    vectors.renew(connection, removed)
    return len(removed)


def count_marked(connection: Connection, footage_id: str) -> int:
    """Return how many sightings of a footage file a case marked, those that were forgotten with it included."""
    marked = sightings.c.id.in_(select(marks.c.sighting))
    query = select(func.count()).select_from(sightings).where(sightings.c.footage == footage_id, marked)
    return int(connection.execute(query).scalar_one())


def count_sightings(connection: Connection, footage_id: str) -> int:
    """Return how many sightings the archive has of a file: none of those that were forgotten or purged."""
    alive = (sightings.c.footage == footage_id, sightings.c.deleted_at.is_(None))
    return int(connection.execute(select(func.count()).select_from(sightings).where(*alive)).scalar_one())


def plan_chunks(connection: Connection, footage_id: str, numbers: Iterable[int]) -> None:
    """Write chunks of a file by their numbers; those that exist stay as they are."""
    known = set(connection.execute(select(chunks.c.number).where(chunks.c.footage == footage_id)).scalars())
    with renewed(connection, FOOTAGE, [footage_id]):
        insert_many(connection, chunks, [{"footage": footage_id, "number": n} for n in numbers if n not in known])


def claim_chunk(connection: Connection, footage_id: str, number: int, worker: str, *, at: datetime) -> bool:
    """Claim a chunk for a worker; False if it is done, or another claimed it within the last STALE_S seconds.

    Two workers on one chunk cost time, never rows: sightings that are added twice are stored once.
    """
    stale = at - timedelta(seconds=STALE_S)
    free = or_(chunks.c.worker.is_(None), chunks.c.worker == worker, chunks.c.claimed_at < stale)
    claimed = connection.execute(
        update(chunks)
        .where(chunks.c.footage == footage_id, chunks.c.number == number, chunks.c.done_at.is_(None), free)
        .values(worker=worker, claimed_at=at)
    )
    return claimed.rowcount == 1


def release_chunks(connection: Connection, worker: str) -> None:
    """Give back the chunks that a worker claimed and did not finish."""
    unfinished = update(chunks).where(chunks.c.worker == worker, chunks.c.done_at.is_(None))
    connection.execute(unfinished.values(worker=None, claimed_at=None))


def claimed_chunks(connection: Connection, footage_ids: Collection[str]) -> list[tuple[str, str, int]]:
    """Return (worker, footage, number) of the chunks of these files that a worker holds unfinished."""
    columns = (chunks.c.worker, chunks.c.footage, chunks.c.number)
    found: list[tuple[str, str, int]] = []
    for part in batched(footage_ids):
        held = (among(chunks.c.footage, part), chunks.c.done_at.is_(None), chunks.c.worker.is_not(None))
        found += [(row.worker, row.footage, row.number) for row in connection.execute(select(*columns).where(*held))]
    return found


def pending_chunks(connection: Connection, footage_id: str) -> list[int]:
    """Return the numbers of the chunks that are not done."""
    pending = select(chunks.c.number).where(chunks.c.footage == footage_id, chunks.c.done_at.is_(None))
    return list(connection.execute(pending.order_by(chunks.c.number)).scalars())


def unfinished_before(connection: Connection, before: datetime) -> list[str]:
    """Return the paths of footage that begins before a time and is not analysed to its end."""
    pending = select(chunks.c.footage).where(chunks.c.done_at.is_(None))
    begun = _rows().where(footage.c.start < before, footage.c.id.in_(pending))
    return [row.path for row in connection.execute(begun.order_by(footage.c.path))]


def chunk_states(connection: Connection, footage_ids: Collection[str]) -> dict[str, list[tuple[int, int | None]]]:
    """Return (number, sightings) of each chunk of these files, by file; None where it is not done."""
    found: dict[str, list[tuple[int, int | None]]] = {id_: [] for id_ in footage_ids}
    for part in batched(footage_ids):
        rows = select(chunks.c.footage, chunks.c.number, chunks.c.sightings).where(among(chunks.c.footage, part))
        for row in connection.execute(rows.order_by(chunks.c.footage, chunks.c.number)):
            found[row.footage].append((row.number, row.sightings))
    return found


def finish_chunk(
    connection: Connection,
    footage_id: str,
    number: int,
    covered: Iterable[Coverage],
    *,
    sightings: int,
    at: datetime,
    scene: bytes | None = None,
) -> None:
    """Mark a chunk done and write its coverage, replacing that of an earlier run."""
    done = {"done_at": at, "sightings": sightings, "scene": scene}
    same = (chunks.c.footage == footage_id, chunks.c.number == number)
    if connection.execute(update(chunks).where(*same).values(**done)).rowcount == 0:
        with renewed(connection, FOOTAGE, [footage_id]):
            connection.execute(chunks.insert().values(footage=footage_id, number=number, **done))
    connection.execute(coverage.delete().where(coverage.c.footage == footage_id, coverage.c.chunk == number))
    insert_many(connection, coverage, _coverage_rows(covered, footage_id, number))
    row_digests.renew(connection, CHUNKS, [chunk_owner(footage_id, number)])


def add_coverage(connection: Connection, covered: Iterable[Coverage]) -> None:
    """Write the coverage of an import, in stretches of LONGEST at most."""
    rows = _coverage_rows(covered, None, None)
    with renewed(connection, IMPORTED, {imported_owner(row["camera"], row["start"]) for row in rows}):
        insert_many(connection, coverage, rows)


def coverage_in_windows(connection: Connection, windows: Iterable[Window]) -> dict[str, list[Coverage]]:
    """Return the coverage that touches the windows, by camera and in the order of time, not cut to them."""
    rows = window_rows(connection, windows)
    start, end = (type_coerce(coverage.c[name], BigInteger) for name in ("start", "end"))
    # No stretch is longer than LONGEST: those that begin earlier need not be looked at.
    near = start.between(rows.c.first - LONGEST // MICROSECOND, rows.c.last) & (end > rows.c.first)
    touching = select(coverage).select_from(rows.join(coverage, (coverage.c.camera == rows.c.camera) & near))
    found: dict[str, list[Coverage]] = {}
    for row in connection.execute(touching.distinct().order_by(coverage.c.start, coverage.c.id)):
        found.setdefault(row.camera, []).append(Coverage(row.camera, row.start, row.end, row.problem))
    return found


def _coverage_rows(covered: Iterable[Coverage], footage_id: str | None, number: int | None) -> list[dict[str, Any]]:
    """Return the rows of the coverage of a chunk of footage, or of an import."""
    return [
        {
            "camera": part.camera,
            "footage": footage_id,
            "chunk": number,
            "start": start,
            "end": end,
            "problem": part.problem,
        }
        for part in covered
        for start, end in _pieces(part.start, part.end)
    ]


def _clear_forgotten(connection: Connection, id_: str) -> None:
    """Delete the forgotten sightings of a file, so that their ids are free; restore those that a case marked."""
    forgotten = (sightings.c.footage == id_, sightings.c.deleted_at.is_not(None))
    marked = sightings.c.id.in_(select(marks.c.sighting))
    gone = list(connection.execute(select(sightings.c.id).where(*forgotten, ~marked)).scalars())
    plate_index.remove(connection, gone)
    connection.execute(sightings.delete().where(*forgotten, ~marked))
    back = update(sightings).where(*forgotten).values(deleted_at=None).returning(sightings.c.id, sightings.c.camera)
    restored = connection.execute(back).all()
    camera_totals.change(connection, Counter(row.camera for row in restored))
    vectors.renew(connection, [row.id for row in restored])


def _move_sightings(connection: Connection, id_: str, camera: str, shift: timedelta) -> None:
    """Shift every stored time of the footage and set its camera; which roads they took there, nobody knows yet."""
    inside = shots.c.sighting.in_(select(sightings.c.id).where(sightings.c.footage == id_))
    for table, which, names in (
        (sightings, sightings.c.footage == id_, ("first", "best", "last")),
        (shots, inside, ("time",)),
        (coverage, coverage.c.footage == id_, ("start", "end")),
    ):
        connection.execute(update(table).where(which).values({name: _shifted(table.c[name], shift) for name in names}))
    connection.execute(update(coverage).where(coverage.c.footage == id_).values(camera=camera))
    mine = sightings.c.footage == id_
    before = list(
        connection.execute(select(sightings.c.camera).where(mine, sightings.c.deleted_at.is_(None))).scalars()
    )
    connection.execute(update(sightings).where(mine).values(camera=camera, edge=None))
    camera_totals.change(connection, {one: -number for one, number in Counter(before).items()})
    camera_totals.change(connection, {camera: len(before)} if before else {})


def _shifted(column: Column[Any], shift: timedelta) -> ColumnElement[int]:
    """Return a time column plus a shift, as the integer that it is stored as."""
    return type_coerce(column, BigInteger) + shift // timedelta(microseconds=1)


def _sightings_of(connection: Connection, id_: str) -> list[str]:
    return list(connection.execute(select(sightings.c.id).where(sightings.c.footage == id_)).scalars())


def _existing(connection: Connection, id_: str) -> Footage:
    found = get(connection, id_)
    if found is None:
        raise ArchiveError(f"no footage {id_!r} in the archive: see retrace footage list")
    return found


def _rows(*, removed: bool = False) -> Any:
    rows = select(*(footage.c[name] for name in Footage.__dataclass_fields__))
    return rows if removed else rows.where(footage.c.deleted_at.is_(None))


def _footage(row: Row[Any]) -> Footage:
    return Footage(**row._mapping)


def _pieces(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while end - start > LONGEST:
        yield start, start + LONGEST
        start += LONGEST
    yield start, end
