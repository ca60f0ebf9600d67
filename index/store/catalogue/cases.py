"""Read and write cases with their marks, their notes and the pictures that were asked with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from index.errors import ArchiveError
from index.store.catalogue import row_digests
from index.store.catalogue.digest_kinds import CASES, MARKS, NOTES, OF_CASE, PICTURES
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import cases, marks, notes, question_pictures, sightings
from index.store.names import check_name, look_of

VERDICTS = ("yes", "no", "unsure")


@dataclass(frozen=True, slots=True)
class Case:
    """One inquiry; `id` is the number that people give it.

    `show_others` is why a report may show plates and faces of others, None where it blurs them.
    """

    id: str
    title: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None
    show_others: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's verdict on a sighting of a case: "yes", "no" or "unsure"."""

    case: str
    sighting: str
    verdict: str
    person: str
    marked_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wrote about a case, or about one sighting in it."""

    case: str
    sighting: str | None
    text: str
    person: str
    written_at: datetime


LONGEST_NOTE = 10_000
LONGEST_TITLE = 1000


def add(connection: Connection, new: Case) -> None:
    """Open a case; refuse a number that is empty or taken."""
    check_name(new.id, "a case")
    if len(new.title) > LONGEST_TITLE or "\x00" in new.title:
        raise ArchiveError(f"a title has at most {LONGEST_TITLE} characters, none of them U+0000: write notes, too")
    if connection.execute(select(cases.c.id).where(cases.c.id == new.id)).scalar() is not None:
        raise ArchiveError(f"case {new.id!r} exists already: choose another number, or see retrace case show {new.id}")
    for other in connection.execute(select(cases.c.id)).scalars():
        if look_of(other) == look_of(new.id):
            raise ArchiveError(f"case {new.id!r} looks like case {other!r}: choose another number")
    with renewed(connection, CASES):
        connection.execute(cases.insert().values({name: getattr(new, name) for name in Case.__dataclass_fields__}))
    for kind in OF_CASE:
        row_digests.renew(connection, kind, [new.id])


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
    with renewed(connection, CASES):
        connection.execute(update(cases).where(cases.c.id == id_).values(closed_at=at))
    return get(connection, id_)


def mark(connection: Connection, new: Mark) -> None:
    """Write a mark; earlier marks of the sighting stay stored, and the last one counts."""
    _open(connection, new.case)
    if new.verdict not in VERDICTS:
        raise ArchiveError(f"{new.verdict!r} is no verdict: say {', '.join(VERDICTS)}")
    _check_sighting(connection, new.sighting)
    with renewed(connection, MARKS, [new.case]):
        connection.execute(marks.insert().values({name: getattr(new, name) for name in Mark.__dataclass_fields__}))


def marks_of(connection: Connection, case: str) -> list[Mark]:
    """Return the last mark of each sighting of a case, in the order they were made."""
    rows = connection.execute(select(marks).where(marks.c.case == case).order_by(marks.c.id))
    last: dict[str, Mark] = {}
    for row in rows:
        last.pop(row.sighting, None)
        last[row.sighting] = Mark(row.case, row.sighting, row.verdict, row.person, row.marked_at)
    return list(last.values())


def overruled_in(connection: Connection, case: str) -> dict[str, Mark]:
    """Return by sighting the newest mark with which another person said something else than the one that counts."""
    last = {mark.sighting: mark for mark in marks_of(connection, case)}
    found: dict[str, Mark] = {}
    for row in connection.execute(select(marks).where(marks.c.case == case).order_by(marks.c.id)):
        counts = last[row.sighting]
        if row.person != counts.person and row.verdict != counts.verdict:
            found[row.sighting] = Mark(row.case, row.sighting, row.verdict, row.person, row.marked_at)
    return found


def add_note(connection: Connection, new: Note) -> None:
    """Write a note; notes are never changed, a later one corrects an earlier."""
    _open(connection, new.case)
    if not new.text.strip():
        raise ArchiveError("the note is empty: write what was seen or decided")
    if len(new.text) > LONGEST_NOTE:
        raise ArchiveError(f"the note has {len(new.text)} characters, {LONGEST_NOTE} are the most: write several")
    if "\x00" in new.text:
        raise ArchiveError("the note holds U+0000, which nobody sees: leave it out")
    if new.sighting is not None:
        _check_sighting(connection, new.sighting)
    with renewed(connection, NOTES, [new.case]):
        connection.execute(notes.insert().values({name: getattr(new, name) for name in Note.__dataclass_fields__}))


def notes_of(connection: Connection, case: str) -> list[Note]:
    """Return the notes of a case in the order they were written."""
    rows = connection.execute(select(notes).where(notes.c.case == case).order_by(notes.c.id))
    return [Note(row.case, row.sighting, row.text, row.person, row.written_at) for row in rows]


def set_show_others(connection: Connection, id_: str, reason: str | None) -> Case:
    """Write why reports of a case may show plates and faces of others; None: they are blurred."""
    _open(connection, id_)
    if reason is not None and not reason.strip():
        raise ArchiveError("say why plates and faces of others may be shown: a report prints the reason")
    with renewed(connection, CASES):
        connection.execute(update(cases).where(cases.c.id == id_).values(show_others=reason))
    return get(connection, id_)


def keep_picture(connection: Connection, case: str, sha256: str, png: bytes) -> None:
    """Keep a picture that was asked with for a case; the same one is kept once."""
    get(connection, case)
    same = (question_pictures.c.case == case, question_pictures.c.sha256 == sha256)
    if connection.execute(select(question_pictures.c.case).where(*same)).scalar() is None:
        with renewed(connection, PICTURES, [case]):
            connection.execute(question_pictures.insert().values(case=case, sha256=sha256, png=png))


def pictures_of(connection: Connection, case: str) -> dict[str, bytes]:
    """Return the PNG of each picture that was asked with for a case, by the SHA-256 of its pixels."""
    rows = connection.execute(select(question_pictures).where(question_pictures.c.case == case))
    return {row.sha256: row.png for row in rows}


def _check_sighting(connection: Connection, id_: str) -> None:
    alive = select(sightings.c.id).where(sightings.c.id == id_, sightings.c.deleted_at.is_(None))
    if connection.execute(alive).scalar() is None:
        raise ArchiveError(f"no sighting {id_!r} in the archive: see retrace sightings list")


def _open(connection: Connection, id_: str) -> None:
    closed_at = get(connection, id_).closed_at
    if closed_at is not None:
        raise ArchiveError(f"case {id_!r} was closed on {closed_at:%Y-%m-%d}: open a new one to go on")


def _case(row: Row[Any]) -> Case:
    return Case(**row._mapping)
