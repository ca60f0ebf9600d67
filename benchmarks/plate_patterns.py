"""Measure how fast plates are found by what is known of them, against a scan of all texts."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import text

from benchmarks.claim import median_ms, say
from index.archive import Archive
from index.catalogue import Connection, cameras, models, plate_index, tables
from index.catalogue.cameras import StoredCamera
from index.catalogue.database import insert_many
from index.catalogue.models import Model
from index.catalogue.rotations import rotations
from index.inquiry.plate_search import MOST_FOUND, find_plates
from index.office.access import local_person
from reid.plates.pattern import compile_pattern
from reid.vehicle import Box, Plate

START = datetime(2026, 5, 4, tzinfo=UTC)
AT_ONCE = 100_000
TEMPLATES = ("LLDDDLL", "LLLDDDD", "DDDDLLL", "LLDDLLL", "LLDDDDD", "LDDDDL", "LLDLDDDD")
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
READER = "made-up-reader"

PATTERNS = (
    "KR*", "contains 77", "ends in K", "AB?1*", "K?4??QX", "*QX7*", "?7?K?9?", "??X?5??", "*Q?7*", "[KR|W|P]*77",
    "~*O1I*", "*7??K*9*", "????", "@@###@@", "*Z*Q*X*", "AB12345|XY98765",
)  # fmt: skip
"""What witnesses remember, easy and hard: beginnings, ends, parts, gaps, hardly anything, and what no plate has."""


def claim_patterns(folder: Path, count: int, database_url: str | None = None) -> None:
    """Fill an archive with made-up plates, ask for every pattern, and print what the slowest and the usual took."""
    with Archive.create(folder, database_url) as archive:
        texts = fill(archive, count)
        asked = [_asked(archive, texts, pattern) for pattern in PATTERNS]
        where = "SQLite" if archive.catalogue.is_sqlite else "PostgreSQL"
        slowest = max(asked, key=lambda one: one.ms)
        found = f"the first {MOST_FOUND} of {count} plates, whole and ordered by probability, {where}"
        _say(f"{found}: slowest of {len(asked)} patterns, {slowest.pattern!r}", asked, max)
        _say(f"{found}: median of {len(asked)} patterns", asked, statistics.median)
        claim_adding(archive, count)


def _say(claim: str, asked: Sequence["_Asked"], of_all: Callable[[list[float]], float]) -> None:
    say(
        claim,
        value=of_all([one.ms for one in asked]),
        unit="ms",
        peer="the same of the ids alone by LIKE over the texts",
        peer_value=of_all([one.scanned_ms for one in asked]),
        less_is_better=True,
        correct=all(one.correct for one in asked),
    )


def claim_adding(archive: Archive, count: int) -> None:
    """Add plates to the list, against adding only their texts."""
    more = 2000
    fresh = made_texts(more, seed=9)
    box = Box(0.0, 0.0, 1.0, 1.0)
    plates = [Plate(box, (), one, 0.9, tuple({character: 0.9} for character in one)) for one in fresh]
    with archive.catalogue.writing() as connection:
        rows = [_sighting(count + number) for number in range(more)]
        insert_many(connection, tables.sightings, rows)
        began = time.process_time()
        plate_index.add(connection, [(str(row["id"]), plate) for row, plate in zip(rows, plates, strict=True)])
        listed_s = time.process_time() - began
        began = time.process_time()
        insert_many(connection, tables.plates, [_plate(str(r["id"]), p) for r, p in zip(rows, fresh, strict=True)])
        bare_s = time.process_time() - began
    say(
        f"a plate into the list of rotations, on top of {count}, processor time here",
        value=1e6 * listed_s / more,
        unit="us",
        peer="its row with the characters alone",
        peer_value=1e6 * bare_s / more,
        less_is_better=True,
        correct=True,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a pattern and a scan for it took, and whether the answer is that of trying every text."""

    pattern: str
    ms: float
    scanned_ms: float
    correct: bool


def _asked(archive: Archive, texts: Sequence[str], pattern: str) -> _Asked:
    person = local_person()
    took_ms = median_ms(lambda _: find_plates(archive, person, pattern), 5)
    scanned_ms = median_ms(lambda _: _scanned(archive, pattern), 1)
    compiled = compile_pattern(pattern)
    with archive.catalogue.reading() as connection:
        found = plate_index.find(connection, compiled, limit=MOST_FOUND)
    if len(found) == MOST_FOUND:
        return _Asked(pattern, took_ms, scanned_ms, all(compiled.matches(texts[int(id_)]) for id_ in found))
    expected = {id_ for id_ in _scanned(archive, pattern, limit=None) if compiled.matches(texts[int(id_)])}
    return _Asked(pattern, took_ms, scanned_ms, set(found) == expected)


def _scanned(archive: Archive, pattern: str, *, limit: int | None = MOST_FOUND) -> list[str]:
    """Return the sightings by reading the texts from end to end, until so many fit; sets are left open."""
    like = " OR ".join(f"text LIKE '{one}'" for one in _likes(pattern))
    end = "" if limit is None else f" LIMIT {limit}"
    statement = text(f"SELECT sighting FROM plates WHERE {like}{end}")
    with archive.catalogue.reading() as connection:
        return list(connection.execute(statement).scalars())


def _likes(pattern: str) -> Iterator[str]:
    """Yield the ways of a pattern as LIKE writes them; sets of characters are left open."""
    for way in compile_pattern(pattern).ways:
        yield "%".join("".join(next(iter(few)) if len(few) == 1 else "_" for few in run) for run in way)


def fill(archive: Archive, count: int) -> list[str]:
    """Put made-up plates into an archive, the rows of each table in their order, and return their texts."""
    texts = made_texts(count, seed=1)
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("bridge", 48.0, 11.0)])
        models.remember(connection, [Model(READER, "plate_reader")], at=START)
    for first in range(0, count, AT_ONCE):
        with archive.catalogue.writing() as connection:
            _add(connection, range(first, min(first + AT_ONCE, count)), texts)
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
    return texts


def _add(connection: Connection, rows: range, texts: Sequence[str]) -> None:
    insert_many(connection, tables.sightings, [_sighting(row) for row in rows])
    insert_many(connection, tables.plates, [_plate(f"{row:024d}", texts[row]) for row in rows])
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


def _sighting(row: int) -> dict[str, Any]:
    best = START + timedelta(seconds=row)
    times = {"first": best, "best": best, "last": best, "added_at": START}
    where = {"id": f"{row:024d}", "camera": "bridge", "x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    return {**where, **times, "types": {"car": 1.0}, "colours": {}}


def _plate(sighting: str, read: str) -> dict[str, Any]:
    sure = [{character: 0.9} for character in read]
    where = {"box": [0, 0, 1, 1], "corners": []}
    return {"sighting": sighting, "model": READER, "text": read, "confidence": 0.9, "characters": sure, **where}


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


def _drawn(rng: np.random.Generator, characters: str, count: int) -> npt.NDArray[np.str_]:
    return np.array(list(characters))[rng.integers(len(characters), size=count)]
