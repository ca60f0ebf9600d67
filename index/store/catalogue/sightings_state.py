"""Tell whether sightings came or went since an earlier moment, at the same cost however many there are."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from index.store.catalogue import camera_totals
from index.store.catalogue.tables import batch_removals, batches


@dataclass(frozen=True, slots=True)
class SightingsState:
    """The number of sightings, the newest batch of vectors, and the newest entry of the log of removals."""

    number: int
    newest: int
    removals: int

    def is_without_some_of(self, before: "SightingsState") -> bool:
        """Tell whether a sighting may be gone, or have been moved, that was there before."""
        return self.removals != before.removals or self.number < before.number


_NEWEST = select(
    select(func.max(batches.c.id)).scalar_subquery(), select(func.max(batch_removals.c.id)).scalar_subquery()
)


def sightings_state(connection: Connection) -> SightingsState:
    """Return the state of the sightings as they are now."""
    newest, removals = connection.execute(_NEWEST).one()
    return SightingsState(camera_totals.of_all(connection), newest or 0, removals or 0)
