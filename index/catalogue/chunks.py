"""Share the chunks of footage among workers, each done once, and remember what was looked at."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from index.catalogue.among import among
from index.catalogue.database import batched, insert_many
from index.catalogue.tables import chunks, coverage, footage

STALE_S = 900.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """A stretch of a camera's own clock that was recorded; `problem` says why it could not be analysed."""

    camera: str
    start: datetime
    end: datetime
    problem: str | None = None


def plan(connection: Connection, footage_id: str, count: int) -> None:
    """Name the chunks 0 to count - 1 of a file; those that exist stay as they are."""
    known = set(connection.execute(select(chunks.c.number).where(chunks.c.footage == footage_id)).scalars())
    insert_many(connection, chunks, [{"footage": footage_id, "number": n} for n in range(count) if n not in known])


def claim(connection: Connection, footage_id: str, number: int, worker: str, *, at: datetime) -> bool:
    """Take a chunk for a worker; False if it is done, or another took it within the last STALE_S seconds.

    Two workers on one chunk cost time, never rows: what is added twice is added once.
    """
    stale = at - timedelta(seconds=STALE_S)
    free = or_(chunks.c.worker.is_(None), chunks.c.worker == worker, chunks.c.claimed_at < stale)
    taken = connection.execute(
        update(chunks)
        .where(chunks.c.footage == footage_id, chunks.c.number == number, chunks.c.done_at.is_(None), free)
        .values(worker=worker, claimed_at=at)
    )
    return taken.rowcount == 1


def release(connection: Connection, worker: str) -> None:
    """Give back what a worker took and did not finish."""
    mine = update(chunks).where(chunks.c.worker == worker, chunks.c.done_at.is_(None))
    connection.execute(mine.values(worker=None, claimed_at=None))


def workers_at(connection: Connection, footage_ids: Collection[str]) -> list[str]:
    """Return who holds chunks of these files that are not done."""
    wanted = select(chunks.c.worker).where(
        chunks.c.footage.in_(footage_ids), chunks.c.done_at.is_(None), chunks.c.worker.is_not(None)
    )
    return sorted(connection.execute(wanted.distinct()).scalars())


def pending(connection: Connection, footage_id: str) -> list[int]:
    """Return the numbers of the chunks that are not done."""
    wanted = select(chunks.c.number).where(chunks.c.footage == footage_id, chunks.c.done_at.is_(None))
    return list(connection.execute(wanted.order_by(chunks.c.number)).scalars())


def states(connection: Connection, footage_ids: Collection[str]) -> dict[str, list[tuple[int, int | None]]]:
    """Return (number, sightings) of each chunk of these files, by file; None where it is not done."""
    found: dict[str, list[tuple[int, int | None]]] = {id_: [] for id_ in footage_ids}
    for some in batched(footage_ids):
        wanted = select(chunks.c.footage, chunks.c.number, chunks.c.sightings).where(among(chunks.c.footage, some))
        for row in connection.execute(wanted.order_by(chunks.c.footage, chunks.c.number)):
            found[row.footage].append((row.number, row.sightings))
    return found


def finish(
    connection: Connection,
    footage_id: str,
    number: int,
    looked_at: Iterable[Coverage],
    *,
    sightings: int,
    at: datetime,
    scene: bytes | None = None,
) -> None:
    """Mark a chunk done and write what was looked at in it, instead of what an earlier run wrote."""
    done = {"done_at": at, "sightings": sightings, "scene": scene}
    same = (chunks.c.footage == footage_id, chunks.c.number == number)
    if connection.execute(update(chunks).where(*same).values(**done)).rowcount == 0:
        connection.execute(chunks.insert().values(footage=footage_id, number=number, **done))
    connection.execute(coverage.delete().where(coverage.c.footage == footage_id, coverage.c.chunk == number))
    cover(connection, looked_at, footage_id=footage_id, number=number)


def cover(
    connection: Connection, looked_at: Iterable[Coverage], *, footage_id: str | None = None, number: int | None = None
) -> None:
    """Write what was looked at, of footage or of an import."""
    rows = [
        {
            "camera": part.camera,
            "footage": footage_id,
            "chunk": number,
            "start": part.start,
            "end": part.end,
            "problem": part.problem,
        }
        for part in looked_at
    ]
    insert_many(connection, coverage, rows)


def covered(connection: Connection, camera: str, start: datetime, end: datetime) -> list[Coverage]:
    """Return the stretches of a camera that touch start to end, in the order of time, not cut to it."""
    rows = connection.execute(
        select(coverage)
        .where(coverage.c.camera == camera, coverage.c.start < end, coverage.c.end > start)
        .order_by(coverage.c.start, coverage.c.id)
    )
    return [Coverage(row.camera, row.start, row.end, row.problem) for row in rows]


def covered_between(connection: Connection, start: datetime, end: datetime) -> dict[str, list[Coverage]]:
    """Return the same for every camera at once, by camera."""
    found: dict[str, list[Coverage]] = {}
    touching = select(coverage).where(coverage.c.start < end, coverage.c.end > start)
    for row in connection.execute(touching.order_by(coverage.c.start, coverage.c.id)):
        found.setdefault(row.camera, []).append(Coverage(row.camera, row.start, row.end, row.problem))
    return found


def sightings_of(connection: Connection, footage_id: str) -> int:
    """Return how many sightings the finished chunks of a file gave."""
    wanted = select(chunks.c.sightings).join_from(chunks, footage).where(footage.c.id == footage_id)
    return sum(found or 0 for found in connection.execute(wanted).scalars())
