"""Read and write the models in use, and what was fitted for them: calibrations and travel times."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from index.errors import ArchiveError
from index.store.catalogue.columns import upsert
from index.store.catalogue.database import insert_many
from index.store.catalogue.digest_kinds import CALIBRATIONS, MODELS, TRAVEL_TIMES
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import calibrations, models, travel_times

DRIVING = "travel times"
"""The kind of calibration that learned travel times are."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model by its id; `kind` is "detector", "appearance", "plate_reader" or "plate_vector"."""

    id: str
    kind: str
    dims: int | None = None
    sha256: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """A calibration of one kind of evidence and one model; `fitted_on` names the pairs."""

    kind: str
    model: str
    content: Mapping[str, Any]
    fitted_on: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class LearnedTime:
    """The travel time between two cameras in the hours named, as `passages` passages taught it."""

    from_camera: str
    to_camera: str
    model: str
    hours: str
    passages: int
    content: Mapping[str, Any]
    learned_at: datetime


ONE_IN_USE = frozenset({"appearance", "plate_vector"})
"""The kinds of which an archive uses one at a time: vectors of two models cannot be compared."""


def remember(connection: Connection, used: Iterable[StoredModel], *, at: datetime) -> None:
    """Add the models that the archive does not know yet; where vectors of another are in use, that one stays in use."""
    missing = {model.id: model for model in used}
    for known in connection.execute(select(models.c.id).where(models.c.id.in_(list(missing)))).scalars():
        del missing[known]
    if missing:
        _insert_new(connection, list(missing.values()), at)


def listing(connection: Connection, kind: str | None = None) -> list[StoredModel]:
    """Return the models in use, the oldest first, only those of one kind if asked."""
    rows = select(models).where(models.c.retired_at.is_(None)).order_by(models.c.added_at, models.c.id)
    if kind is not None:
        rows = rows.where(models.c.kind == kind)
    return [StoredModel(row.id, row.kind, row.dims, row.sha256, row.licence) for row in connection.execute(rows)]


def in_use(connection: Connection, kind: str) -> StoredModel | None:
    """Return the model of a kind that questions and new footage use, None where there is none yet."""
    known = listing(connection, kind)
    return known[-1] if known else None


def dims_of(connection: Connection, id_: str) -> int:
    """Return the length of a model's vectors, 0 where none are known."""
    return connection.execute(select(models.c.dims).where(models.c.id == id_)).scalar() or 0


def check_dims(connection: Connection, id_: str, dims: int) -> None:
    """Record the length of a model's first vectors, and refuse later ones of another length."""
    known = dims_of(connection, id_)
    if known == 0:
        with renewed(connection, MODELS):
            connection.execute(update(models).where(models.c.id == id_).values(dims=dims))
    elif known != dims:
        raise ArchiveError(f"model {id_} has vectors of {known} numbers, not {dims}: another model needs another id")


def retire(connection: Connection, id_: str, *, at: datetime) -> None:
    """Take a model out of use; what it computed stays until a purge."""
    with renewed(connection, MODELS):
        connection.execute(update(models).where(models.c.id == id_).values(retired_at=at))


def prepare(connection: Connection, model: StoredModel, *, at: datetime) -> None:
    """Add a model that is not in use yet: its vectors are stored, and no question uses them."""
    remember(connection, [model], at=at)
    retire(connection, model.id, at=at)


def put_to_use(connection: Connection, id_: str, *, at: datetime) -> None:
    """Use a model for questions and new footage from now on, and retire the one of its kind that was used before."""
    used = update(models).where(models.c.id == id_).values(retired_at=None, added_at=at)
    kind = select(models.c.kind).where(models.c.id == id_).scalar_subquery()
    others = update(models).where(models.c.kind == kind, models.c.id != id_, models.c.retired_at.is_(None))
    with renewed(connection, MODELS):
        connection.execute(used)
        connection.execute(others.values(retired_at=at))


def add_calibration(connection: Connection, new: StoredCalibration) -> None:
    """Write a calibration; the newest of its kind and model is used, older ones stay."""
    row = {name: getattr(new, name) for name in StoredCalibration.__dataclass_fields__}
    with renewed(connection, CALIBRATIONS):
        connection.execute(calibrations.insert().values(row))


def newest_calibration(connection: Connection, kind: str, model: str) -> StoredCalibration | None:
    """Return the newest calibration of a kind and model, None where there is none."""
    rows = select(*(calibrations.c[name] for name in StoredCalibration.__dataclass_fields__))
    same = rows.where(calibrations.c.kind == kind, calibrations.c.model == model)
    row = connection.execute(same.order_by(calibrations.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else StoredCalibration(**row._mapping)


def replace_times(connection: Connection, model: str, learned: Sequence[LearnedTime]) -> None:
    """Write the travel times that a model has learned, replacing those it had before."""
    rows = [{name: getattr(time, name) for name in LearnedTime.__dataclass_fields__} for time in learned]
    with renewed(connection, TRAVEL_TIMES):
        connection.execute(travel_times.delete().where(travel_times.c.model == model))
        insert_many(connection, travel_times, rows)


def learned_times(connection: Connection, model: str) -> list[LearnedTime]:
    """Return the travel times that a model has learned."""
    rows = select(travel_times).where(travel_times.c.model == model)
    ordered = rows.order_by(travel_times.c.from_camera, travel_times.c.to_camera, travel_times.c.hours)
    return [LearnedTime(**row._mapping) for row in connection.execute(ordered)]


def _insert_new(connection: Connection, new: list[StoredModel], at: datetime) -> None:
    """Insert models; where another writer was quicker, its rows stay: they are the same."""
    taken = {kind for kind in ONE_IN_USE if listing(connection, kind)}
    rows = [
        {
            "id": m.id,
            "kind": m.kind,
            "dims": m.dims,
            "sha256": m.sha256,
            "licence": m.licence,
            "added_at": at,
            "retired_at": at if m.kind in taken else None,
        }
        for m in new
    ]
    with renewed(connection, MODELS):
        if connection.dialect.name == "postgresql":
            connection.execute(upsert(connection, models).on_conflict_do_nothing(), rows)
        else:
            connection.execute(models.insert(), rows)
