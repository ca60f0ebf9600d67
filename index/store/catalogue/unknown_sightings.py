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
    type_: str | None = None,
    colour: str | None = None,
    plate: bool = False,
) -> int:
    """Return how many sightings, in the windows or in all, lack a type, a colour or a plate text that is asked for.

    One of another type or colour surely does not fit, whatever else is not known of it.
    """
    read = exists().where(plate_readings.c.sighting == sightings.c.id)
    asked = [(column, value) for column, value in ((sightings.c.type, type_), (sightings.c.colour, colour)) if value]
    unknown = or_(*(column.is_(None) for column, _ in asked), *([~read] if plate else []))
    may_fit = [or_(column.is_(None), column == value) for column, value in asked]
    counted = select(func.count(sightings.c.id.distinct())).where(sightings.c.deleted_at.is_(None), unknown, *may_fit)
    if without:
        counted = counted.where(~among(sightings.c.id, sorted(without)))
    if windows is not None:
        rows = window_rows(connection, windows)
        counted = counted.select_from(rows.join(sightings, lies_in(rows)))
    return int(connection.execute(counted).scalar_one())
