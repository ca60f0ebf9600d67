"""List, add and remove accounts and change roles, with a permission check and an audit row each."""

from datetime import UTC, datetime

from index.access.permissions import Permission, require, roles_allowing, writing_as
from index.store.archive import Archive
from index.store.catalogue import audit, people
from index.store.catalogue.people import Person


def list_people(archive: Archive, by: Person) -> list[Person]:
    """Return everyone with an account, ordered by id."""
    require(archive, by, Permission.PEOPLE)
    with archive.catalogue.reading() as connection:
        return people.listing(connection)


def who_may(archive: Archive, by: Person, permission: Permission) -> list[Person]:
    """Return everyone with an account whose role allows something; whoever may do it themselves may know."""
    require(archive, by, permission)
    with archive.catalogue.reading() as connection:
        return [person for person in people.listing(connection) if person.role in roles_allowing(permission)]


def add_person(archive: Archive, by: Person, name: str, role: str) -> Person:
    """Add an account."""
    now = datetime.now(UTC)
    new = Person(name, role)
    with writing_as(archive, by, Permission.PEOPLE) as connection:
        people.add(connection, new, at=now)
        audit.append(connection, at=now, person=by.id, action="add person", detail={"name": name, "role": role})
    return new


def change_role(archive: Archive, by: Person, name: str, role: str) -> Person:
    """Give a person another role."""
    with writing_as(archive, by, Permission.PEOPLE) as connection:
        changed = people.set_role(connection, name, role)
        detail = {"name": name, "role": role}
        audit.append(connection, at=datetime.now(UTC), person=by.id, action="change role", detail=detail)
    return changed


def remove_person(archive: Archive, by: Person, name: str) -> None:
    """Remove an account; the person's audit rows stay."""
    now = datetime.now(UTC)
    with writing_as(archive, by, Permission.PEOPLE) as connection:
        people.remove(connection, name, at=now)
        audit.append(connection, at=now, person=by.id, action="remove person", detail={"name": name})
