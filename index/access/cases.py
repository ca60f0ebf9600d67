"""List, read, open and close cases and mark their sightings, with a permission check and an audit row each."""

from dataclasses import dataclass
from datetime import UTC, datetime

from index.access.permissions import Permission, require
from index.store.archive import Archive
from index.store.catalogue import audit, cases
from index.store.catalogue.cases import Case, Mark
from index.store.catalogue.people import Person


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case and the last mark of each of its sightings."""

    case: Case
    marks: tuple[Mark, ...]


def list_cases(archive: Archive, person: Person) -> list[Case]:
    """Return every case, the newest first."""
    require(archive, person, Permission.CASES)
    with archive.catalogue.reading() as connection:
        return cases.listing(connection)


def read_case(archive: Archive, person: Person, number: str) -> CaseFile:
    """Return a case with the marks of its sightings."""
    require(archive, person, Permission.CASES)
    with archive.catalogue.reading() as connection:
        return CaseFile(cases.get(connection, number), tuple(cases.marks_of(connection, number)))


def open_case(archive: Archive, person: Person, number: str, title: str) -> Case:
    """Open a case under a number that the person chooses."""
    require(archive, person, Permission.CASES)
    now = datetime.now(UTC)
    new = Case(number, title, person.id, now)
    with archive.catalogue.writing() as connection:
        cases.add(connection, new)
        audit.append(connection, at=now, person=person.id, action="open case", detail={"title": title}, case=number)
    return new


def close_case(archive: Archive, person: Person, number: str) -> Case:
    """Close a case; it stays readable."""
    require(archive, person, Permission.CASES)
    now = datetime.now(UTC)
    with archive.catalogue.writing() as connection:
        closed = cases.close(connection, number, at=now)
        audit.append(connection, at=now, person=person.id, action="close case", detail={}, case=number)
    return closed


def mark_sighting(archive: Archive, person: Person, number: str, sighting: str, verdict: str) -> Mark:
    """Mark a sighting of a case with yes, no or unsure."""
    require(archive, person, Permission.CASES)
    now = datetime.now(UTC)
    mark = Mark(number, sighting, verdict, person.id, now)
    with archive.catalogue.writing() as connection:
        cases.mark(connection, mark)
        detail = {"sighting": sighting, "verdict": verdict}
        audit.append(connection, at=now, person=person.id, action="mark sighting", detail=detail, case=number)
    return mark
