"""Read and write the accounts of people, and their roles."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from index.errors import ArchiveError
from index.store.catalogue.digest_kinds import PEOPLE
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import people
from index.store.names import check_name, look_of

ROLES = ("viewer", "investigator", "operator", "auditor", "admin")
LOCAL = "local"
"""The id of the person at the machine; no account may have it."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the archive; `index/access/permissions.py` says what a role may do."""

    id: str
    role: str


def add(connection: Connection, new: Person, *, at: datetime) -> None:
    """Add an account; a removed id may be used again."""
    _known_role(new.role)
    check_name(new.id, "an account")
    if look_of(new.id) == look_of(LOCAL):
        raise ArchiveError(f"{LOCAL!r} is whoever sits at this machine: choose another name")
    # Removed ones, too: their ids are in the audit.
    for other in connection.execute(select(people.c.id)).scalars():
        if other != new.id and look_of(other) == look_of(new.id):
            raise ArchiveError(f"{new.id!r} looks like {other!r}, which the audit knows: choose another name")
    if get(connection, new.id) is not None:
        raise ArchiveError(f"{new.id!r} has an account already: change it with retrace user role {new.id} ROLE")
    back = update(people).where(people.c.id == new.id).values(role=new.role, password=None, deleted_at=None)
    with renewed(connection, PEOPLE):
        if connection.execute(back).rowcount == 0:
            connection.execute(people.insert().values(id=new.id, role=new.role, added_at=at))


def get(connection: Connection, id_: str, *, lock: bool = False) -> Person | None:
    """Return a person, None where there is no such account; `lock`: others wait to change it."""
    found = select(people.c.id, people.c.role).where(people.c.id == id_, people.c.deleted_at.is_(None))
    row = connection.execute(found.with_for_update(read=True) if lock else found).one_or_none()
    return None if row is None else Person(row.id, row.role)


def listing(connection: Connection) -> list[Person]:
    """Return everyone with an account, ordered by id."""
    rows = connection.execute(
        select(people.c.id, people.c.role).where(people.c.deleted_at.is_(None)).order_by(people.c.id)
    )
    return [Person(row.id, row.role) for row in rows]


def set_role(connection: Connection, id_: str, role: str) -> Person:
    """Give a person another role; the last admin must stay admin."""
    _known_role(role)
    if role != "admin":
        _keep_an_admin(connection, id_)
    with renewed(connection, PEOPLE):
        connection.execute(update(people).where(people.c.id == _existing(connection, id_).id).values(role=role))
    return Person(id_, role)


def remove(connection: Connection, id_: str, *, at: datetime) -> None:
    """Remove an account; its id stays in the audit. The last admin can be removed only as the last person."""
    _existing(connection, id_)
    if len(listing(connection)) > 1:
        _keep_an_admin(connection, id_)
    with renewed(connection, PEOPLE):
        connection.execute(update(people).where(people.c.id == id_).values(deleted_at=at, password=None))


def _existing(connection: Connection, id_: str) -> Person:
    found = get(connection, id_)
    if found is None:
        raise ArchiveError(f"nobody here is called {id_!r}: see retrace user list")
    return found


def _keep_an_admin(connection: Connection, without: str) -> None:
    if _existing(connection, without).role != "admin":
        return
    others = select(func.count()).where(people.c.role == "admin", people.c.id != without, people.c.deleted_at.is_(None))
    if connection.execute(others).scalar_one() == 0:
        raise ArchiveError(f"{without!r} is the last admin: make someone else admin first")


def _known_role(role: str) -> None:
    if role not in ROLES:
        raise ArchiveError(f"{role!r} is no role: choose one of {', '.join(ROLES)}")
