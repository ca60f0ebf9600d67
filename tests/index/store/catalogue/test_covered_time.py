"""What each camera recorded, against the same read row by row."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from index.records import Coverage, NewChunk, Window
from index.search.scope import gaps
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.columns import to_micros
from index.store.catalogue.covered_time import Recorded, covered_time
from tests.index.conftest import coverage_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAMES = [f"c{number}" for number in range(6)]


def after_noon(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def add(archive: Archive, covered: list[Coverage]) -> None:
    with archive.catalogue.writing() as connection:
        known = {camera.id for camera in cameras.listing(connection)}
        cameras.put(connection, [StoredCamera(name, 48.0, 15.0) for name in NAMES if name not in known])
    archive.add(NewChunk(None, None, (), tuple(covered)))


@pytest.mark.parametrize("seed", range(5))
def test_gaps_are_those_of_all_rows(archive_on_each: Archive, seed: int) -> None:
    """Stretches overlap, touch, hold one another, have problems, and some are much longer than the others."""
    rng = random.Random(seed)
    covered = []
    for name in NAMES[:-1]:
        for _ in range(rng.randrange(1, 30)):
            begin, length = rng.randrange(-90, 90), rng.choice([1, 2, 5, 5, 60, 90])
            problem = rng.choice([None, None, None, "dark", "moved"])
            covered.append(Coverage(name, after_noon(begin), after_noon(begin + length), problem))
    add(archive_on_each, covered)
    windows = [Window(name, after_noon(-30 - 3 * n), after_noon(20 + n)) for n, name in enumerate(NAMES)]
    windows += [Window(NAMES[0], after_noon(40), after_noon(50))]
    first, last = min(one.start for one in windows), max(one.end for one in windows)
    with archive_on_each.catalogue.reading() as connection:
        slow = {
            name: [
                Recorded(to_micros(one.start), to_micros(one.end), one.problem)
                for one in coverage_of(connection, name, first, last)
            ]
            for name in NAMES
        }
        found = covered_time(connection, windows)
    assert gaps(windows, found) == gaps(windows, slow)
    assert gaps(windows, slow)


def test_only_the_cameras_asked_for_are_read(archive: Archive) -> None:
    add(archive, [Coverage(name, NOON, after_noon(1)) for name in NAMES])
    with archive.catalogue.reading() as connection:
        asked = [Window(name, NOON, after_noon(1)) for name in NAMES[1:3]]
        assert sorted(covered_time(connection, asked)) == NAMES[1:3]
        assert covered_time(connection, []) == {}


def test_a_longer_archive_costs_no_more(archive: Archive) -> None:
    """The steps of SQLite's machine are counted, which do not depend on what else runs on this one."""
    steps = []
    for day in range(3):
        add(archive, [_minute(name, 24 * 60 * day + minute) for name in NAMES for minute in range(24 * 60)])
        steps.append(_steps_of(archive, lambda: _read(archive, after_noon(600), after_noon(630))))
    assert 0 < steps[2] < 1.1 * steps[0]


def _minute(name: str, minute: int) -> Coverage:
    return Coverage(name, after_noon(minute), after_noon(minute + 1))


def _read(archive: Archive, start: datetime, end: datetime) -> dict[str, list[Recorded]]:
    with archive.catalogue.reading() as connection:
        return covered_time(connection, [Window(name, start, end) for name in NAMES])


def _steps_of(archive: Archive, action: Callable[[], object]) -> int:
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    with archive.catalogue.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(step, 10)
    try:
        action()
    finally:
        driver.set_progress_handler(None, 10)
    return count
