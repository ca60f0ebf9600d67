"""Write down who asked what and why before the answer is shown, and prove later that nothing was changed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from index.catalogue import audit as chain
from index.catalogue.audit import ChainCheck, Entry
from index.catalogue.people import Person
from index.office.access import Permission, require

if TYPE_CHECKING:
    from index.archive import Archive

__all__ = ["ChainCheck", "Entry", "check", "entries", "record"]


def record(
    archive: "Archive",
    person: Person,
    action: str,
    detail: Mapping[str, Any],
    *,
    reason: str | None = None,
    case: str | None = None,
) -> Entry:
    """Add a row that is on the disk when this returns; `action` is a verb and a noun, as "search" or "open picture"."""
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


def entries(archive: "Archive", person: Person, *, newest: int | None = None) -> Iterator[Entry]:
    """Return the rows, first to last; only the `newest` ones if asked."""
    require(archive, person, Permission.AUDIT)
    return _entries(archive, newest)


def check(archive: "Archive", person: Person) -> ChainCheck:
    """Tell whether any row was changed, taken out or cut off."""
    require(archive, person, Permission.AUDIT)
    with archive.catalogue.reading() as connection:
        return chain.check(connection)


def _entries(archive: "Archive", newest: int | None) -> Iterator[Entry]:
    with archive.catalogue.reading() as connection:
        yield from chain.listing(connection, newest=newest)
