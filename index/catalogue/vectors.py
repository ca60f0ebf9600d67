"""Keep the durable copy of every vector: one row a sighting and model, in batches that were written together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, func, select, update

from index.catalogue import models
from index.catalogue.among import among
from index.catalogue.database import batched, insert_many
from index.catalogue.models import Model
from index.catalogue.tables import batches, shots, sightings, vectors

Matrix = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """The vectors of one sighting, (shots, d) float16, and what a segment sorts and filters by."""

    sighting: str
    camera: str
    best: datetime
    batch: int
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class BatchState:
    """What tells cheaply that the batches of a model have changed."""

    batches: int
    newest: int
    total: int


def add(
    connection: Connection,
    model: str,
    matrices: Mapping[str, npt.NDArray[np.float32]],
    *,
    at: datetime,
    kind: str = "appearance",
) -> int:
    """Write the vectors of one model by sighting as one batch, and return its number."""
    for dims in {matrix.shape[1] for matrix in matrices.values()}:
        models.remember(connection, [Model(model, kind, dims)], at=at)
        models.check_dims(connection, model, dims)
    batch = _new_batch(connection, model, len(matrices))
    rows = [
        {"sighting": sighting, "model": model, "batch": batch, "data": matrix.astype("<f2").tobytes()}
        for sighting, matrix in matrices.items()
    ]
    insert_many(connection, vectors, rows)
    return batch


def of_sightings(connection: Connection, model: str, ids: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
    """Return the vectors of a model by sighting, (shots, d) float32."""
    dims = models.dims_of(connection, model)
    found = {}
    for some in batched(ids):
        same = (vectors.c.model == model, among(vectors.c.sighting, some))
        for row in connection.execute(select(vectors.c.sighting, vectors.c.data).where(*same)):
            found[row.sighting] = _matrix(row.data, dims).astype(np.float32)
    return found


def of_batches(connection: Connection, model: str, wanted: Iterable[int]) -> Iterator[StoredVectors]:
    """Yield the vectors of batches, those of forgotten sightings left out."""
    dims = models.dims_of(connection, model)
    for some in batched(wanted):
        rows = connection.execute(
            select(sightings.c.id, sightings.c.camera, sightings.c.best, vectors.c.batch, vectors.c.data)
            .join_from(vectors, sightings)
            .where(among(vectors.c.batch, some), sightings.c.deleted_at.is_(None))
        )
        for row in rows:
            yield StoredVectors(row.id, row.camera, row.best, row.batch, _matrix(row.data, dims))


def without(connection: Connection, model: str, *, at_most: int) -> list[str]:
    """Return sightings that have pictures and no vectors of a model, by id."""
    has = select(vectors.c.sighting).where(vectors.c.model == model)
    wanted = (
        select(sightings.c.id)
        .where(sightings.c.deleted_at.is_(None), sightings.c.id.in_(select(shots.c.sighting)))
        .where(sightings.c.id.not_in(has))
        .order_by(sightings.c.id)
    )
    return list(connection.execute(wanted.limit(at_most)).scalars())


def state(connection: Connection, model: str) -> BatchState:
    """Return what changes whenever a batch of the model comes or goes."""
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.max(batches.c.id), 0),
            func.coalesce(func.sum(batches.c.id), 0),
        ).where(batches.c.model == model)
    ).one()
    return BatchState(int(row[0]), int(row[1]), int(row[2]))


def batches_of(connection: Connection, model: str) -> dict[int, int]:
    """Return the rows of each batch of the model."""
    rows = connection.execute(select(batches.c.id, batches.c.rows).where(batches.c.model == model))
    return {row.id: row.rows for row in rows.all()}


def renew(connection: Connection, ids: Iterable[str]) -> None:
    """Give new numbers to the batches that hold these sightings.

    Segments that hold the old numbers no longer count, so what changed in the sightings (moved, forgotten) is taken
    from here again.
    """
    touched: set[int] = set()
    for some in batched(ids):
        touched.update(connection.execute(select(vectors.c.batch).where(among(vectors.c.sighting, some))).scalars())
    for batch in sorted(touched):
        row = connection.execute(select(batches).where(batches.c.id == batch)).one()
        newer = _new_batch(connection, row.model, row.rows)
        connection.execute(update(vectors).where(vectors.c.batch == batch).values(batch=newer))
        connection.execute(batches.delete().where(batches.c.id == batch))


def _new_batch(connection: Connection, model: str, rows: int) -> int:
    made = connection.execute(batches.insert().values(model=model, rows=rows))
    number = made.inserted_primary_key
    if number is None:
        raise RuntimeError("the database gave no number to a new batch")
    return int(number[0])


def _matrix(data: bytes, dims: int) -> Matrix:
    return np.frombuffer(data, "<f2").reshape(-1, dims)
