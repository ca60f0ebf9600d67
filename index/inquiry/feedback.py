"""Take what people said in a case into the search: a yes is an anchor, a no is left out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.catalogue import cases

if TYPE_CHECKING:
    from index.archive import Archive


@dataclass(frozen=True, slots=True)
class Marks:
    """The sightings that people of a case confirmed and those they ruled out."""

    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()


def marks_of(archive: "Archive", case: str | None) -> Marks:
    """Return the last word on each sighting of a case; "unsure" says nothing."""
    if case is None:
        return Marks()
    with archive.catalogue.reading() as connection:
        said = cases.marks_of(connection, cases.get(connection, case).id)
    by_verdict = {verdict: frozenset(m.sighting for m in said if m.verdict == verdict) for verdict in ("yes", "no")}
    return Marks(by_verdict["yes"], by_verdict["no"])
