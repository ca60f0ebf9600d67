"""Coverage is counted by the hour, problems apart, for every camera."""

from datetime import UTC, datetime, timedelta

import pytest

from index.access.coverage import coverage_by_hour, footage_span
from index.access.permissions import NotAllowedError, local_person
from index.records import Coverage, NewChunk
from index.store.archive import Archive
from index.store.catalogue import footage
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from tests.ui.conftest import make_archive

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def covered(tmp_path: object) -> Archive:
    archive = make_archive(tmp_path)  # type: ignore[arg-type]
    parts = (
        Coverage("mill", EIGHT + 110 * MINUTE, EIGHT + 130 * MINUTE),
        Coverage("mill", EIGHT + 130 * MINUTE, EIGHT + 140 * MINUTE, "too dark"),
    )
    archive.add(NewChunk(None, None, (), parts))
    return archive


def test_seconds_are_counted_in_the_hours_in_which_they_lie(covered: Archive) -> None:
    found = coverage_by_hour(covered, local_person(), EIGHT, EIGHT + timedelta(hours=4))
    by_camera = {one.camera: one for one in found}
    assert sorted(by_camera) == ["bridge", "harbour", "mill"]
    mill = by_camera["mill"]
    hours = [mill.hours.get(EIGHT + timedelta(hours=number), 0.0) for number in range(4)]
    assert hours == [3600.0, 600.0, 600.0, 0.0]
    assert mill.problem_s == {"too dark": 600.0}
    assert mill.sightings == 4
    assert mill.last == EIGHT + 140 * MINUTE


def test_the_span_of_the_footage_reaches_to_the_end_of_the_last_file(covered: Archive) -> None:
    last = EIGHT + timedelta(seconds=752)
    assert footage_span(covered, local_person()) == (last - timedelta(days=1), last + timedelta(hours=1))
    with covered.catalogue.writing() as connection:
        for id_, start in (("a", EIGHT), ("b", EIGHT + 60 * MINUTE)):
            footage.add(connection, Footage(id_, f"{id_}.mp4", "mill", start, 90.0), at=start)
    assert footage_span(covered, local_person()) == (EIGHT, EIGHT + 61.5 * MINUTE)


def test_a_stranger_sees_no_coverage(covered: Archive) -> None:
    with pytest.raises(NotAllowedError):
        coverage_by_hour(covered, Person("nobody", "viewer"), EIGHT, EIGHT + MINUTE)
