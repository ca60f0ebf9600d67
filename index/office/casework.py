"""Read, open, close and mark cases, allowed and on the record."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from index.catalogue import audit, cases
from index.catalogue.cases import Case, Mark
from index.catalogue.people import Person
from index.office.access import Permission, require

if TYPE_CHECKING:
    from index.archive import Archive


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case and the last word on each of its sightings."""

    case: Case
    marks: tuple[Mark, ...]


def list_cases(archive: "Archive", person: Person) -> list[Case]:
    """Return every case, the newest first."""
    require(archive, person, Permission.CASES)
    with archive.catalogue.reading() as connection:
        return cases.listing(connection)


def read_case(archive: "Archive", person: Person, number: str) -> CaseFile:
    """Return a case with what was said to its sightings."""
    require(archive, person, Permission.CASES)
    with archive.catalogue.reading() as connection:
        return CaseFile(cases.get(connection, number), tuple(cases.marks_of(connection, number)))


def open_case(archive: "Archive", person: Person, number: str, title: str) -> Case:
    """Open a case under a number of the office's own."""
    require(archive, person, Permission.CASES)
    now = datetime.now(UTC)
    new = Case(number, title, person.id, now)
    with archive.catalogue.writing() as connection:
        cases.add(connection, new)
        audit.append(connection, at=now, person=person.id, action="open case", detail={"title": title}, case=number)
    return new


def close_case(archive: "Archive", person: Person, number: str) -> Case:
    """Close a case; it can still be read."""
    require(archive, person, Permission.CASES)
    now = datetime.now(UTC)
    with archive.catalogue.writing() as connection:
        closed = cases.close(connection, number, at=now)
        audit.append(connection, at=now, person=person.id, action="close case", detail={}, case=number)
    return closed


def mark_sighting(archive: "Archive", person: Person, number: str, sighting: str, verdict: str) -> Mark:
    """Say yes, no or unsure to a sighting of a case."""
    require(archive, person, Permission.CASES)
    now = datetime.now(UTC)
    said = Mark(number, sighting, verdict, person.id, now)
    with archive.catalogue.writing() as connection:
        cases.mark(connection, said)
        detail = {"sighting": sighting, "verdict": verdict}
        audit.append(connection, at=now, person=person.id, action="mark sighting", detail=detail, case=number)
    return said
