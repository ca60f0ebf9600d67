"""Keep single facts about a catalogue: the archive that it belongs to, and what has changed in it."""

import uuid

from sqlalchemy import Connection, select

from index.errors import ArchiveError
from index.store.catalogue.columns import upsert
from index.store.catalogue.tables import about

ARCHIVE = "archive"


def set_archive(connection: Connection, id_: str) -> None:
    """Write the id of the archive that this catalogue belongs to."""
    put_fact(connection, ARCHIVE, id_)


def check_archive(connection: Connection, id_: str, database: str) -> None:
    """Refuse the catalogue of another archive."""
    found = fact(connection, ARCHIVE)
    if found != id_:
        raise ArchiveError(f"{database} belongs to another archive ({found}, not {id_}): check what archive.toml names")


def fact(connection: Connection, key: str) -> str | None:
    """Return a fact, None where nothing is written of it."""
    return connection.execute(select(about.c.value).where(about.c.key == key)).scalar()


def put_fact(connection: Connection, key: str, value: str) -> None:
    """Write a fact, in place of what was written of it."""
    row = upsert(connection, about).values(key=key, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=[about.c.key], set_={"value": value}))


def revision_of(connection: Connection, what: str) -> str | None:
    """Return a word that changes with the places or the clocks of cameras; None before the first change.

    Whoever remembers them knows by it when to read them again.
    """
    return fact(connection, what)


def mark_changed(connection: Connection, what: str) -> None:
    """Give what has changed another revision."""
    put_fact(connection, what, uuid.uuid4().hex)
