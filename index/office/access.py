"""Decide who may do what; asked in `index`, before anything is looked up."""

from enum import Enum
from typing import TYPE_CHECKING

from index.catalogue import people
from index.catalogue.people import LOCAL, Person
from index.errors import ArchiveError

if TYPE_CHECKING:
    from index.archive import Archive


class Permission(Enum):
    """Something that not everyone may do, in words that fit "may not ..."."""

    SEE = "look at sightings and pictures"
    SEARCH = "search"
    CASES = "work on cases"
    INGEST = "change footage, cameras and roads"
    AUDIT = "read the audit"
    PEOPLE = "change accounts"
    PURGE = "purge or copy the archive"


_ROLES = {
    "viewer": frozenset({Permission.SEE}),
    "investigator": frozenset({Permission.SEE, Permission.SEARCH, Permission.CASES}),
    "operator": frozenset({Permission.SEE, Permission.INGEST}),
    "auditor": frozenset({Permission.AUDIT}),
    "admin": frozenset(Permission),
}


class NotAllowedError(ArchiveError):
    """A person asked for something that their role does not allow."""


def local_person() -> Person:
    """Return who sits at this machine: whoever can read the archive's files can read all of it anyway."""
    return Person(LOCAL, "admin")


def allows(archive: "Archive", person: Person, permission: Permission) -> bool:
    """Tell whether a person may do something as of now, not as of when they came in."""
    if person == local_person():
        return True
    with archive.catalogue.reading() as connection:
        now = people.get(connection, person.id)
    return now is not None and permission in _ROLES[now.role]


def require(archive: "Archive", person: Person, permission: Permission) -> None:
    """Refuse what a person may not do."""
    if not allows(archive, person, permission):
        raise NotAllowedError(
            f"{person.id} ({person.role}) may not {permission.value}: an admin can change that with retrace user role"
        )
