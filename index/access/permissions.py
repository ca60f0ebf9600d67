"""Decide who may do what; `index` checks it before it reads anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.catalogue import Connection, people
from index.store.catalogue.people import LOCAL, Person


class Permission(Enum):
    """Something that not everyone may do; the value completes the sentence "may not ..."."""

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
    """Return the person at this machine, an admin: whoever can read the archive's files can read all of it anyway."""
    return Person(LOCAL, "admin")


def allows(archive: Archive, person: Person, permission: Permission) -> bool:
    """Return whether a person may do something, by the role stored now, not the role in `person`."""
    if person == local_person():
        return True
    with archive.catalogue.reading() as connection:
        return _is_allowed(people.get(connection, person.id), permission)


def roles_allowing(permission: Permission) -> list[str]:
    """Return the roles that allow something, by name."""
    return sorted(role for role, allowed in _ROLES.items() if permission in allowed)


def require(archive: Archive, person: Person, permission: Permission) -> None:
    """Raise NotAllowedError if a person may not do something."""
    if not allows(archive, person, permission):
        raise _not_allowed(person, permission)


@contextmanager
def writing_as(archive: Archive, person: Person, permission: Permission) -> Iterator[Connection]:
    """Give a connection for writing to a person who may do something; nobody takes that away before it is committed."""
    require(archive, person, permission)
    with archive.catalogue.writing() as connection:
        if person != local_person() and not _is_allowed(people.get(connection, person.id, lock=True), permission):
            raise _not_allowed(person, permission)
        yield connection


def _is_allowed(now: Person | None, permission: Permission) -> bool:
    return now is not None and permission in _ROLES[now.role]


def _not_allowed(person: Person, permission: Permission) -> NotAllowedError:
    return NotAllowedError(
        f"{person.id} ({person.role}) may not {permission.value}: an admin can change that with retrace user role"
    )
