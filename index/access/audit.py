"""Record who asked what and why before an answer is shown, and check that no row was changed since."""

import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from index.access.permissions import Permission, require
from index.store.archive import Archive
from index.store.catalogue import audit as chain
from index.store.catalogue.audit import ChainCheck, Entry
from index.store.catalogue.people import Person

_log = logging.getLogger(__name__)

__all__ = [
    "ChainCheck",
    "Entry",
    "chain_state",
    "check",
    "entries",
    "entries_about",
    "entries_of_case",
    "record",
]


def record(
    archive: Archive,
    person: Person,
    action: str,
    detail: Mapping[str, Any],
    *,
    reason: str | None = None,
    case: str | None = None,
) -> Entry | None:
    """Add a row, which is on the disk when this returns it; `action` is a verb, as "search" or "open picture".

    A copy that may only be read has no room for the row: a warning says so, and the result is None.
    """
    if archive.catalogue.read_only:
        _log.warning("%s may only be read: its audit cannot record %r", archive.catalogue.name, action)
        return None
    with archive.catalogue.writing() as connection:
        return chain.append(
            connection,
            at=datetime.now(UTC),
            person=person.id,
            action=action,
            detail=detail,
            reason=reason,
            case=case,
        )


def entries(archive: Archive, person: Person, *, newest: int | None = None) -> Iterator[Entry]:
    """Return the rows, first to last, only the `newest` ones if given."""
    require(archive, person, Permission.AUDIT)
    return _entries(archive, newest)


def entries_of_case(archive: Archive, person: Person, case: str) -> list[Entry]:
    """Return the rows of a case, for those who work on cases."""
    require(archive, person, Permission.CASES)
    with archive.catalogue.reading() as connection:
        return chain.of_case(connection, case)


def entries_about(archive: Archive, person: Person, actions: Collection[str]) -> list[Entry]:
    """Return the rows of some actions, for a report that must say who did something."""
    require(archive, person, Permission.CASES)
    with archive.catalogue.reading() as connection:
        return chain.of_actions(connection, actions)


def chain_state(archive: Archive, person: Person) -> ChainCheck:
    """Check the whole chain for a report, without showing any of its rows."""
    require(archive, person, Permission.CASES)
    return _check(archive)


def check(archive: Archive, person: Person) -> ChainCheck:
    """Check whether any row was changed, deleted or cut off."""
    require(archive, person, Permission.AUDIT)
    return _check(archive)


def _check(archive: Archive) -> ChainCheck:
    with archive.catalogue.reading() as connection:
        return chain.check(connection)


def _entries(archive: Archive, newest: int | None) -> Iterator[Entry]:
    with archive.catalogue.reading() as connection:
        yield from chain.listing(connection, newest=newest)
