"""Find plates by patterns, in a sorted list of every rotation of every text (a permuterm index).

The text AB12 is stored as eAB12, AB12e, B12eA, 12eAB and 2eAB1: the mark e stands where the end meets the beginning,
and tells how long the text is. Whatever part of a plate is known, some rotation begins with it (Garfield; Manning et
al., Introduction to Information Retrieval, section 3.2.1).
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, text

from index.store.catalogue.columns import among
from index.store.catalogue.database import AT_ONCE, batched, insert_many
from index.store.catalogue.plates import all_plates, plain_text
from index.store.catalogue.table_locks import lock_tables, wait_for_lock
from index.store.catalogue.tables import plate_readings, plate_rotations, plates, sightings
from reid.plates.automaton import ANY, CharacterSet, Way
from reid.plates.pattern import PlatePattern
from reid.plates.spelling import FREQUENCY, LONGEST, likely_texts
from reid.vehicle import Plate

_LONGEST = 25
"""Longer texts share a mark."""

_MARKS = "abcdefghijklmnopqrstuvwxyz"
_ALL_MARKS = frozenset(_MARKS)
_USUAL_LENGTHS = range(5, 10)

_UNUSUAL_SHARE = 0.01
"""The share of all texts whose length is unusual for plates."""

_MARK_SHARE = 1 / 8
"""The share of a usual plate's rotations that begin with the mark."""

_ROWS = 1e8
"""The length of list for which the scan is chosen: on a short one every scan is quick."""

_SEEK_ROWS = 40.0
"""A seek in the list takes as long as reading so many rows."""

MOST_PREFIXES = 20_000

_ANYTHING: CharacterSet = frozenset()
"""Stands for any number of characters among the places of a rotated pattern."""

_LAST = "\U0010ffff"
"""Sorts after every other character."""

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
"""Select the readings that fit, in the order of the list; both databases seek each prefix in the index."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The rotations to read for one way of a pattern: those with these prefixes whose places fit."""

    prefixes: tuple[str, ...]
    places: tuple[CharacterSet, ...]

    @property
    def glob(self) -> str:
        """Return the rotated pattern as SQLite's GLOB writes it."""
        return _glob(self.places)

    @property
    def like(self) -> str:
        """Return the rotated pattern for SQL's LIKE, which may match more texts than fit."""
        return "".join("%" if few == _ANYTHING else next(iter(few)) if len(few) == 1 else "_" for few in self.places)

    @property
    def expression(self) -> str:
        """Return the rotated pattern as a regular expression."""
        return _expression(self.places)


def rotations(text: str) -> list[str]:
    """Return every rotation of a text with its mark; none for an empty text."""
    closed = text + _MARKS[min(len(text), _LONGEST)]
    return [closed[start:] + closed[:start] for start in range(len(closed))] if text else []


def scan(way: Way) -> Scan:
    """Return the cheapest scan that finds all texts that fit the way."""
    _, depth, places = min(_costed(way), key=lambda scan: scan[:2])
    return Scan(tuple("".join(characters) for characters in product(*map(sorted, places[:depth]))), places)


def add(connection: Connection, read: Sequence[tuple[str, Plate]]) -> None:
    """Add the plates of sightings, each under its few most probable texts."""
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
    # Sorted, because inserting neighbours together touches fewer pages.
    insert_many(connection, plate_rotations, sorted(turned, key=lambda row: str(row["rotation"])))


def remove(connection: Connection, ids: Collection[str]) -> None:
    """Delete the plates of sightings from the index; one that is being built again is waited for."""
    wait_for_lock(connection, [plate_readings, plate_rotations])
    for part in batched(ids):
        gone = connection.execute(select(plate_readings).where(among(plate_readings.c.sighting, part))).all()
        keys = [{"turned": rotation, "number": row.number} for row in gone for rotation in rotations(row.text)]
        if keys:
            connection.execute(text("DELETE FROM plate_rotations WHERE rotation = :turned AND reading = :number"), keys)
        connection.execute(delete(plate_readings).where(among(plate_readings.c.sighting, part)))


def find(connection: Connection, pattern: PlatePattern, *, limit: int | None = None) -> list[str]:
    """Return the sightings with a plate text that fits the pattern, the first `limit` in the order of the list."""
    found: dict[str, None] = {}
    for way in pattern.ways:
        for part in _fitting(connection, scan(way)):
            found.update(dict.fromkeys(_alive(connection, part)))
            if limit is not None and len(found) >= limit:
                return list(found)[:limit]
    return list(found)


def fits(pattern: PlatePattern, dialect: str) -> ColumnElement[bool]:
    """Return the condition that the text of a reading fits the pattern, for the few readings that a query joins."""
    places = [_places(way) for way in pattern.ways]
    if dialect == "sqlite":
        return or_(*(plate_readings.c.text.op("GLOB")(_glob(way)) for way in places))
    return or_(*(plate_readings.c.text.op("~")(_expression(way)) for way in places))


def rebuild(connection: Connection) -> None:
    """Build the index again from the plates; others wait to add plates, or to purge them."""
    lock_tables(connection, [plate_readings, plate_rotations])
    connection.execute(delete(plate_rotations))
    connection.execute(delete(plate_readings))
    for read in all_plates(connection):
        add(connection, read)


def problems(connection: Connection) -> list[str]:
    """Return where the index and the plates differ, one line each."""
    found = []
    if count := _lost(connection):
        found.append(f"plates: {count} cannot be found by their text: run retrace rebuild")
    listed = select(plate_rotations.c.rotation, plate_rotations.c.reading).execution_options(yield_per=AT_ONCE)
    read = select(plate_readings.c.text, plate_readings.c.number).execution_options(yield_per=AT_ONCE)
    stored = ((row.rotation, row.reading) for row in connection.execute(listed))
    turned = ((one, row.number) for row in connection.execute(read) for one in rotations(row.text))
    if _sum(stored) != _sum(turned):
        found.append("plates: the list of rotations does not agree with the readings: run retrace rebuild")
    return found


def _lost(connection: Connection) -> int:
    """Return how many plates are not listed under the text that was read."""
    own = select(plates.c.sighting, plates.c.text).where(plates.c.text > "").execution_options(yield_per=AT_ONCE)
    lost = 0
    for rows in connection.execute(own).partitions(AT_ONCE):
        plain = [(row.sighting, plain_text(row.text)) for row in rows]
        of_these = among(plate_readings.c.sighting, sorted({sighting for sighting, _ in plain}))
        listed = connection.execute(select(plate_readings.c.sighting, plate_readings.c.text).where(of_these))
        known = {(row.sighting, row.text) for row in listed}
        lost += sum(one not in known for one in plain if 0 < len(one[1]) <= LONGEST)
    return lost


def _sum(rows: Iterable[tuple[str, int]]) -> tuple[int, int]:
    """Return how many rows there are, and a sum of them that does not depend on their order."""
    count = total = 0
    for row in rows:
        count, total = count + 1, total + hash(row)
    return count, total


def _costed(way: Way) -> Iterator[tuple[float, int, tuple[CharacterSet, ...]]]:
    """Yield (cost, depth, places) of every scan: it begins at any place, its first `depth` places are prefixes."""
    ring = _ring(way)
    for start in range(len(ring)):
        places = ring[start:] + ring[:start]
        seeks, rows = 1.0, _ROWS
        for depth, few in enumerate(places, start=1):
            seeks, rows = seeks * len(few), rows * _share(few)
            if few == _ANYTHING or seeks > MOST_PREFIXES:
                break
            yield seeks * _SEEK_ROWS + rows, depth, places


def _ring(way: Way) -> tuple[CharacterSet, ...]:
    """Return the places of a way and its mark, as a ring."""
    length = sum(len(run) for run in way)
    marks = _MARKS[length] if len(way) == 1 else _MARKS[length:]
    return (*_places(way), frozenset(marks))


def _places(way: Way) -> tuple[CharacterSet, ...]:
    """Return the places of a way, with anything between its runs."""
    return tuple(place for run in way for place in (*run, _ANYTHING))[:-1]


def _glob(places: Sequence[CharacterSet]) -> str:
    return "".join("*" if few == _ANYTHING else "?" if few == ANY else _class(few) for few in places)


def _expression(places: Sequence[CharacterSet]) -> str:
    inside = "".join(".*" if few == _ANYTHING else "." if few == ANY else _class(few) for few in places)
    return f"^{inside}$"


def _share(few: CharacterSet) -> float:
    """Return the share of rotations that have one of these characters at a given place."""
    if few <= _ALL_MARKS:
        usual = sum(_MARKS.index(mark) in _USUAL_LENGTHS for mark in few) / len(_USUAL_LENGTHS)
        return _MARK_SHARE * max(usual, _UNUSUAL_SHARE)
    return (1 - _MARK_SHARE) * sum(FREQUENCY[character] for character in few)


def _class(few: CharacterSet) -> str:
    characters = "".join(sorted(few))
    return characters if len(characters) == 1 else f"[{characters}]"


def _texts(plate: Plate) -> list[str]:
    """Return the texts under which a plate is found: the one that was read, then other likely ones."""
    if plate.text is None:
        return []
    likely = [plain_text(one.text) for one in likely_texts(plate.characters)]
    # The index holds every rotation: a text of n characters takes n * n bytes.
    return [one for one in dict.fromkeys([plain_text(plate.text), *likely]) if 0 < len(one) <= LONGEST]


def _fitting(connection: Connection, scan: Scan) -> Iterator[list[int]]:
    """Yield the readings that fit, a batch at a time."""
    name = connection.dialect.name
    prefixes = json.dumps(scan.prefixes) if name == "sqlite" else list(scan.prefixes)
    parts = {"prefixes": prefixes, "last": _LAST, "glob": scan.glob, "like": scan.like, "expression": scan.expression}
    statement = _FITS[name].execution_options(yield_per=AT_ONCE)
    with connection.execute(statement, {key: parts[key] for key in _FITS[name].compile().params}) as rows:
        for part in rows.scalars().partitions(AT_ONCE):
            yield list(part)


def _alive(connection: Connection, readings: Sequence[int]) -> list[str]:
    """Return the sightings of readings, in their order, without forgotten ones."""
    columns = select(plate_readings.c.number, sightings.c.id).join_from(plate_readings, sightings)
    alive = columns.where(among(plate_readings.c.number, readings), sightings.c.deleted_at.is_(None))
    owners = {row.number: row.id for row in connection.execute(alive)}
    return [owners[number] for number in readings if number in owners]
