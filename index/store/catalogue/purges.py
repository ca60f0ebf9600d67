"""Keep what a purge has to remember: that it is not finished, and what may not come again."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from index.store.catalogue.columns import among
from index.store.catalogue.database import batched, insert_many
from index.store.catalogue.tables import about, refused

_UNFINISHED = "unfinished purge"


def begin(connection: Connection, at: datetime) -> None:
    """Write that a purge deleted rows, and that files may still hold what they said."""
    finish(connection)
    connection.execute(about.insert().values(key=_UNFINISHED, value=at.isoformat(timespec="seconds")))


def finish(connection: Connection) -> None:
    """Write that no file holds anything of what was purged."""
    connection.execute(about.delete().where(about.c.key == _UNFINISHED))


def unfinished(connection: Connection) -> str | None:
    """Return when a purge began that did not finish, None if all did."""
    found = connection.execute(select(about.c.value).where(about.c.key == _UNFINISHED)).scalar()
    return None if found is None else str(found)


def refuse(connection: Connection, footage_of: Mapping[str, str | None], *, at: datetime) -> None:
    """Write what may not come again: footage, mapped to itself, and sightings, mapped to their footage."""
    known = refused_among(connection, footage_of.keys())
    new = sorted(footage_of.keys() - known)
    insert_many(connection, refused, [{"id": id_, "footage": footage_of[id_], "at": at} for id_ in new])


def allow(connection: Connection, footage: str) -> None:
    """Let footage and its sightings come again."""
    connection.execute(refused.delete().where(refused.c.footage == footage))


def refused_among(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return which of the ids may not come again."""
    found: set[str] = set()
    for part in batched(ids):
        found.update(connection.execute(select(refused.c.id).where(among(refused.c.id, part))).scalars())
    return found
