"""Count the sightings of which nobody knows what a description asks for."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, exists, func, or_, select

from index.records import Window
from index.store.catalogue.columns import among
from index.store.catalogue.tables import plate_readings, sightings
from index.store.catalogue.windows import lies_in, window_rows


def count_unknown(
    connection: Connection,
    windows: Iterable[Window] | None,
    *,
    without: Collection[str] = (),
    type_: bool = False,
    colour: bool = False,
    plate: bool = False,
) -> int:
    """Return how many sightings, in the windows or in all, lack a type, a colour or a plate text that is asked for."""
    read = exists().where(plate_readings.c.sighting == sightings.c.id)
    lacking = [(type_, sightings.c.type.is_(None)), (colour, sightings.c.colour.is_(None)), (plate, ~read)]
    unknown = or_(*(condition for is_asked, condition in lacking if is_asked))
    counted = select(func.count(sightings.c.id.distinct())).where(sightings.c.deleted_at.is_(None), unknown)
    if without:
        counted = counted.where(~among(sightings.c.id, sorted(without)))
    if windows is not None:
        rows = window_rows(connection, windows)
        counted = counted.select_from(rows.join(sightings, lies_in(rows)))
    return int(connection.execute(counted).scalar_one())
