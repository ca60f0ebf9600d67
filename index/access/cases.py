"""List, read, open and close cases, mark and annotate them, with a permission check and an audit row each."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from index.access.permissions import Permission, require, writing_as
from index.store.archive import Archive
from index.store.catalogue import audit, cases
from index.store.catalogue.cases import Case, Mark, Note
from index.store.catalogue.people import Person
from reid.images import encode_png
from reid.vehicle import Image


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, the last mark of each of its sightings, and its notes.

    `overruled` has by sighting the mark with which another person said something else before.
    """

    case: Case
    marks: tuple[Mark, ...]
    notes: tuple[Note, ...] = field(default=())
    overruled: Mapping[str, Mark] = field(default_factory=dict)


def list_cases(archive: Archive, person: Person) -> list[Case]:
    """Return every case, the newest first."""
    require(archive, person, Permission.CASES)
    with archive.catalogue.reading() as connection:
        return cases.listing(connection)


def read_case(archive: Archive, person: Person, number: str) -> CaseFile:
    """Return a case with the marks of its sightings, and its notes."""
    require(archive, person, Permission.CASES)
    with archive.catalogue.reading() as connection:
        marks, notes = cases.marks_of(connection, number), cases.notes_of(connection, number)
        overruled = cases.overruled_in(connection, number)
        return CaseFile(cases.get(connection, number), tuple(marks), tuple(notes), overruled)


def open_case(archive: Archive, person: Person, number: str, title: str) -> Case:
    """Open a case under a number that the person chooses."""
    now = datetime.now(UTC)
    new = Case(number, title, person.id, now)
    with writing_as(archive, person, Permission.CASES) as connection:
        cases.add(connection, new)
        audit.append(connection, at=now, person=person.id, action="open case", detail={"title": title}, case=number)
    return new


def close_case(archive: Archive, person: Person, number: str) -> Case:
    """Close a case; it stays readable."""
    now = datetime.now(UTC)
    with writing_as(archive, person, Permission.CASES) as connection:
        closed = cases.close(connection, number, at=now)
        audit.append(connection, at=now, person=person.id, action="close case", detail={}, case=number)
    return closed


def mark_sighting(archive: Archive, person: Person, number: str, sighting: str, verdict: str) -> Mark:
    """Mark a sighting of a case with yes, no or unsure."""
    now = datetime.now(UTC)
    mark = Mark(number, sighting, verdict, person.id, now)
    with writing_as(archive, person, Permission.CASES) as connection:
        cases.mark(connection, mark)
        detail = {"sighting": sighting, "verdict": verdict}
        audit.append(connection, at=now, person=person.id, action="mark sighting", detail=detail, case=number)
    return mark


def write_note(archive: Archive, person: Person, number: str, text: str, *, sighting: str | None = None) -> Note:
    """Write a note about a case, or about one sighting of it."""
    now = datetime.now(UTC)
    note = Note(number, sighting, text, person.id, now)
    with writing_as(archive, person, Permission.CASES) as connection:
        cases.add_note(connection, note)
        detail = {"sighting": sighting, "sha256": hashlib.sha256(text.encode()).hexdigest()}
        audit.append(connection, at=now, person=person.id, action="write note", detail=detail, case=number)
    return note


def show_others(archive: Archive, person: Person, number: str, reason: str | None) -> Case:
    """Let the reports of a case show plates and faces of others, for a reason; None: blur them."""
    now = datetime.now(UTC)
    with writing_as(archive, person, Permission.CASES) as connection:
        changed = cases.set_show_others(connection, number, reason)
        action = "cover others" if reason is None else "show others"
        audit.append(connection, at=now, person=person.id, action=action, detail={}, reason=reason, case=number)
    return changed


def keep_pictures(archive: Archive, person: Person, number: str, pictures: Sequence[Image]) -> None:
    """Keep the pictures that a question of a case is asked with; a report asks the question with them again."""
    with writing_as(archive, person, Permission.CASES) as connection:
        for picture in pictures:
            digest = hashlib.sha256(picture.tobytes()).hexdigest()
            cases.keep_picture(connection, number, digest, encode_png(picture))
