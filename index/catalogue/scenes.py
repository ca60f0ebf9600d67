"""Remember what each camera's scene looked like when it was empty, and where a camera may have been moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select, update

from index.catalogue.tables import chunks, coverage, footage

MOVED = "moved"
"""The problem of footage whose camera may not look where the archive has it look."""

LATEST = 200
"""So many chunks before a time are looked at for one whose scene can be trusted."""


@dataclass(frozen=True, slots=True)
class StoredScene:
    """The empty scene of a chunk of footage as a JPEG, and when the chunk began on the camera's clock."""

    footage: str
    path: str
    number: int
    start: datetime
    jpeg: bytes


def of_footage(connection: Connection, footage_id: str) -> list[StoredScene]:
    """Return the scenes of a file, in the order of time."""
    rows = connection.execute(_scenes().where(footage.c.id == footage_id).order_by(chunks.c.number))
    return [_scene(row) for row in rows]


def trusted_before(connection: Connection, camera: str, start: datetime, since: datetime) -> StoredScene | None:
    """Return the latest scene of a camera from `since` to `start` in which it was not suspected to have moved."""
    moved = exists().where(
        coverage.c.footage == chunks.c.footage, coverage.c.chunk == chunks.c.number, coverage.c.problem == MOVED
    )
    wanted = _scenes().where(footage.c.camera == camera, footage.c.start < start, ~moved)
    latest = wanted.order_by(footage.c.start.desc(), chunks.c.number.desc()).limit(LATEST)
    found = (_scene(row) for row in connection.execute(latest))
    return max((one for one in found if since <= one.start < start), key=lambda one: one.start, default=None)


def doubt(connection: Connection, footage_id: str, number: int) -> None:
    """Write that the camera may have been moved in a chunk of footage, where nothing else hid what it saw."""
    there = (coverage.c.footage == footage_id, coverage.c.chunk == number, coverage.c.problem.is_(None))
    connection.execute(update(coverage).where(*there).values(problem=MOVED))


def believe(connection: Connection, camera: str, since: datetime) -> None:
    """Take the suspicion back from a time on: somebody has said where the camera stands."""
    there = (coverage.c.camera == camera, coverage.c.start >= since, coverage.c.problem == MOVED)
    connection.execute(update(coverage).where(*there).values(problem=None))


def moved_since(connection: Connection) -> dict[str, datetime]:
    """Return the cameras that may have been moved, and the first moment of footage that says so."""
    wanted = select(coverage.c.camera, func.min(coverage.c.start).label("start")).where(coverage.c.problem == MOVED)
    return {row.camera: row.start for row in connection.execute(wanted.group_by(coverage.c.camera))}


def moved_footage(connection: Connection) -> set[str]:
    """Return the ids of the footage in which a camera may have been moved."""
    wanted = select(coverage.c.footage).where(coverage.c.problem == MOVED, coverage.c.footage.is_not(None))
    return set(connection.execute(wanted.distinct()).scalars())


def _scenes() -> "Select[Any]":
    columns = (footage.c.id, footage.c.path, footage.c.start, footage.c.chunk_s, chunks.c.number, chunks.c.scene)
    joined = select(*columns).join_from(chunks, footage, chunks.c.footage == footage.c.id)
    return joined.where(chunks.c.scene.is_not(None), footage.c.deleted_at.is_(None))


def _scene(row: Any) -> StoredScene:
    start = row.start + timedelta(seconds=row.number * (row.chunk_s or 0.0))
    return StoredScene(row.id, row.path, row.number, start, row.scene)
