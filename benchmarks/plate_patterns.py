"""Measure how fast plates are found by what is known of them, against a scan of all texts."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from benchmarks.claim import say
from benchmarks.plate_archive import add_plates, list_plates, made_texts, plate_row, sighting_row, size_bytes
from index.archive import Archive
from index.catalogue import plate_index, tables
from index.catalogue.database import insert_many
from index.inquiry.plate_search import MOST_FOUND, find_plates
from index.office.access import local_person
from reid.plates.pattern import compile_pattern
from reid.vehicle import Box, Plate

PATTERNS = (
    "KR*", "contains 77", "ends in K", "AB?1*", "K?4??QX", "*QX7*", "?7?K?9?", "??X?5??", "*Q?7*", "[KR|W|P]*77",
    "~*O1I*", "~B0?1*", "[8B]?[8B]*", "*7??K*9*", "????", "@@###@@", "@*@#", "*@@", "*Z*Q*X*", "*A*B*C*D*", "*1*2*3*4*",
    "AB12345|XY98765",
)  # fmt: skip
"""What witnesses remember, easy and hard: beginnings, ends, parts, gaps, hardly anything, and what no plate has."""


def claim_patterns(folder: Path, count: int, database_url: str | None = None) -> None:
    """Ask an archive of made-up plates, filled if it is not there, and print what it took."""
    texts = made_texts(count, seed=1)
    with Archive.open(folder) if folder.exists() else _built(folder, texts, database_url) as archive:
        asked = [_asked(archive, texts, pattern) for pattern in PATTERNS]
        found = f"the first {MOST_FOUND} of {_plates(archive, count)}, whole and ordered by probability"
        for clock, place in (("", 0), (", processor time here", 1)):
            slowest = max(asked, key=lambda one: one.ms[place])
            _say(f"{found}: slowest of {len(asked)} patterns, {slowest.pattern!r}{clock}", asked, place, max)
            _say(f"{found}: median of {len(asked)} patterns{clock}", asked, place, statistics.median)
        claim_adding(archive, count)


def claim_adding(archive: Archive, count: int) -> None:
    """Add plates to the list, against adding only their texts; nothing of it stays."""
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
class _Asked:
    """What a pattern and a scan for it took, by the clock and of the processor, and whether both find the same."""

    pattern: str
    ms: tuple[float, float]
    scanned_ms: tuple[float, float]
    correct: bool


def _built(folder: Path, texts: Sequence[str], database_url: str | None) -> Archive:
    """Fill a new archive, and print what the list of rotations took beside everything else."""
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


def _say(claim: str, asked: Sequence[_Asked], place: int, of_all: Callable[[list[float]], float]) -> None:
    say(
        claim,
        value=of_all([one.ms[place] for one in asked]),
        unit="ms",
        peer="the same of the ids alone by LIKE over the texts",
        peer_value=of_all([one.scanned_ms[place] for one in asked]),
        less_is_better=True,
        correct=all(one.correct for one in asked),
    )


def _asked(archive: Archive, texts: Sequence[str], pattern: str) -> _Asked:
    person = local_person()
    took_ms = _median_ms(lambda: find_plates(archive, person, pattern), 5)
    scanned_ms = _median_ms(lambda: _scanned(archive, pattern), 1)
    compiled = compile_pattern(pattern)
    with archive.catalogue.reading() as connection:
        found = plate_index.find(connection, compiled, limit=MOST_FOUND)
    if len(found) == MOST_FOUND:
        return _Asked(pattern, took_ms, scanned_ms, all(compiled.matches(texts[int(id_)]) for id_ in found))
    expected = {id_ for id_ in _scanned(archive, pattern, limit=None) if compiled.matches(texts[int(id_)])}
    return _Asked(pattern, took_ms, scanned_ms, set(found) == expected)


def _median_ms(action: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the median milliseconds of an action by the clock and of the processor here, after one to warm up."""
    action()
    took = []
    for _ in range(times):
        began = time.perf_counter(), time.process_time()
        action()
        took.append((1000 * (time.perf_counter() - began[0]), 1000 * (time.process_time() - began[1])))
    by_clock, of_processor = zip(*took, strict=True)
    return statistics.median(by_clock), statistics.median(of_processor)


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
