"""Read and end rows of a camera that hold from a time on, and mark what has changed."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Update, or_, type_coerce, update

from index.store.catalogue.about import fact, put_fact
from index.store.catalogue.columns import from_micros


def revision(connection: Connection, what: str) -> str | None:
    """Return a word that changes with the places or the clocks of cameras; None before the first change.

    Whoever remembers them knows by it when to read them again.
    """
    return fact(connection, what)


def mark_changed(connection: Connection, what: str) -> None:
    """Give what has changed another revision."""
    put_fact(connection, what, uuid.uuid4().hex)


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


def end_from_micros(micros: int | None) -> datetime | None:
    """Return the end of a validity; None: still."""
    return None if micros is None else from_micros(micros)
