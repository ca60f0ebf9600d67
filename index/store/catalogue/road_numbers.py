"""Give sightings the numbers that their roads have on another map."""

from collections.abc import Mapping

from sqlalchemy import case, select, update

from index.store.catalogue import Connection
from index.store.catalogue.sighting_digests import renewed
from index.store.catalogue.tables import sightings


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
