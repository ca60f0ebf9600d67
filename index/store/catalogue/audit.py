"""Append audit rows to a hash chain: the digest of each row covers all rows before it."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from index.errors import ArchiveError
from index.store.catalogue import cases
from index.store.catalogue.columns import compact_json, to_micros
from index.store.catalogue.tables import audit, audit_head
from index.store.names import check_line

BACK = timedelta(minutes=5)
"""Clocks are put right by less all the time."""

LONGEST_REASON = 1000

Record = Callable[[Connection], None]
"""Writes who makes a change, in the transaction of the change: whoever is stopped leaves both, or neither."""

SEED = "0" * 64
"""The digest before the first row."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit; `digest` covers it and, through the digest before it, all earlier rows."""

    number: int
    at: datetime
    person: str
    action: str
    detail: Mapping[str, Any]
    reason: str | None
    case: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """How many rows the chain has, the number of the first wrong row (None: all are right), and its last digest.

    `back_at` are the rows that are dated long before the row before them: the clock of the machine was set back.
    """

    rows: int
    broken_at: int | None
    head: str
    back_at: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        """Return whether no row was changed, deleted or cut off."""
        return self.broken_at is None


def no_record(connection: Connection) -> None:
    """Write nothing: nobody in particular makes the change."""


def append(
    connection: Connection,
    *,
    at: datetime,
    person: str,
    action: str,
    detail: Mapping[str, Any],
    reason: str | None = None,
    case: str | None = None,
) -> Entry:
    """Add a row to the end of the chain; other writers wait for this transaction.

    A case that does not exist is refused, and a reason that nobody could read: whatever door they came by.
    """
    if case is not None:
        cases.get(connection, case)
    if reason is not None:
        check_line(reason, "a reason", LONGEST_REASON)
    head = connection.execute(select(audit_head).with_for_update()).one_or_none()
    if head is None:
        raise ArchiveError(
            "the head of the audit is gone: nothing can be recorded; restore the catalogue from a backup"
        )
    number = head.number + 1
    digest = _digest(head.digest, number, at, person, action, detail, reason, case)
    entry = Entry(number, at, person, action, detail, reason, case, digest)
    values = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    taken = connection.execute(audit.insert().values(values), execution_options={"preserve_rowcount": True})
    moved = connection.execute(update(audit_head).values(number=number, digest=digest))
    if (taken.rowcount, moved.rowcount) != (1, 1):
        # A server may have got a trigger since the archive was opened.
        raise ArchiveError("the database did not take a row of the audit: ask whoever looks after it who changed it")
    return entry


def listing(connection: Connection, *, newest: int | None = None) -> Iterator[Entry]:
    """Yield the rows, first to last, only the `newest` ones if given."""
    entries = select(audit).order_by(audit.c.number)
    if newest is not None:
        last = connection.execute(select(audit_head.c.number)).scalar() or 0
        entries = entries.where(audit.c.number > last - newest)
    with connection.execute(entries.execution_options(yield_per=1000)) as rows:
        for row in rows:
            yield _entry(row)


def of_case(connection: Connection, case: str) -> list[Entry]:
    """Return the rows of a case, first to last."""
    rows = connection.execute(select(audit).where(audit.c.case == case).order_by(audit.c.number))
    return [_entry(row) for row in rows]


def of_actions(connection: Connection, actions: Collection[str]) -> list[Entry]:
    """Return the rows of some actions, first to last."""
    rows = connection.execute(select(audit).where(audit.c.action.in_(actions)).order_by(audit.c.number))
    return [_entry(row) for row in rows]


def check(connection: Connection) -> ChainCheck:
    """Compute the chain again and compare it with the stored digests."""
    previous, rows = SEED, 0
    latest: datetime | None = None
    back_at: list[int] = []
    for entry in listing(connection):
        rows += 1
        if entry.number != rows or entry.digest != _digest_again(previous, entry):
            return ChainCheck(rows, rows, previous)
        previous = entry.digest
        if latest is not None and entry.at < latest - BACK:
            back_at.append(entry.number)
        latest = entry.at
    head = connection.execute(select(audit_head)).one_or_none()
    cut_off = head is None or head.number != rows or head.digest != previous
    return ChainCheck(rows, rows + 1 if cut_off else None, previous, tuple(back_at))


def _digest_again(previous: str, entry: Entry) -> str:
    return _digest(previous, entry.number, entry.at, entry.person, entry.action, entry.detail, entry.reason, entry.case)


def _digest(
    previous: str,
    number: int,
    at: datetime,
    person: str,
    action: str,
    detail: Mapping[str, Any],
    reason: str | None,
    case: str | None,
) -> str:
    content = [previous, number, to_micros(at), person, action, dict(detail), reason, case]
    return hashlib.sha256(compact_json(content).encode()).hexdigest()


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._mapping)
