"""Give sightings other roads: the numbers that theirs have on another map, or those of another place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select, update

from index.store.catalogue import Connection
from index.store.catalogue.columns import among
from index.store.catalogue.database import batched
from index.store.catalogue.sighting_digests import renewed
from index.store.catalogue.tables import sightings

_ROAD_TAKEN = (sightings.c.id, sightings.c.best, sightings.c.heading_deg, sightings.c.edge)


@dataclass(frozen=True, slots=True)
class RoadTaken:
    """The directed road that a sighting took, and what it is read from; the time is the camera's own."""

    id: str
    best: datetime
    heading_deg: float | None
    edge: int | None


def of_camera(connection: Connection, camera: str) -> list[RoadTaken]:
    """Return the roads of all sightings of a camera, forgotten ones included."""
    rows = select(*_ROAD_TAKEN).where(sightings.c.camera == camera).order_by(sightings.c.id)
    return [RoadTaken(*row) for row in connection.execute(rows)]


def cameras_of(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return the cameras that saw some sightings, ordered by id: footage may be moved while it is analysed."""
    found: set[str] = set()
    for part in batched(ids):
        asked = select(sightings.c.camera).where(among(sightings.c.id, part)).distinct()
        found.update(connection.execute(asked).scalars())
    return sorted(found)


def of_sightings(connection: Connection, camera: str, ids: Sequence[str]) -> list[RoadTaken]:
    """Return the roads of those of some sightings that a camera saw."""
    found: list[RoadTaken] = []
    for part in batched(ids):
        rows = select(*_ROAD_TAKEN).where(among(sightings.c.id, part), sightings.c.camera == camera)
        found += [RoadTaken(*row) for row in connection.execute(rows)]
    return found


def put(connection: Connection, ids: Sequence[str], edge: int | None) -> None:
    """Set the directed road that some sightings took, None: unknown."""
    with renewed(connection, ids):
        for part in batched(ids):
            connection.execute(update(sightings).where(among(sightings.c.id, part)).values(edge=edge))


def renumber_roads(connection: Connection, camera: str, new_of_old: Mapping[int, int | None]) -> None:
    """Replace the directed roads that the sightings of a camera took; None, or a road not named: unknown."""
    if all(old == new for old, new in new_of_old.items()):
        return
    mine = (sightings.c.camera == camera, sightings.c.edge.is_not(None))
    ids = list(connection.execute(select(sightings.c.id).where(*mine)).scalars())
    known = {old: new for old, new in new_of_old.items() if new is not None}
    edge = case(known, value=sightings.c.edge, else_=None) if known else None
    with renewed(connection, ids):
        connection.execute(update(sightings).where(*mine).values(edge=edge))
