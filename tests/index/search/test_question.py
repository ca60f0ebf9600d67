"""What every kind of evidence is computed from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from index.answers import Query
from index.records import NewChunk, SightingBrief
from index.search.calibration import packaged_calibration
from index.search.gallery import Gallery
from index.search.question import LEAST_WINDOW_S, Moment, Question, marks_of
from index.search.target import Target
from index.store.archive import Archive
from index.store.catalogue import cases
from index.store.catalogue.cases import Case, Mark
from tests.index.conftest import make_sighting

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TARGET = Target(None, "a", NOON, 7, None, None, None, None, None, None, None)


def gallery(*time_s: float) -> Gallery:
    times = [NOON + timedelta(seconds=one) for one in time_s]
    sightings = tuple(SightingBrief(f"s{row}", "b", time, time, time, None) for row, time in enumerate(times))
    missing = np.full(len(times), np.nan)
    return Gallery(sightings, NOON, np.array(time_s, dtype=np.float64), missing, missing, 40)


def question(*time_s: float, query: Query | None = None, target: Target = TARGET) -> Question:
    return Question(query or Query(), target, gallery(*time_s), None, packaged_calibration())


def test_the_start_is_the_moment_asked_about_and_unknown_without_a_place_or_a_time() -> None:
    assert question(5.0).start == Moment("a", 0.0, 7)
    assert question(5.0, target=replace(TARGET, camera=None)).start is None
    assert question(5.0, target=replace(TARGET, time=None)).start is None


def test_a_window_reaches_as_far_as_the_sightings_of_its_side() -> None:
    assert question(-300.0, -20.0, 500.0, 900.0).window_s.tolist() == [300.0, 300.0, 900.0, 900.0]
    assert question(-20.0, 30.0).window_s.tolist() == [LEAST_WINDOW_S, LEAST_WINDOW_S]
    without_start = question(5.0, query=Query(horizon_s=777.0), target=replace(TARGET, time=None))
    assert without_start.window_s.tolist() == [777.0]


@pytest.mark.parametrize(("direction", "size"), [("both", 20.0), ("after", 40.0), ("before", 40.0)])
def test_before_and_after_are_two_questions_of_half_the_gallery(direction: str, size: float) -> None:
    assert question(5.0, query=Query(direction=direction)).gallery_size.tolist() == [size]


def test_only_the_last_mark_on_a_sighting_counts_and_unsure_as_none(archive: Archive) -> None:
    archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(3))))
    with archive.catalogue.writing() as connection:
        cases.add(connection, Case("17", "hit and run", "local", NOON))
        for minute, (sighting, verdict) in enumerate([(0, "no"), (0, "yes"), (1, "no"), (2, "unsure")]):
            at = NOON + timedelta(minutes=minute)
            cases.mark(connection, Mark("17", f"sighting-{sighting:05d}", verdict, "local", at))
    marks = marks_of(archive, "17")
    assert (marks.yes, marks.no) == ({"sighting-00000"}, {"sighting-00001"})
    assert marks_of(archive, None).yes == frozenset()
