"""Say from when until when a row of a table holds: places and masks of cameras, and what is known of their clocks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Update, or_, type_coerce, update

from index.store.catalogue.columns import from_micros


def deleted_from(table: Any, camera: str, since: datetime) -> Any:
    """Delete what a camera has in the table that begins at `since` or later."""
    return table.delete().where(table.c.camera == camera, table.c.valid_from >= since)


def ended(table: Any, camera: str, since: datetime) -> Update:
    """End at `since` what a camera has in the table and is valid then."""
    still = or_(table.c.valid_to.is_(None), table.c.valid_to > since)
    return update(table).where(table.c.camera == camera, still).values(valid_to=since)


def valid_at(table: Any, time: datetime) -> tuple[Any, Any]:
    """Return the conditions that a row is valid at a time."""
    return table.c.valid_from <= time, or_(table.c.valid_to.is_(None), table.c.valid_to > time)


def named(table: Any, *names: str) -> Iterable[Any]:
    """Return the columns of these names."""
    return (table.c[name] for name in names)


def validity(table: Any) -> Iterable[Any]:
    """Return the validity of a table's rows, times as the integers that they are stored as."""
    return (type_coerce(table.c[name], BigInteger) for name in ("valid_from", "valid_to"))


def time_or_none(micros: int | None) -> datetime | None:
    """Return a stored time, None where there is none."""
    return None if micros is None else from_micros(micros)
