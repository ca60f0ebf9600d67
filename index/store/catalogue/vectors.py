"""Read and write the durable copy of every vector: a row for each sighting and model, written in batches."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Row, bindparam, exists, func, select, tuple_, update

from index.errors import ArchiveError
from index.records import Description
from index.store.catalogue import models
from index.store.catalogue.columns import among
from index.store.catalogue.database import AT_ONCE, batched, insert_many
from index.store.catalogue.digests import DIGEST_BYTES, key_of
from index.store.catalogue.models import StoredModel
from index.store.catalogue.tables import batch_removals, batches, sightings, vectors
from index.store.catalogue.tables import models as models_table
from reid.arrays import Floats32, Ints

VectorRows = npt.NDArray[np.float16]
"""(rows, dims) float16."""


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """The vectors of one sighting, (shots, d) float16, and the camera, time and description that searches filter by."""

    sighting: str
    camera: str
    best: datetime
    description: Description
    matrix: VectorRows


@dataclass(frozen=True, slots=True)
class BatchState:
    """The newest batch of a model and the newest entry of its log of removals; they change with every change."""

    newest: int
    removals: int


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
    digest = partial(_digest, key_of(connection), model)
    rows = [
        {"sighting": sighting, "model": model, "batch": batch, "data": data, "digest": digest(sighting, data)}
        for sighting, data in ((sighting, half.tobytes()) for sighting, half in halves.items())
    ]
    insert_many(connection, vectors, rows)
    return batch


_OF_A_SIGHTING = (sightings.c.id, sightings.c.camera, sightings.c.best, sightings.c.type, sightings.c.colour)

_STATE = select(
    select(func.max(batches.c.id)).where(batches.c.model == bindparam("of")).scalar_subquery(),
    select(func.max(batch_removals.c.id)).where(batch_removals.c.model == bindparam("of")).scalar_subquery(),
)
"""Made once: every question asks it, and making it takes longer than the database does."""


def damaged(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield (sighting, model) of the vectors that are not those that were made."""
    key = key_of(connection)
    for row in _all_rows(connection):
        if row.digest is None or bytes(row.digest) != _digest(key, row.model, row.sighting, row.data):
            yield row.sighting, row.model


def damaged_without_key(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the same of vectors whose digests were made before schema 0013; without one, those that are no numbers."""
    for row in _all_rows(connection):
        if not _is_whole_without_key(row.data, row.digest):
            yield row.sighting, row.model


def make_digests(connection: Connection, *, but: Collection[tuple[str, str]] = ()) -> None:
    """Make the digest of all vectors from what is stored now, but of some (sighting, model)."""
    key = key_of(connection)
    same = (vectors.c.sighting == bindparam("of"), vectors.c.model == bindparam("by"))
    put = update(vectors).where(*same).values(digest=bindparam("made"))
    after = ("", "")
    while part := _rows_after(connection, after):
        made = [
            {"of": row.sighting, "by": row.model, "made": _digest(key, row.model, row.sighting, row.data)}
            for row in part
            if (row.sighting, row.model) not in but
        ]
        if made:
            connection.execute(put, made)
        after = (part[-1].sighting, part[-1].model)


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


def stacked(connection: Connection, model: str, ids: Sequence[str]) -> tuple[list[str], Floats32, Ints]:
    """Return which of the sightings have vectors of a model, all of these (rows, d), and where those of each begin."""
    dims = models.dims_of(connection, model)
    found: dict[str, bytes] = {}
    for part in batched(ids):
        same = (vectors.c.model == model, among(vectors.c.sighting, part))
        rows = connection.execute(select(vectors.c.sighting, vectors.c.data).where(*same))
        found.update((row.sighting, row.data) for row in rows)
    known = [id_ for id_ in ids if found.get(id_)]
    counts = [len(found[id_]) // (2 * dims) for id_ in known]
    halves = np.frombuffer(b"".join(found[id_] for id_ in known), "<f2").reshape(-1, dims)
    return known, halves.astype(np.float32), np.cumsum([0, *counts], dtype=np.int64)[:-1]


def of_batches(connection: Connection, model: str, batch_ids: Iterable[int]) -> Iterator[tuple[int, StoredVectors]]:
    """Yield the vectors of batches, each with its batch, without those of forgotten sightings."""
    dims = models.dims_of(connection, model)
    for part in batched(batch_ids):
        rows = connection.execute(
            select(*_OF_A_SIGHTING, vectors.c.batch, vectors.c.data)
            .join_from(vectors, sightings)
            .where(vectors.c.model == model, among(vectors.c.batch, part), sightings.c.deleted_at.is_(None))
        )
        for row in rows:
            described = Description(row.type, row.colour)
            yield row.batch, StoredVectors(row.id, row.camera, row.best, described, _matrix(row.data, dims))


def state(connection: Connection, model: str) -> BatchState:
    """Return the state of a model's batches, at the same cost however many there are."""
    row = connection.execute(_STATE, {"of": model}).one()
    return BatchState(row[0] or 0, row[1] or 0)


def newest_number(connection: Connection, *, at_least: int) -> int:
    """Return the newest number that a batch of any model has; if it is below `at_least`, those removed count, too."""
    newest: int = connection.execute(select(func.max(batches.c.id))).scalar_one() or 0
    if newest < at_least:
        newest = max(newest, connection.execute(select(func.max(batch_removals.c.batch))).scalar_one() or 0)
    return newest


def numbers_in(connection: Connection, model: str, start: int, end: int, *, at_most: int | None = None) -> list[int]:
    """Return the batches of a model from number `start` to before `end`, in their order."""
    inside = (batches.c.model == model, batches.c.id >= start, batches.c.id < end)
    rows = select(batches.c.id).where(*inside).order_by(batches.c.id).limit(at_most)
    return list(connection.execute(rows).scalars())


def first_numbers_in(connection: Connection, model: str, start: int, end: int, *, sightings_wanted: int) -> list[int]:
    """Return the first batches from number `start` to before `end` that hold so many sightings, all if less."""
    inside = (batches.c.model == model, batches.c.id >= start, batches.c.id < end)
    found, total = [], 0
    rows = select(batches.c.id, batches.c.rows).where(*inside).order_by(batches.c.id).limit(sightings_wanted)
    for row in connection.execute(rows):
        found.append(row.id)
        total += row.rows
        if total >= sightings_wanted:
            break
    return found


def whole_batches(connection: Connection, model: str, given: Sequence[StoredVectors]) -> dict[str, int]:
    """Return the batch of each sighting, only of batches that hold no other, and none that was forgotten or moved."""
    where = {one.sighting: (one.camera, one.best) for one in given}
    batch_of: dict[str, int] = {}
    for part in batched(where):
        rows = connection.execute(
            select(vectors.c.sighting, vectors.c.batch, sightings.c.camera, sightings.c.best)
            .join_from(vectors, sightings)
            .where(vectors.c.model == model, among(vectors.c.sighting, part), sightings.c.deleted_at.is_(None))
        )
        still = (row for row in rows if (row.camera, row.best) == where[row.sighting])
        batch_of.update((row.sighting, row.batch) for row in still)
    found = Counter(batch_of.values())
    sizes = connection.execute(select(batches.c.id, batches.c.rows).where(among(batches.c.id, list(found))))
    whole = {row.id for row in sizes if row.rows == found[row.id]}
    return {sighting: batch for sighting, batch in batch_of.items() if batch in whole}


def removals(connection: Connection, model: str, after: int, upto: int) -> list[tuple[int, int]]:
    """Return (entry, batch) of a model's log of removals after one entry up to another, in their order."""
    inside = (batch_removals.c.model == model, batch_removals.c.id > after, batch_removals.c.id <= upto)
    rows = connection.execute(
        select(batch_removals.c.id, batch_removals.c.batch).where(*inside).order_by(batch_removals.c.id)
    )
    return [(row.id, row.batch) for row in rows]


def batches_of(connection: Connection, ids: Iterable[str]) -> set[int]:
    """Return the batches that hold vectors of sightings."""
    found: set[int] = set()
    for part in batched(ids):
        found.update(connection.execute(select(vectors.c.batch).where(among(vectors.c.sighting, part))).scalars())
    return found


def delete_empty(connection: Connection, numbers: Iterable[int]) -> None:
    """Delete those of the batches that hold no vectors any more."""
    holds = exists().where(vectors.c.batch == batches.c.id)
    for part in batched(sorted(numbers)):
        connection.execute(batches.delete().where(among(batches.c.id, part), ~holds))


def renew(connection: Connection, ids: Iterable[str]) -> None:
    """Log the batches of these sightings as removed, because the sightings were moved or forgotten.

    What still counts in these batches gets new numbers: stores read it again. A batch of forgotten sightings alone
    keeps its number, which then stands for nothing.
    """
    touched: dict[str, set[int]] = {}
    for part in batched(ids):
        rows = select(vectors.c.model, vectors.c.batch).where(among(vectors.c.sighting, part)).distinct()
        for row in connection.execute(rows):
            touched.setdefault(row.model, set()).add(row.batch)
    for model in _in_the_order_of_writing(connection, touched):
        _lock(connection, model)
        numbers = sorted(touched[model])
        _renumber(connection, model, _with_sightings(connection, numbers))
        insert_many(connection, batch_removals, [{"model": model, "batch": number} for number in numbers])


def _with_sightings(connection: Connection, numbers: Sequence[int]) -> list[int]:
    """Return which of the batches hold sightings that are not forgotten, in their order."""
    found: set[int] = set()
    for part in batched(numbers):
        alive = (among(vectors.c.batch, part), sightings.c.deleted_at.is_(None))
        rows = select(vectors.c.batch).join_from(vectors, sightings).where(*alive).distinct()
        found.update(connection.execute(rows).scalars())
    return sorted(found)


def _renumber(connection: Connection, model: str, numbers: Sequence[int]) -> None:
    """Give the vectors of many batches new numbers, fewer than before, and delete the old batches."""
    for part in batched(numbers):
        old = among(batches.c.id, part)
        rows = connection.execute(select(func.sum(batches.c.rows)).where(old)).scalar_one()
        newer = _new_batch(connection, model, rows)
        connection.execute(update(vectors).where(among(vectors.c.batch, part)).values(batch=newer))
        connection.execute(batches.delete().where(old))


def _in_the_order_of_writing(connection: Connection, names: Iterable[str]) -> list[str]:
    """Return models in the order in which a chunk's vectors are written, so that no two writers wait for each other."""
    rows = select(models_table.c.id).where(among(models_table.c.id, list(names)))
    return list(connection.execute(rows.order_by(models_table.c.kind, models_table.c.id)).scalars())


def _lock(connection: Connection, model: str) -> None:
    """Let one transaction at a time number batches of a model.

    Whoever sees a number then sees all smaller ones. SQLite has one writer anyway.
    """
    connection.execute(select(models_table.c.id).where(models_table.c.id == model).with_for_update(key_share=True))


def _new_batch(connection: Connection, model: str, rows: int) -> int:
    _lock(connection, model)
    made = connection.execute(batches.insert().values(model=model, rows=rows))
    number = made.inserted_primary_key
    if number is None:
        raise RuntimeError("the database gave no number to a new batch")
    return int(number[0])


_Row = Row[Any, Any, Any, Any]
_STORED = (vectors.c.model, vectors.c.sighting, vectors.c.data, vectors.c.digest)


def _all_rows(connection: Connection) -> Iterator[_Row]:
    found = select(*_STORED).order_by(vectors.c.model, vectors.c.sighting)
    with connection.execute(found.execution_options(yield_per=1000)) as rows:
        yield from rows


def _rows_after(connection: Connection, after: tuple[str, str]) -> Sequence[_Row]:
    """Return the next rows after a (sighting, model)."""
    later = tuple_(vectors.c.sighting, vectors.c.model) > tuple_(*after)
    found = select(*_STORED).where(later).order_by(vectors.c.sighting, vectors.c.model).limit(AT_ONCE)
    return connection.execute(found).all()


def _digest(key: bytes, model: str, sighting: str, data: bytes) -> bytes:
    """Return the digest of vectors and of whose they are."""
    named = hashlib.blake2b(ascii((model, sighting)).encode(), digest_size=DIGEST_BYTES, key=key)
    named.update(data)
    return named.digest()


def _is_whole_without_key(data: bytes, digest: bytes | None) -> bool:
    if digest is not None:
        return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest() == digest
    return len(data) % 2 == 0 and bool(np.isfinite(np.frombuffer(data, "<f2")).all())


def _matrix(data: bytes, dims: int) -> VectorRows:
    if len(data) % (2 * dims):
        raise ArchiveError("a stored vector is damaged: `retrace verify` names its sighting, restore a backup")
    return np.frombuffer(data, "<f2").reshape(-1, dims)
