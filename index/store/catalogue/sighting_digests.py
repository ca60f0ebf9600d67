"""Keep a digest of each sighting with its pictures and plates, by which an edit of the stored rows is noticed.

It is made of the values as the database holds them, so that it is the same on SQLite and on PostgreSQL.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update

from index.store.catalogue.columns import among
from index.store.catalogue.database import AT_ONCE, batched
from index.store.catalogue.digests import digest_of, key_of, plain, plain_values
from index.store.catalogue.tables import plates, shots, sightings

_BOX = ("x", "y", "width", "height")
_LOOKS = ("type", "colour", "types", "colours", "heading_deg", "edge", "track")
_PLACE = ("pack", "offset", "length", "sha256")

COVERED: Mapping[Table, tuple[str, ...]] = {
    sightings: ("id", "camera", "footage", "chunk", "first", "best", "last", *_BOX, *_LOOKS, "added_at"),
    shots: ("sighting", "number", "time", "frame", *_BOX, "sharpness", "plate", *_PLACE),
    plates: ("sighting", "model", "text", "confidence", "box", "corners", "characters"),
}
"""What a digest is made of, the sighting first; a change of these columns needs a migration that makes all anew."""

_Values = tuple[Any, ...]


def of_new(
    our_columns: Mapping[str, Sequence[Any]],
    shot_columns: Mapping[str, Sequence[Any]],
    plate_columns: Mapping[str, Sequence[Any]],
    *,
    key: bytes,
) -> list[bytes]:
    """Return the digests of sightings that are about to be written, in their order, from their `driver_columns`."""
    given = zip(COVERED.items(), (our_columns, shot_columns, plate_columns), strict=True)
    ours, *parts = [_plain(table, [columns[name] for name in names]) for (table, names), columns in given]
    made = _digests(key, ours, *parts)
    return [made[id_] for id_ in our_columns["id"]]


def damaged(connection: Connection) -> Iterator[str]:
    """Yield the sightings, forgotten ones included, that are not as they were written, in the order of their ids."""
    for part in _all_ids(connection):
        whole = _whole(connection, part)
        yield from (id_ for id_ in part if id_ not in whole)


@contextmanager
def renewed(connection: Connection, ids: Iterable[str]) -> Iterator[None]:
    """Make the digests of sightings anew after a change; those that were damaged before stay so."""
    whole = [id_ for part in batched(sorted(set(ids))) for id_ in sorted(_whole(connection, part, lock=True))]
    yield
    _renew(connection, whole)


def make_all(connection: Connection, *, but: Collection[str] = ()) -> None:
    """Make the digest of every sighting from what is stored now, but of some."""
    for part in _all_ids(connection):
        _renew(connection, [id_ for id_ in part if id_ not in but])


def _renew(connection: Connection, ids: Iterable[str]) -> None:
    put = update(sightings).where(sightings.c.id == bindparam("of")).values(digest=bindparam("made"))
    for part in batched(ids):
        rows = [{"of": id_, "made": made} for id_, made in _stored_digests(connection, part).items()]
        if rows:
            connection.execute(put, rows)


def _whole(connection: Connection, ids: Sequence[str], *, lock: bool = False) -> set[str]:
    """Return those of some sightings whose digest is that of what is stored; `lock`: others wait to change them."""
    asked = select(sightings.c.id, sightings.c.digest).where(among(sightings.c.id, ids)).order_by(sightings.c.id)
    # The digests first: whoever waited for another writer then sees its pictures and plates, too.
    kept = connection.execute(asked.with_for_update(key_share=True) if lock else asked).all()
    now = _stored_digests(connection, ids)
    return {row.id for row in kept if row.digest is not None and bytes(row.digest) == now[row.id]}


def _all_ids(connection: Connection) -> Iterator[list[str]]:
    after: str | None = None
    while True:
        page = select(sightings.c.id).order_by(sightings.c.id).limit(AT_ONCE)
        found = list(connection.execute(page if after is None else page.where(sightings.c.id > after)).scalars())
        if not found:
            return
        yield found
        after = found[-1]


def _stored_digests(connection: Connection, ids: Sequence[str]) -> dict[str, bytes]:
    return _digests(key_of(connection), *(_stored_values(connection, table, ids) for table in COVERED))


def _digests(
    key: bytes, ours: Iterable[_Values], shot_values: Iterable[_Values], plate_values: Iterable[_Values]
) -> dict[str, bytes]:
    """Return the digest of each sighting; values begin with its id, those of its parts go on with their key."""
    parts: dict[str, tuple[list[_Values], list[_Values]]] = {}
    ours = list(ours)
    for values in ours:
        parts[values[0]] = ([], [])
    for place, found in enumerate((shot_values, plate_values)):
        for values in found:
            parts[values[0]][place].append(values)
    return {
        values[0]: digest_of(key, values, *(sorted(own, key=_place) for own in parts[values[0]])) for values in ours
    }


def _place(values: _Values) -> _Values:
    """Return the sighting and what tells its pictures, or its plates, apart."""
    return values[:2]


def _stored_values(connection: Connection, table: Table, ids: Sequence[str]) -> Iterator[_Values]:
    columns = [table.c[name] for name in COVERED[table]]
    asked = select(*(plain(column) for column in columns))
    rows = connection.execute(asked.where(among(columns[0], ids))).all()
    return _plain(table, [[row[place] for row in rows] for place in range(len(columns))])


def _plain(table: Table, values: Sequence[Sequence[Any]]) -> Iterator[_Values]:
    """Return the rows of the covered columns, each value as Python's own number, text or bytes."""
    columns = (table.c[name] for name in COVERED[table])
    return zip(*(plain_values(column, own) for column, own in zip(columns, values, strict=True)), strict=True)
