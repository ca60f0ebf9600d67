"""Read and write cases, and the marks that people put on sightings: yes, no or unsure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from index.errors import ArchiveError
from index.store.catalogue.tables import cases, marks, sightings
from index.store.names import check_name

VERDICTS = ("yes", "no", "unsure")


@dataclass(frozen=True, slots=True)
class Case:
    """One inquiry; `id` is the number that people give it."""

    id: str
    title: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's verdict on a sighting of a case: "yes", "no" or "unsure"."""

    case: str
    sighting: str
    verdict: str
    person: str
    marked_at: datetime


def add(connection: Connection, new: Case) -> None:
    """Open a case; refuse a number that is empty or taken."""
    check_name(new.id, "a case")
    if connection.execute(select(cases.c.id).where(cases.c.id == new.id)).scalar() is not None:
        raise ArchiveError(f"case {new.id!r} exists already: choose another number, or see retrace case show {new.id}")
    connection.execute(cases.insert().values({name: getattr(new, name) for name in Case.__dataclass_fields__}))


def get(connection: Connection, id_: str) -> Case:
    """Return a case; refuse a number that does not exist."""
    row = connection.execute(select(cases).where(cases.c.id == id_)).one_or_none()
    if row is None:
        raise ArchiveError(f"no case {id_!r}: see retrace case list, or open it with retrace case new {id_}")
    return _case(row)


def listing(connection: Connection) -> list[Case]:
    """Return every case, the newest first."""
    rows = connection.execute(select(cases).order_by(cases.c.opened_at.desc(), cases.c.id))
    return [_case(row) for row in rows]


def close(connection: Connection, id_: str, *, at: datetime) -> Case:
    """Close a case; it stays readable."""
    _open(connection, id_)
    connection.execute(update(cases).where(cases.c.id == id_).values(closed_at=at))
    return get(connection, id_)


def mark(connection: Connection, new: Mark) -> None:
    """Write a mark; earlier marks of the sighting stay stored, and the last one counts."""
    _open(connection, new.case)
    if new.verdict not in VERDICTS:
        raise ArchiveError(f"{new.verdict!r} is no verdict: say {', '.join(VERDICTS)}")
    alive = select(sightings.c.id).where(sightings.c.id == new.sighting, sightings.c.deleted_at.is_(None))
    if connection.execute(alive).scalar() is None:
        raise ArchiveError(f"no sighting {new.sighting!r} in the archive: see retrace sightings list")
    connection.execute(marks.insert().values({name: getattr(new, name) for name in Mark.__dataclass_fields__}))


def marks_of(connection: Connection, case: str) -> list[Mark]:
    """Return the last mark of each sighting of a case, in the order they were made."""
    rows = connection.execute(select(marks).where(marks.c.case == case).order_by(marks.c.id))
    last: dict[str, Mark] = {}
    for row in rows:
        last.pop(row.sighting, None)
        last[row.sighting] = Mark(row.case, row.sighting, row.verdict, row.person, row.marked_at)
    return list(last.values())


def _open(connection: Connection, id_: str) -> None:
    closed_at = get(connection, id_).closed_at
    if closed_at is not None:
        raise ArchiveError(f"case {id_!r} was closed on {closed_at:%Y-%m-%d}: open a new one to go on")


def _case(row: Row[Any]) -> Case:
    return Case(**row._mapping)
