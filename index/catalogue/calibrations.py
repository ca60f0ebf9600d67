"""Keep what was fitted to known pairs: tables that turn raw evidence into ratios, each for one model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from index.catalogue.tables import calibrations


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """A calibration of one kind of evidence and one model; `fitted_on` names the pairs."""

    kind: str
    model: str
    content: Mapping[str, Any]
    fitted_on: str
    added_at: datetime


def add(connection: Connection, new: StoredCalibration) -> None:
    """Write a calibration; the newest of its kind and model counts, older ones stay."""
    row = {name: getattr(new, name) for name in StoredCalibration.__dataclass_fields__}
    connection.execute(calibrations.insert().values(row))


def newest(connection: Connection, kind: str, model: str) -> StoredCalibration | None:
    """Return the calibration that counts, None where the model has none."""
    wanted = select(*(calibrations.c[name] for name in StoredCalibration.__dataclass_fields__))
    same = wanted.where(calibrations.c.kind == kind, calibrations.c.model == model)
    row = connection.execute(same.order_by(calibrations.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else StoredCalibration(**row._mapping)
