"""Remember which models made what the archive holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from index.catalogue.tables import models
from index.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Model:
    """A model by its id; `kind` is "detector", "appearance", "plate_reader" or "plate_vector"."""

    id: str
    kind: str
    dims: int | None = None
    sha256: str | None = None
    licence: str | None = None


def remember(connection: Connection, wanted: Iterable[Model], *, at: datetime) -> None:
    """Add the models that are not known yet."""
    missing = {model.id: model for model in wanted}
    for known in connection.execute(select(models.c.id).where(models.c.id.in_(list(missing)))).scalars():
        del missing[known]
    if missing:
        _insert_new(connection, list(missing.values()), at)


def listing(connection: Connection, kind: str | None = None) -> list[Model]:
    """Return the models in use, those of one kind if asked."""
    wanted = select(models).where(models.c.retired_at.is_(None)).order_by(models.c.added_at, models.c.id)
    if kind is not None:
        wanted = wanted.where(models.c.kind == kind)
    rows = connection.execute(wanted)
    return [Model(row.id, row.kind, row.dims, row.sha256, row.licence) for row in rows]


def dims_of(connection: Connection, id_: str) -> int:
    """Return the length of a model's vectors, 0 where none are known."""
    return connection.execute(select(models.c.dims).where(models.c.id == id_)).scalar() or 0


def check_dims(connection: Connection, id_: str, dims: int) -> None:
    """Take the length of a model's first vectors for that of all, and refuse others."""
    known = dims_of(connection, id_)
    if known == 0:
        connection.execute(update(models).where(models.c.id == id_).values(dims=dims))
    elif known != dims:
        raise ArchiveError(f"model {id_} has vectors of {known} numbers, not {dims}: another model needs another id")


def retire(connection: Connection, id_: str, *, at: datetime) -> None:
    """Take a model out of use; what it made stays until a purge."""
    connection.execute(update(models).where(models.c.id == id_).values(retired_at=at))


def prepare(connection: Connection, model: Model, *, at: datetime) -> None:
    """Add a model that is not in use yet: what it makes is kept, and nobody is answered by it."""
    remember(connection, [model], at=at)
    retire(connection, model.id, at=at)


def put_to_use(connection: Connection, id_: str, *, at: datetime) -> None:
    """Let questions be answered by a model from now on: of those in use, the newest of its kind answers."""
    connection.execute(update(models).where(models.c.id == id_).values(retired_at=None, added_at=at))


def _insert_new(connection: Connection, new: list[Model], at: datetime) -> None:
    """Insert, and let a writer that was quicker win: it wrote the same."""
    rows = [
        {"id": m.id, "kind": m.kind, "dims": m.dims, "sha256": m.sha256, "licence": m.licence, "added_at": at}
        for m in new
    ]
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        connection.execute(insert_postgresql(models).on_conflict_do_nothing(), rows)
    else:
        connection.execute(models.insert(), rows)
