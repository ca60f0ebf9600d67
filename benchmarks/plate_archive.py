"""Fill an archive with made-up plates, one a sighting, and tell what its tables weigh."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import text

from index.archive import Archive
from index.catalogue import Connection, cameras, models, tables
from index.catalogue.cameras import StoredCamera
from index.catalogue.database import insert_many
from index.catalogue.models import Model
from index.catalogue.rotations import rotations

START = datetime(2026, 5, 4, tzinfo=UTC)
AT_ONCE = 100_000
TEMPLATES = ("LLDDDLL", "LLLDDDD", "DDDDLLL", "LLDDLLL", "LLDDDDD", "LDDDDL", "LLDLDDDD")
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
READER = "made-up-reader"


def made_texts(count: int, *, seed: int) -> list[str]:
    """Return plates of usual layouts, letters and digits drawn evenly."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(len(TEMPLATES), size=count)
    found = np.empty(count, dtype=object)
    for number, template in enumerate(TEMPLATES):
        rows = np.flatnonzero(kind == number)
        columns = [_drawn(rng, LETTERS if sign == "L" else DIGITS, len(rows)) for sign in template]
        found[rows] = ["".join(one) for one in zip(*(column.tolist() for column in columns), strict=True)]
    return list(found)


def add_plates(archive: Archive, texts: Sequence[str]) -> None:
    """Put the plates into a new archive, the rows of each table in their order; they cannot be found yet."""
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("bridge", 48.0, 11.0)])
        models.remember(connection, [Model(READER, "plate_reader")], at=START)
    for first in range(0, len(texts), AT_ONCE):
        with archive.catalogue.writing() as connection:
            _add(connection, range(first, min(first + AT_ONCE, len(texts))), texts)


def list_plates(archive: Archive, texts: Sequence[str]) -> None:
    """Make the list by which they are found, and let the database see how large everything is."""
    for turned in _turned(texts):
        with archive.catalogue.writing() as connection:
            insert_many(connection, tables.plate_rotations, turned)
    with archive.catalogue.writing() as connection:
        if not archive.catalogue.is_sqlite:
            newest = (
                "SELECT setval(pg_get_serial_sequence('plate_readings', 'number'), max(number)) FROM plate_readings"
            )
            connection.execute(text(newest))
        connection.execute(text("ANALYZE"))


def size_bytes(archive: Archive) -> int:
    """Return what the database takes on the disk, without its log."""
    pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    asked = pages if archive.catalogue.is_sqlite else "SELECT pg_database_size(current_database())"
    with archive.catalogue.reading() as connection:
        return int(connection.execute(text(asked)).scalar_one())


def sighting_row(number: int) -> dict[str, Any]:
    """Return the row of a sighting without pictures."""
    best = START + timedelta(seconds=number)
    times = {"first": best, "best": best, "last": best, "added_at": START}
    where = {"id": f"{number:024d}", "camera": "bridge", "x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    return {**where, **times, "types": {"car": 1.0}, "colours": {}}


def plate_row(sighting: str, read: str) -> dict[str, Any]:
    """Return the row of a plate whose characters are nearly sure."""
    sure = [{character: 0.9} for character in read]
    where = {"box": [0, 0, 1, 1], "corners": []}
    return {"sighting": sighting, "model": READER, "text": read, "confidence": 0.9, "characters": sure, **where}


def _add(connection: Connection, rows: range, texts: Sequence[str]) -> None:
    insert_many(connection, tables.sightings, [sighting_row(row) for row in rows])
    insert_many(connection, tables.plates, [plate_row(f"{row:024d}", texts[row]) for row in rows])
    readings = [{"number": row + 1, "sighting": f"{row:024d}", "text": texts[row]} for row in rows]
    insert_many(connection, tables.plate_readings, readings)


def _turned(texts: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of the list in its own order: it is written once, from its beginning to its end."""
    closed = [rotations(one)[0] for one in texts]
    longest = max(map(len, closed))
    signs = np.array(closed, f"S{longest}").view("S1").reshape(len(closed), longest)
    for first in np.unique(signs):
        if first:
            rows, places = np.nonzero(signs == first)
            both = zip(rows.tolist(), places.tolist(), strict=True)
            turned = sorted((closed[row][place:] + closed[row][:place], row) for row, place in both)
            for start in range(0, len(turned), AT_ONCE):
                some = turned[start : start + AT_ONCE]
                yield [{"rotation": rotation, "reading": row + 1} for rotation, row in some]


def _drawn(rng: np.random.Generator, characters: str, count: int) -> npt.NDArray[np.str_]:
    return np.array(list(characters))[rng.integers(len(characters), size=count)]
