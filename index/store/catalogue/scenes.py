"""Read what a camera's empty scene looks like, and mark the footage in which the camera may have been moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select, update

from index.store.catalogue.coverage_digests import renewed_coverage
from index.store.catalogue.digest_kinds import CHUNKS, chunk_owner
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import chunks, coverage, footage

MOVED = "moved"
"""The problem of coverage whose camera may have been moved since it was placed."""

LATEST = 200
"""So many chunks before a time are searched for a scene that can be trusted."""

_PLACE = (footage.c.id, footage.c.path, footage.c.start, footage.c.chunk_s, chunks.c.number)


@dataclass(frozen=True, slots=True)
class StoredScene:
    """The empty scene of a chunk of footage as a JPEG, and when the chunk began on the camera's clock."""

    footage: str
    path: str
    number: int
    start: datetime
    jpeg: bytes


def scenes_of_footage(connection: Connection, footage_id: str) -> list[StoredScene]:
    """Return the scenes of a file, in the order of time."""
    rows = connection.execute(_scene_rows().where(footage.c.id == footage_id).order_by(chunks.c.number))
    return [_scene(row) for row in rows]


def trusted_scene_before(connection: Connection, camera: str, start: datetime, since: datetime) -> StoredScene | None:
    """Return the latest scene of a camera from `since` to `start` in which it was not suspected to have moved."""
    moved = exists().where(
        coverage.c.footage == chunks.c.footage, coverage.c.chunk == chunks.c.number, coverage.c.problem == MOVED
    )
    trusted = _joined(*_PLACE).where(footage.c.camera == camera, footage.c.start < start, ~moved)
    latest = trusted.order_by(footage.c.start.desc(), chunks.c.number.desc()).limit(LATEST)
    found = [row for row in connection.execute(latest) if since <= _start(row) < start]
    if not found:
        return None
    best = max(found, key=_start)
    same = _joined(*_PLACE, chunks.c.scene).where(chunks.c.footage == best.id, chunks.c.number == best.number)
    return _scene(connection.execute(same).one())


def suspect_move(connection: Connection, footage_id: str, number: int) -> None:
    """Write that the camera may have been moved in a chunk of footage, where its coverage has no other problem."""
    clear = (coverage.c.footage == footage_id, coverage.c.chunk == number, coverage.c.problem.is_(None))
    with renewed(connection, CHUNKS, [chunk_owner(footage_id, number)]):
        connection.execute(update(coverage).where(*clear).values(problem=MOVED))


def clear_suspicion(connection: Connection, camera: str, since: datetime) -> None:
    """Withdraw the suspicion of a move from a time on, because somebody has said where the camera stands."""
    suspected = (coverage.c.camera == camera, coverage.c.start >= since, coverage.c.problem == MOVED)
    with renewed_coverage(connection, *suspected):
        connection.execute(update(coverage).where(*suspected).values(problem=None))


def moved_cameras(connection: Connection) -> dict[str, datetime]:
    """Return the cameras that may have been moved, and the start of the first coverage that says so."""
    first = select(coverage.c.camera, func.min(coverage.c.start).label("start")).where(coverage.c.problem == MOVED)
    return {row.camera: row.start for row in connection.execute(first.group_by(coverage.c.camera))}


def moved_footage(connection: Connection) -> set[str]:
    """Return the ids of the footage in which a camera may have been moved."""
    ids = select(coverage.c.footage).where(coverage.c.problem == MOVED, coverage.c.footage.is_not(None))
    return set(connection.execute(ids.distinct()).scalars())


def _scene_rows() -> Select[Any]:
    return _joined(*_PLACE, chunks.c.scene)


def _joined(*columns: Any) -> Select[Any]:
    """Select columns of the chunks that have a scene, and of their footage."""
    joined = select(*columns).join_from(chunks, footage, chunks.c.footage == footage.c.id)
    return joined.where(chunks.c.scene.is_not(None), footage.c.deleted_at.is_(None))


def _start(row: Any) -> datetime:
    """Return when a chunk begins on the camera's clock."""
    start: datetime = row.start + timedelta(seconds=row.number * (row.chunk_s or 0.0))
    return start


def _scene(row: Any) -> StoredScene:
    return StoredScene(row.id, row.path, row.number, _start(row), row.scene)
