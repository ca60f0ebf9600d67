"""Find plates by any part of them that is known: every rotation of every likely text lies in one sorted list."""

import json
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, delete, func, insert, select, text

from index.catalogue.among import among
from index.catalogue.database import AT_ONCE, batched, insert_many
from index.catalogue.rotations import Scan, rotations, scan
from index.catalogue.sighting_rows import plain_text, plate_of
from index.catalogue.tables import plate_readings, plate_rotations, plates, sightings
from reid.plates.likely import likely_texts
from reid.plates.pattern import PlatePattern
from reid.vehicle import Plate

_LAST = "\U0010ffff"
"""Comes after whatever a text goes on with."""

_FITS = {
    "sqlite": text(
        "SELECT r.reading FROM json_each(:prefixes) AS p CROSS JOIN plate_rotations AS r "
        # The plus keeps SQLite from seeking by what GLOB begins with, which is less than the prefix.
        "WHERE r.rotation >= p.value AND r.rotation < p.value || :last AND +r.rotation GLOB :glob"
    ),
    "postgresql": text(
        # OFFSET 0 and the empty text keep the planner from beginning with LIKE, whose rows it takes for few.
        "SELECT r.reading FROM unnest(CAST(:prefixes AS text[])) AS p(value) CROSS JOIN LATERAL ("
        "SELECT reading FROM plate_rotations WHERE rotation >= p.value AND rotation < p.value || :last "
        "AND rotation || '' LIKE :like AND rotation || '' ~ :expression OFFSET 0) AS r"
    ),
}
"""The readings that fit, in the order of the list; both databases go from beginning to beginning by the index."""


def add(connection: Connection, read: Sequence[tuple[str, Plate]]) -> None:
    """Take in the plates of sightings, each with the few texts that it most probably has."""
    rows = [{"sighting": sighting, "text": likely} for sighting, plate in read for likely in _texts(plate)]
    if not rows:
        return
    numbered = insert(plate_readings).returning(plate_readings.c.number, sort_by_parameter_order=True)
    numbers = connection.execute(numbered, rows).scalars()
    turned = [
        {"rotation": rotation, "reading": number}
        for number, row in zip(numbers, rows, strict=True)
        for rotation in rotations(row["text"])
    ]
    # Neighbours in the list go in together: fewer pages are touched.
    insert_many(connection, plate_rotations, sorted(turned, key=lambda row: str(row["rotation"])))


def remove(connection: Connection, ids: Collection[str]) -> None:
    """Take out what the sightings' plates were read as."""
    for some in batched(ids):
        gone = connection.execute(select(plate_readings).where(among(plate_readings.c.sighting, some))).all()
        keys = [{"turned": rotation, "number": row.number} for row in gone for rotation in rotations(row.text)]
        if keys:
            connection.execute(text("DELETE FROM plate_rotations WHERE rotation = :turned AND reading = :number"), keys)
        connection.execute(delete(plate_readings).where(among(plate_readings.c.sighting, some)))


def find(connection: Connection, pattern: PlatePattern, *, limit: int | None = None) -> list[str]:
    """Return the sightings whose plate can be read so that it fits, the first `limit` in the order of the list."""
    found: dict[str, None] = {}
    for way in pattern.ways:
        for some in _fitting(connection, scan(way)):
            found.update(dict.fromkeys(_alive(connection, some)))
            if limit is not None and len(found) >= limit:
                return list(found)[:limit]
    return list(found)


def rebuild(connection: Connection) -> None:
    """Make the list anew from the plates."""
    connection.execute(delete(plate_rotations))
    connection.execute(delete(plate_readings))
    rows = connection.execute(select(plates).order_by(plates.c.sighting, plates.c.model)).partitions(AT_ONCE)
    for some in rows:
        add(connection, [(row.sighting, plate_of(row)) for row in some])


def problems(connection: Connection) -> list[str]:
    """Return what the list lacks or has too much, in one line each."""
    lost = (
        select(func.count())
        .select_from(plates)
        .where(plates.c.text > "", plates.c.sighting.not_in(select(plate_readings.c.sighting)))
    )
    listed = select(func.count()).select_from(plate_rotations)
    wanted = select(func.coalesce(func.sum(func.length(plate_readings.c.text) + 1), 0))
    found = []
    if count := connection.execute(lost).scalar_one():
        found.append(f"plates: {count} cannot be found by their text: run retrace rebuild")
    if connection.execute(listed).scalar_one() != connection.execute(wanted).scalar_one():
        found.append("plates: the list of rotations does not agree with the readings: run retrace rebuild")
    return found


def _texts(plate: Plate) -> list[str]:
    """Return the texts that a plate is found by: as it was read, and the other likely ones."""
    if plate.text is None:
        return []
    likely = [plain_text(one.text) for one in likely_texts(plate.characters)]
    return [one for one in dict.fromkeys([plain_text(plate.text), *likely]) if one]


def _fitting(connection: Connection, scan: Scan) -> Iterator[list[int]]:
    """Yield the readings that fit, some at a time, as long as they are asked for."""
    name = connection.dialect.name
    prefixes = json.dumps(scan.prefixes) if name == "sqlite" else list(scan.prefixes)
    parts = {"prefixes": prefixes, "last": _LAST, "glob": scan.glob, "like": scan.like, "expression": scan.expression}
    statement = _FITS[name].execution_options(yield_per=AT_ONCE)
    with connection.execute(statement, {key: parts[key] for key in _FITS[name].compile().params}) as rows:
        for some in rows.scalars().partitions(AT_ONCE):
            yield list(some)


def _alive(connection: Connection, readings: Sequence[int]) -> list[str]:
    """Return the sightings of readings, in their order, those forgotten left out."""
    columns = select(plate_readings.c.number, sightings.c.id).join_from(plate_readings, sightings)
    wanted = columns.where(among(plate_readings.c.number, readings), sightings.c.deleted_at.is_(None))
    owners = {row.number: row.id for row in connection.execute(wanted)}
    return [owners[number] for number in readings if number in owners]
