"""Keep the digests of rows that belong together, so that one that was added or taken away is noticed, too.

Rows that belong together have one digest: all clocks of a camera, all marks of a case. `digest_kinds.py` says which
rows these are, and whose.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from index.store.catalogue.columns import among, upsert
from index.store.catalogue.database import batched
from index.store.catalogue.digest_kinds import ALL, KINDS, Kind, Owners, Rows
from index.store.catalogue.digests import digest_of, key_of, plain, plain_values
from index.store.catalogue.table_locks import one_at_a_time
from index.store.catalogue.tables import row_digests

LONGEST_BYTES = 4096
"""Longer ones, as of pictures, are hashed before they become part of what a digest is made of."""


@contextmanager
def renewed(connection: Connection, kind: Kind, owners: Iterable[str] = (ALL,)) -> Iterator[None]:
    """Make digests anew after a change of rows; those that were damaged before stay so."""
    owners = sorted(set(owners))
    if owners and not kind.lasting:
        # The digest of a new owner is not there yet: there is no row to wait for.
        one_at_a_time(connection, kind.name)
    whole = [owner for part in batched(owners) for owner in sorted(_whole(connection, kind, part, lock=True))]
    yield
    renew(connection, kind, whole)


@contextmanager
def renewed_with(connection: Connection, kind: Kind, new: Collection[str]) -> Iterator[None]:
    """Make digests anew after a migration that adds columns of these names; those that were damaged before stay so."""
    rows = (replace(one, columns=tuple(c for c in one.columns if c.name not in new)) for one in kind.rows)
    before = replace(kind, rows=tuple(rows))
    owners = sorted(_needed(connection, kind))
    whole = [owner for part in batched(owners) for owner in sorted(_whole(connection, before, part))]
    yield
    renew(connection, kind, whole)


def renew(connection: Connection, kind: Kind, owners: Iterable[str] = (ALL,)) -> None:
    """Make the digests of owners that are new, or all of whose rows were just written."""
    for part in batched(sorted(set(owners))):
        made = _made(connection, kind, part)
        _put(connection, [{"kind": kind.name, "owner": owner, "digest": made[owner]} for owner in part])


def forget(connection: Connection, kind: Kind, owners: Iterable[str]) -> None:
    """Delete the digests of owners that are deleted themselves."""
    for part in batched(sorted(set(owners))):
        of_these = (row_digests.c.kind == kind.name, among(row_digests.c.owner, part))
        connection.execute(row_digests.delete().where(*of_these))


def damaged(connection: Connection) -> Iterator[tuple[Kind, str]]:
    """Yield the kinds and owners whose rows are not as they were written."""
    for kind in KINDS:
        stored = set(connection.execute(select(row_digests.c.owner).where(row_digests.c.kind == kind.name)).scalars())
        for part in batched(sorted(_needed(connection, kind) | stored)):
            whole = _whole(connection, kind, part)
            yield from ((kind, owner) for owner in part if owner not in whole)


def make_all(connection: Connection, *, but: Iterable[tuple[Kind, str]] = ()) -> None:
    """Make every digest from what is stored now, but those of some kinds and owners."""
    left_out = {(kind.name, owner) for kind, owner in but}
    for kind in KINDS:
        renew(connection, kind, (one for one in _needed(connection, kind) if (kind.name, one) not in left_out))


def begin(connection: Connection, kind: Kind) -> None:
    """Make the digests of a kind that older versions did not have; where there are any, nobody has to begin."""
    if connection.execute(select(row_digests.c.owner).where(row_digests.c.kind == kind.name)).first() is None:
        renew(connection, kind, _needed(connection, kind))


def _whole(connection: Connection, kind: Kind, owners: Owners, *, lock: bool = False) -> set[str]:
    """Return the owners whose rows are as they were written, or who are new; `lock`: others wait to change them."""
    # The digests first: whoever waited for another writer then sees its rows, too.
    kept = select(row_digests.c.owner, row_digests.c.digest).where(
        row_digests.c.kind == kind.name, among(row_digests.c.owner, owners)
    )
    rows = connection.execute(kept.order_by(row_digests.c.owner).with_for_update() if lock else kept)
    stored = {row.owner: bytes(row.digest) for row in rows}
    made = _made(connection, kind, owners)
    new = set() if kind.lasting else {owner for owner in owners if made[owner] == _digest(connection, kind, owner)}
    return {owner for owner in owners if stored.get(owner) == made[owner] or (owner in new and owner not in stored)}


def _needed(connection: Connection, kind: Kind) -> set[str]:
    """Return the owners who must have a digest."""
    if kind.owners is None:
        return {ALL}
    return {kind.owner(row) for row in connection.execute(kind.owners)}


def _made(connection: Connection, kind: Kind, owners: Owners) -> dict[str, bytes]:
    """Return the digest of each owner, of what is stored now."""
    parts: dict[str, list[list[str]]] = {owner: [[] for _ in kind.rows] for owner in owners}
    for place, rows in enumerate(kind.rows):
        for owner, row in _stored(connection, kind, rows, owners):
            if owner in parts:
                parts[owner][place].append(row)
    return {owner: _digest(connection, kind, owner, found) for owner, found in parts.items()}


def _digest(connection: Connection, kind: Kind, owner: str, found: Sequence[Sequence[str]] = ()) -> bytes:
    return digest_of(key_of(connection), kind.name, owner, *(sorted(rows) for rows in found if rows))


def _stored(connection: Connection, kind: Kind, rows: Rows, owners: Owners) -> Iterator[tuple[str, str]]:
    """Yield whose each row is, and its values as text; those that are null are left out."""
    asked = select(*rows.keys, *(plain(column) for column in rows.columns)).where(rows.near(owners))
    found = connection.execute(asked).all()
    first = len(rows.keys)
    values = [
        plain_values(column, [row[place] for row in found]) for place, column in enumerate(rows.columns, start=first)
    ]
    for row, own in zip(found, zip(*values, strict=True), strict=True):
        named = zip(rows.columns, own, strict=True)
        yield kind.owner(row[:first]), ascii([(c.name, _short(value)) for c, value in named if value is not None])


def _short(value: Any) -> Any:
    """Return a value, of long bytes their hash."""
    long = isinstance(value, bytes) and len(value) > LONGEST_BYTES
    return hashlib.blake2b(value).digest() if long else value


def _put(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    new = upsert(connection, row_digests)
    put = new.on_conflict_do_update(
        index_elements=[row_digests.c.kind, row_digests.c.owner], set_={"digest": new.excluded.digest}
    )
    connection.execute(put, list(rows))
