"""Read and write the durable copy of every vector: a row for each sighting and model, written in batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, func, select, update

from index.errors import ArchiveError
from index.store.catalogue import models
from index.store.catalogue.columns import among
from index.store.catalogue.database import batched, insert_many
from index.store.catalogue.models import StoredModel
from index.store.catalogue.tables import batches, shots, sightings, vectors
from reid.arrays import Floats32

VectorRows = npt.NDArray[np.float16]
"""(rows, dims) float16."""


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """The vectors of one sighting, (shots, d) float16, and what a segment sorts and filters by."""

    sighting: str
    camera: str
    best: datetime
    batch: int
    matrix: VectorRows


@dataclass(frozen=True, slots=True)
class BatchState:
    """The number, newest and sum of a model's batches: they change whenever a batch comes or goes."""

    batches: int
    newest: int
    total: int


def add(
    connection: Connection,
    model: str,
    matrices: Mapping[str, Floats32],
    *,
    at: datetime,
    kind: str = "appearance",
) -> int:
    """Write the vectors of one model, by sighting, as one batch, and return its number."""
    for dims in {matrix.shape[1] for matrix in matrices.values()}:
        models.remember(connection, [StoredModel(model, kind, dims)], at=at)
        models.check_dims(connection, model, dims)
    halves = {sighting: half_floats(model, sighting, matrix) for sighting, matrix in matrices.items()}
    batch = _new_batch(connection, model, len(matrices))
    rows = [
        {"sighting": sighting, "model": model, "batch": batch, "data": half.tobytes()}
        for sighting, half in halves.items()
    ]
    insert_many(connection, vectors, rows)
    return batch


def half_floats(model: str, sighting: str, matrix: Floats32) -> VectorRows:
    """Return the vectors of a sighting as they are stored; refuse a number that float16 cannot hold."""
    with np.errstate(over="ignore"):
        half: VectorRows = matrix.astype("<f2")
    if not np.isfinite(half).all():
        raise ArchiveError(
            f"sighting {sighting} has a vector of {model} with a number that is not finite, every one must be: "
            "check the weights (retrace models verify) and the pictures"
        )
    return half


def of_sightings(connection: Connection, model: str, ids: Sequence[str]) -> dict[str, Floats32]:
    """Return the vectors of a model by sighting, (shots, d) float32."""
    dims = models.dims_of(connection, model)
    found = {}
    for part in batched(ids):
        same = (vectors.c.model == model, among(vectors.c.sighting, part))
        for row in connection.execute(select(vectors.c.sighting, vectors.c.data).where(*same)):
            found[row.sighting] = _matrix(row.data, dims).astype(np.float32)
    return found


def of_batches(connection: Connection, model: str, batch_ids: Iterable[int]) -> Iterator[StoredVectors]:
    """Yield the vectors of batches, without those of forgotten sightings."""
    dims = models.dims_of(connection, model)
    for part in batched(batch_ids):
        rows = connection.execute(
            select(sightings.c.id, sightings.c.camera, sightings.c.best, vectors.c.batch, vectors.c.data)
            .join_from(vectors, sightings)
            .where(among(vectors.c.batch, part), sightings.c.deleted_at.is_(None))
        )
        for row in rows:
            yield StoredVectors(row.id, row.camera, row.best, row.batch, _matrix(row.data, dims))


def without(connection: Connection, model: str, *, at_most: int) -> list[str]:
    """Return sightings that have pictures and no vectors of a model, ordered by id."""
    has_vectors = select(vectors.c.sighting).where(vectors.c.model == model)
    missing = (
        select(sightings.c.id)
        .where(sightings.c.deleted_at.is_(None), sightings.c.id.in_(select(shots.c.sighting)))
        .where(sightings.c.id.not_in(has_vectors))
        .order_by(sightings.c.id)
    )
    return list(connection.execute(missing.limit(at_most)).scalars())


def state(connection: Connection, model: str) -> BatchState:
    """Return the state of a model's batches."""
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.max(batches.c.id), 0),
            func.coalesce(func.sum(batches.c.id), 0),
        ).where(batches.c.model == model)
    ).one()
    return BatchState(int(row[0]), int(row[1]), int(row[2]))


def batches_of(connection: Connection, model: str) -> dict[int, int]:
    """Return the number of sightings in each batch of the model."""
    rows = connection.execute(select(batches.c.id, batches.c.rows).where(batches.c.model == model))
    return {row.id: row.rows for row in rows.all()}


def renew(connection: Connection, ids: Iterable[str]) -> None:
    """Give new numbers to the batches that hold these sightings, because they were moved or forgotten.

    Segments with the old numbers are outdated then, and are made again from the catalogue.
    """
    touched: set[int] = set()
    for part in batched(ids):
        touched.update(connection.execute(select(vectors.c.batch).where(among(vectors.c.sighting, part))).scalars())
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


def _matrix(data: bytes, dims: int) -> VectorRows:
    return np.frombuffer(data, "<f2").reshape(-1, dims)
