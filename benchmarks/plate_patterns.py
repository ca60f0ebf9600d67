"""Measure how fast plates are found by pattern, against a scan of all texts, in an archive of generated plates."""

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

from benchmarks.claim import say
from index.access.permissions import local_person
from index.search.plate_search import MOST_FOUND, find_plates
from index.store.archive import Archive
from index.store.catalogue import Connection, cameras, models, plate_index, tables
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.database import insert_many
from index.store.catalogue.models import StoredModel
from index.store.catalogue.plate_index import rotations
from reid.plates.pattern import compile_pattern
from reid.vehicle import Box, Plate

PATTERNS = (
    "KR*", "contains 77", "ends in K", "AB?1*", "K?4??QX", "*QX7*", "?7?K?9?", "??X?5??", "*Q?7*", "[KR|W|P]*77",
    "~*O1I*", "~B0?1*", "[8B]?[8B]*", "*7??K*9*", "????", "@@###@@", "@*@#", "*@@", "*Z*Q*X*", "*A*B*C*D*", "*1*2*3*4*",
    "AB12345|XY98765",
)  # fmt: skip
"""What witnesses remember, easy and hard: beginnings, ends, parts, gaps, very little, and what no plate has."""
START = datetime(2026, 5, 4, tzinfo=UTC)
AT_ONCE = 100_000
TEMPLATES = ("LLDDDLL", "LLLDDDD", "DDDDLLL", "LLDDLLL", "LLDDDDD", "LDDDDL", "LLDLDDDD")
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
READER = "made-up-reader"


def claim_patterns(folder: Path, count: int, database_url: str | None = None) -> None:
    """Search an archive of generated plates, filled first if it is missing, and print the times."""
    texts = made_texts(count, seed=1)
    with Archive.open(folder) if folder.exists() else _build_archive(folder, texts, database_url) as archive:
        timed = [_time_pattern(archive, texts, pattern) for pattern in PATTERNS]
        found = f"the first {MOST_FOUND} of {_plates(archive, count)}, whole and ordered by probability"
        for clock, place in (("", 0), (", processor time here", 1)):
            slowest = max(timed, key=lambda pattern: pattern.ms[place])
            _say(f"{found}: slowest of {len(timed)} patterns, {slowest.pattern!r}{clock}", timed, place, max)
            _say(f"{found}: median of {len(timed)} patterns{clock}", timed, place, statistics.median)
        claim_adding(archive, count)


def claim_adding(archive: Archive, count: int) -> None:
    """Add plates to the list of rotations, against adding only their texts; nothing is committed."""
    more = 2000
    fresh = made_texts(more, seed=9)
    box = Box(0.0, 0.0, 1.0, 1.0)
    plates = [Plate(box, (), one, 0.9, tuple({character: 0.9} for character in one)) for one in fresh]
    with archive.catalogue.engine.connect() as connection:
        rows = [sighting_row(count + number) for number in range(more)]
        insert_many(connection, tables.sightings, rows)
        began = time.process_time()
        plate_index.add(connection, [(str(row["id"]), plate) for row, plate in zip(rows, plates, strict=True)])
        listed_s = time.process_time() - began
        last = compile_pattern(fresh[-1])
        is_found = str(rows[-1]["id"]) in plate_index.find(connection, last)
        began = time.process_time()
        insert_many(connection, tables.plates, [plate_row(str(r["id"]), p) for r, p in zip(rows, fresh, strict=True)])
        bare_s = time.process_time() - began
        connection.rollback()
    say(
        f"a plate into the list of rotations, on top of {_plates(archive, count)}, processor time here",
        value=1e6 * listed_s / more,
        unit="us",
        peer="its row with the characters alone",
        peer_value=1e6 * bare_s / more,
        less_is_better=True,
        correct=is_found,
    )


@dataclass(frozen=True, slots=True)
class _PatternTimes:
    """Times of a pattern and of a scan for it, wall clock and processor, and whether both find the same."""

    pattern: str
    ms: tuple[float, float]
    scanned_ms: tuple[float, float]
    correct: bool


def made_texts(count: int, *, seed: int) -> list[str]:
    """Return random plates of common layouts."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(len(TEMPLATES), size=count)
    found = np.empty(count, dtype=object)
    for number, template in enumerate(TEMPLATES):
        rows = np.flatnonzero(kind == number)
        columns = [_draw_characters(rng, LETTERS if sign == "L" else DIGITS, len(rows)) for sign in template]
        found[rows] = ["".join(one) for one in zip(*(column.tolist() for column in columns), strict=True)]
    return list(found)


def add_plates(archive: Archive, texts: Sequence[str]) -> None:
    """Put the plates into a new archive, without the list of rotations by which they are found."""
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("bridge", 48.0, 11.0)])
        models.remember(connection, [StoredModel(READER, "plate_reader")], at=START)
    for first in range(0, len(texts), AT_ONCE):
        with archive.catalogue.writing() as connection:
            _add_rows(connection, range(first, min(first + AT_ONCE, len(texts))), texts)


def list_plates(archive: Archive, texts: Sequence[str]) -> None:
    """Make the list of rotations, and update the database's statistics."""
    for turned in _rotation_rows(texts):
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
    """Return the size of the database on disk, without its log."""
    pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    query = pages if archive.catalogue.is_sqlite else "SELECT pg_database_size(current_database())"
    with archive.catalogue.reading() as connection:
        return int(connection.execute(text(query)).scalar_one())


def sighting_row(number: int) -> dict[str, Any]:
    """Return the row of a sighting without pictures."""
    best = START + timedelta(seconds=number)
    times = {"first": best, "best": best, "last": best, "added_at": START}
    where = {"id": f"{number:024d}", "camera": "bridge", "x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    return {**where, **times, "types": {"car": 1.0}, "colours": {}}


def plate_row(sighting: str, read: str) -> dict[str, Any]:
    """Return the row of a plate with nearly sure characters."""
    sure = [{character: 0.9} for character in read]
    where = {"box": [0, 0, 1, 1], "corners": []}
    return {"sighting": sighting, "model": READER, "text": read, "confidence": 0.9, "characters": sure, **where}


def _build_archive(folder: Path, texts: Sequence[str], database_url: str | None) -> Archive:
    """Fill a new archive, and print time and size of the list of rotations compared with the rest."""
    archive = Archive.create(folder, database_url)
    began = time.perf_counter()
    add_plates(archive, texts)
    bare_s, bare_bytes = time.perf_counter() - began, size_bytes(archive)
    list_plates(archive, texts)
    listed_s, listed_bytes = time.perf_counter() - began - bare_s, size_bytes(archive) - bare_bytes
    what = f"the list of rotations of {_plates(archive, len(texts))}"
    with archive.catalogue.reading() as connection:
        is_whole = not plate_index.problems(connection)
    for claim, unit, value, peer in (
        (f"{what}, made at once", "s", listed_s, bare_s),
        (f"{what}, on the disk", "MB", listed_bytes / 1e6, bare_bytes / 1e6),
    ):
        rest = "the sightings and plates themselves"
        say(claim, value=value, unit=unit, peer=rest, peer_value=peer, less_is_better=True, correct=is_whole)
    return archive


def _plates(archive: Archive, count: int) -> str:
    return f"{count} plates in {'SQLite' if archive.catalogue.is_sqlite else 'PostgreSQL'}"


def _say(claim: str, timed: Sequence[_PatternTimes], place: int, of_all: Callable[[list[float]], float]) -> None:
    say(
        claim,
        value=of_all([one.ms[place] for one in timed]),
        unit="ms",
        peer="the same of the ids alone by LIKE over the texts",
        peer_value=of_all([one.scanned_ms[place] for one in timed]),
        less_is_better=True,
        correct=all(one.correct for one in timed),
    )


def _time_pattern(archive: Archive, texts: Sequence[str], pattern: str) -> _PatternTimes:
    person = local_person()
    took_ms = _median_ms(lambda: find_plates(archive, person, pattern), 5)
    scanned_ms = _median_ms(lambda: _scanned(archive, pattern), 1)
    compiled = compile_pattern(pattern)
    with archive.catalogue.reading() as connection:
        found = plate_index.find(connection, compiled, limit=MOST_FOUND)
    if len(found) == MOST_FOUND:
        return _PatternTimes(pattern, took_ms, scanned_ms, all(compiled.matches(texts[int(id_)]) for id_ in found))
    expected = {id_ for id_ in _scanned(archive, pattern, limit=None) if compiled.matches(texts[int(id_)])}
    return _PatternTimes(pattern, took_ms, scanned_ms, set(found) == expected)


def _median_ms(action: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the median milliseconds of an action, wall clock and processor, after one warm-up."""
    action()
    took = []
    for _ in range(times):
        began = time.perf_counter(), time.process_time()
        action()
        took.append((1000 * (time.perf_counter() - began[0]), 1000 * (time.process_time() - began[1])))
    by_clock, of_processor = zip(*took, strict=True)
    return statistics.median(by_clock), statistics.median(of_processor)


def _scanned(archive: Archive, pattern: str, *, limit: int | None = MOST_FOUND) -> list[str]:
    """Return up to `limit` sightings by scanning all texts; sets of characters match anything."""
    like = " OR ".join(f"text LIKE '{one}'" for one in _likes(pattern))
    end = "" if limit is None else f" LIMIT {limit}"
    statement = text(f"SELECT sighting FROM plates WHERE {like}{end}")
    with archive.catalogue.reading() as connection:
        return list(connection.execute(statement).scalars())


def _likes(pattern: str) -> Iterator[str]:
    """Yield the alternatives of a pattern in LIKE syntax; sets of characters match anything."""
    for way in compile_pattern(pattern).ways:
        yield "%".join("".join(next(iter(signs)) if len(signs) == 1 else "_" for signs in run) for run in way)


def _add_rows(connection: Connection, rows: range, texts: Sequence[str]) -> None:
    insert_many(connection, tables.sightings, [sighting_row(row) for row in rows])
    insert_many(connection, tables.plates, [plate_row(f"{row:024d}", texts[row]) for row in rows])
    readings = [{"number": row + 1, "sighting": f"{row:024d}", "text": texts[row]} for row in rows]
    insert_many(connection, tables.plate_readings, readings)


def _rotation_rows(texts: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of the list of rotations in sorted order, so that the index is written sequentially."""
    closed = [rotations(one)[0] for one in texts]
    longest = max(map(len, closed))
    signs = np.array(closed, f"S{longest}").view("S1").reshape(len(closed), longest)
    for first in np.unique(signs):
        if first:
            rows, places = np.nonzero(signs == first)
            both = zip(rows.tolist(), places.tolist(), strict=True)
            turned = sorted((closed[row][place:] + closed[row][:place], row) for row, place in both)
            for start in range(0, len(turned), AT_ONCE):
                batch = turned[start : start + AT_ONCE]
                yield [{"rotation": rotation, "reading": row + 1} for rotation, row in batch]


def _draw_characters(rng: np.random.Generator, characters: str, count: int) -> npt.NDArray[np.str_]:
    return np.array(list(characters))[rng.integers(len(characters), size=count)]
