"""Tell whether what answers rest on changed since an earlier moment, at one cost however many sightings there are."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from index.store.catalogue import camera_totals
from index.store.catalogue.about import fact
from index.store.catalogue.digest_kinds import CALIBRATIONS, CAMERAS, CLOCKS, MARKS, PLACES, TRAVEL_TIMES
from index.store.catalogue.road_mark import WHOLE
from index.store.catalogue.tables import batch_removals, batches, coverage, row_digests


@dataclass(frozen=True, slots=True)
class SightingsState:
    """The number of sightings, the newest batch of vectors, and the newest entry of the log of removals.

    Also the newest stretch of time that was looked at, and what is known of cameras, their clocks, the roads and the
    drives between them, as a hash: an answer rests on these as much as on sightings.
    """

    number: int
    newest: int
    removals: int
    looked: int = 0
    known: str = ""

    def is_without_some_of(self, before: "SightingsState") -> bool:
        """Tell whether a sighting may be gone, or have been moved, that was there before."""
        return self.removals != before.removals or self.number < before.number


_NEWEST = select(
    select(func.max(batches.c.id)).scalar_subquery(),
    select(func.max(batch_removals.c.id)).scalar_subquery(),
    select(func.max(coverage.c.id)).scalar_subquery(),
)

_KNOWN = (
    select(row_digests.c.kind, row_digests.c.owner, row_digests.c.digest)
    .where(row_digests.c.kind.in_([kind.name for kind in (CAMERAS, PLACES, CLOCKS, CALIBRATIONS, TRAVEL_TIMES)]))
    .order_by(row_digests.c.kind, row_digests.c.owner)
)


def sightings_state(connection: Connection) -> SightingsState:
    """Return the state of the sightings as they are now."""
    newest, removals, looked = connection.execute(_NEWEST).one()
    known = hashlib.sha256((fact(connection, WHOLE) or "").encode("utf-8", "surrogatepass"))
    for _, owner, digest in connection.execute(_KNOWN):
        known.update(owner.encode("utf-8", "surrogatepass") + b"\0" + bytes(digest))
    total = camera_totals.of_all(connection)
    return SightingsState(total, newest or 0, removals or 0, looked or 0, known.hexdigest())


def marks_state(connection: Connection, case: str) -> str:
    """Return what changes with each mark of a case, an empty text where there is no such case."""
    digest = connection.execute(
        select(row_digests.c.digest).where(row_digests.c.kind == MARKS.name, row_digests.c.owner == case)
    ).scalar()
    return "" if digest is None else bytes(digest).hex()
