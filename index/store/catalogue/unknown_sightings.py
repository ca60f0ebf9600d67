"""Count the sightings of which nobody knows what a description asks for."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Text, exists, or_, select, type_coerce

from index.records import Window
from index.store.catalogue.columns import among, probability_maps
from index.store.catalogue.tables import plate_readings, sightings
from index.store.catalogue.windows import lies_in, window_rows

NEARLY = 0.5
"""A type or colour that is at least half as likely as the likeliest may as well be the right one."""


def count_unknown(
    connection: Connection,
    windows: Iterable[Window] | None,
    *,
    without: Collection[str] = (),
    type_: str | None = None,
    colour: str | None = None,
    plate: bool = False,
) -> int:
    """Return of how many sightings, in the windows or in all, nobody knows whether they fit what is asked for.

    They lack a type, a colour or a plate text, or are nearly as likely of the type or colour asked for as of another.
    One that is surely of another does not fit, whatever else is not known of it.
    """
    read = exists().where(plate_readings.c.sighting == sightings.c.id)
    asked = {name: value for name, value in (("type", type_), ("colour", colour)) if value}
    other = [or_(sightings.c[name].is_(None), sightings.c[name] != value) for name, value in asked.items()]
    shares = (type_coerce(sightings.c[f"{name}s"], Text).label(f"{name}s") for name in asked)
    found = select(sightings.c.id, *(sightings.c[name] for name in asked), *shares)
    found = found.where(sightings.c.deleted_at.is_(None), or_(*other, *([~read] if plate else [])))
    if without:
        found = found.where(~among(sightings.c.id, sorted(without)))
    if windows is not None:
        rows = window_rows(connection, windows)
        found = found.select_from(rows.join(sightings, lies_in(rows)))
    each = {row.id: row for row in connection.execute(found)}
    return sum(all(_may_be(row, name, value) for name, value in asked.items()) for row in each.values())


def _may_be(row: Row[Any], name: str, value: str) -> bool:
    """Tell whether a sighting may be of a type or colour: it is, nobody knows it, or it is nearly as likely."""
    known = row._mapping[name]
    if known is None or known == value:
        return True
    shares: Mapping[str, float] = probability_maps([row._mapping[f"{name}s"]])[0]
    return shares.get(value, 0.0) >= NEARLY * shares.get(known, 1.0)
