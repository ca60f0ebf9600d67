"""Tell where and when each plate was read, for those who pair passages by them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from index.catalogue.tables import plates, sightings


@dataclass(frozen=True, slots=True)
class PlateRead:
    """A plate as it was read at a sighting; the time is the camera's own, `edge` the directed road it took."""

    text: str
    sighting: str
    camera: str
    time: datetime
    edge: int | None


def confident(connection: Connection, *, least_confidence: float, least_characters: int) -> list[PlateRead]:
    """Return the readings that are sure and long enough, each text of a sighting once, by text and time."""
    wanted = (
        select(plates.c.text, sightings.c.id, sightings.c.camera, sightings.c.best, sightings.c.edge)
        .join_from(plates, sightings, plates.c.sighting == sightings.c.id)
        .where(sightings.c.deleted_at.is_(None), plates.c.text.is_not(None))
        .where(plates.c.confidence >= least_confidence)
        .order_by(plates.c.text, sightings.c.best, sightings.c.id)
    )
    rows = (PlateRead(*row) for row in connection.execute(wanted))
    return list(dict.fromkeys(row for row in rows if len(row.text) >= least_characters))
