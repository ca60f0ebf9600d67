"""Keep what a purge has to remember: that it is not finished, and what may not come again."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from index.errors import UNREADABLE
from index.store.catalogue import row_digests
from index.store.catalogue.about import fact, put_fact
from index.store.catalogue.columns import among
from index.store.catalogue.database import batched, insert_many
from index.store.catalogue.digest_kinds import NO_FOOTAGE, REFUSED, REFUSED_UNTIL
from index.store.catalogue.tables import about, footage, refused

_UNFINISHED = "unfinished purge"
_RECORDINGS = "recordings of an unfinished purge"


def begin(connection: Connection, at: datetime, recordings: Iterable[str] = ()) -> None:
    """Write that a purge deleted rows, and that files, among them these recordings, may still hold what they said.

    Those of an earlier purge that did not finish are still to be deleted.
    """
    left = sorted({*recordings, *recordings_left(connection)})
    finish(connection)
    values = {_UNFINISHED: at.isoformat(timespec="seconds"), _RECORDINGS: json.dumps(left)}
    connection.execute(about.insert(), [{"key": key, "value": value} for key, value in values.items()])


def recordings_left(connection: Connection) -> list[str]:
    """Return the recordings that a purge which did not finish has still to delete, by their places in `streams/`."""
    found = connection.execute(select(about.c.value).where(about.c.key == _RECORDINGS)).scalar()
    try:
        return [str(place) for place in json.loads(found or "[]")]
    except UNREADABLE:
        return []


def finish(connection: Connection) -> None:
    """Write that no file holds anything of what was purged."""
    connection.execute(about.delete().where(about.c.key.in_((_UNFINISHED, _RECORDINGS))))


def unfinished(connection: Connection) -> str | None:
    """Return when a purge began that did not finish, None if all did."""
    found = connection.execute(select(about.c.value).where(about.c.key == _UNFINISHED)).scalar()
    return None if found is None else str(found)


def refuse(connection: Connection, footage_of: Mapping[str, str | None], *, at: datetime) -> None:
    """Write what may not come again: footage, mapped to itself, and sightings, mapped to their footage."""
    known = refused_among(connection, footage_of.keys())
    new = sorted(footage_of.keys() - known)
    with row_digests.renewed(connection, REFUSED, {footage_of[id_] or NO_FOOTAGE for id_ in new}):
        insert_many(connection, refused, [{"id": id_, "footage": footage_of[id_], "at": at} for id_ in new])


def refuse_beginnings(connection: Connection, before: datetime) -> None:
    """Write that the part before a time of all footage that stays may not come again, however it is analysed then."""
    begun = connection.execute(select(footage.c.id, footage.c.start).where(footage.c.start < before)).all()
    with row_digests.renewed(connection, REFUSED, [row.id for row in begun]):
        for row in begun:
            until_s = max((before - row.start).total_seconds(), refused_until_s(connection, row.id) or 0.0)
            put_fact(connection, REFUSED_UNTIL + row.id, repr(until_s))


def refused_until_s(connection: Connection, footage_id: str) -> float | None:
    """Return up to which second of footage nothing may come again, None where all may."""
    found = fact(connection, REFUSED_UNTIL + footage_id)
    return None if found is None else float(found)


def allow(connection: Connection, footage_id: str) -> None:
    """Let footage and its sightings come again."""
    connection.execute(refused.delete().where(refused.c.footage == footage_id))
    connection.execute(about.delete().where(about.c.key == REFUSED_UNTIL + footage_id))
    row_digests.forget(connection, REFUSED, [footage_id])


def refused_among(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return which of the ids may not come again."""
    found: set[str] = set()
    for part in batched(ids):
        found.update(connection.execute(select(refused.c.id).where(among(refused.c.id, part))).scalars())
    return found
