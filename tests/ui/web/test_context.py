"""What every page reads each time that it is drawn."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from index.access.audit import record
from index.access.coverage import CameraCoverage
from index.access.permissions import local_person
from index.map.map_changes import set_clock
from index.map.places import place_book
from index.records import Coverage, NewChunk
from index.search.target import true_times_of
from index.store.archive import Archive
from index.store.catalogue.clocks import ClockOffset
from roadgraph.camera import Camera
from tests.index.conftest import EIGHT, make_sighting
from tests.ui.conftest import make_archive
from ui.web import app, audit_page, search_page, words
from ui.web.camera_form import replaced_words
from ui.web.context import ARCHIVE_VARIABLE, PageContext, find_sighting
from ui.web.map_base import MapBase
from ui.web.question import PageQuestion
from ui.web.question_bar import time_words, trail_words


def test_a_touch_of_an_idle_page_costs_the_same_however_large_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for size in (20, 2000):
        with Archive.create(tmp_path / str(size)) as archive:
            place_book(archive).import_cameras([Camera("a", 48.0, 15.0), Camera("b", 48.01, 15.0)])
            covered = Coverage("a", EIGHT, EIGHT + timedelta(seconds=10 * size))
            archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(size)), (covered,)))
        monkeypatch.setenv(ARCHIVE_VARIABLE, str(tmp_path / str(size)))
        with instructions() as counted:
            page = AppTest.from_file(app.__file__, default_timeout=60).run()
            before = counted[0]
            page.run()
            assert not page.exception
            counts.append(counted[0] - before)
    few, many = counts
    assert 0 < many <= 1.1 * few


@pytest.mark.parametrize(
    "edit",
    ["UPDATE shots SET plate = '{\"a\": 1}'", 'UPDATE audit SET detail = \'{"time": "nonsense"}\''],
)
def test_a_value_that_somebody_edited_is_said_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    with make_archive(tmp_path) as archive:
        record(archive, local_person(), "search", {"time": EIGHT.isoformat()})
        with archive.catalogue.writing() as connection:
            connection.execute(text(edit))
    monkeypatch.setenv(ARCHIVE_VARIABLE, str(tmp_path / "archive"))
    page = AppTest.from_file(app.__file__, default_timeout=60)
    page.query_params["sighting"], page.query_params["ask"] = "red-bridge", "1"
    if "audit" in edit:
        monkeypatch.setattr(search_page, "show_question", lambda context, *_: audit_page.show_audit(context))
    page.run()
    assert not page.exception
    assert "retrace verify says whether" in page.error[0].value.replace("\\", "")


@contextmanager
def instructions() -> Iterator[list[int]]:
    """Count the tens of instructions that SQLite runs on connections made meanwhile, in a list of one number."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    def listen(connection: object, _: object) -> None:
        connection.set_progress_handler(count, 10)  # type: ignore[attr-defined]

    event.listen(Engine, "connect", listen)
    try:
        yield counted
    finally:
        event.remove(Engine, "connect", listen)


def test_a_map_shows_each_camera_where_it_saw_what_is_shown(tmp_path: Path) -> None:
    """A hit of before stood where its camera was moved to since; one of a camera without a place then is on no map."""
    with Archive.create(tmp_path / "moved") as archive:
        book = place_book(archive)
        book.import_cameras([Camera("a", 48.0, 15.0, 90.0), Camera("b", 48.01, 15.0)])
        now = MapBase({"a": (48.5, 15.0), "b": (48.01, 15.0)}, {"a": 180.0})
        context = PageContext(archive, local_person(), now, UTC, None, None)  # type: ignore[arg-type]
        assert context.base_when([("a", EIGHT)]) is now
        book.move_camera(Camera("a", 48.5, 15.0, 180.0), EIGHT + timedelta(days=1))
        shown = context.base_when([("a", EIGHT), ("a", EIGHT + timedelta(days=2))])
        assert (shown.cameras["a"], shown.bearings["a"]) == ((48.0, 15.0), 90.0)
        assert shown.cameras["b"] == (48.01, 15.0)
        assert context.base_when([("a", EIGHT + timedelta(days=2))]).cameras == now.cameras
    assert now.with_places({"a": None}).without_place == ("a",)


def test_a_clock_that_is_set_on_the_page_says_which_statement_it_takes_the_place_of(tmp_path: Path) -> None:
    """What was said of a clock from a later time on was gone without a word."""
    with Archive.create(tmp_path / "clock") as archive:
        place_book(archive).import_cameras([Camera("a", 48.0, 15.0)])
        context = PageContext(archive, local_person(), MapBase({}, {}), UTC, None, None)  # type: ignore[arg-type]
        one = CameraCoverage("a", {}, {}, EIGHT, EIGHT, 0)
        assert replaced_words(context, one) == ""
        set_clock(archive, local_person(), ClockOffset("a", 5.0, 4.0, 6.0, valid_from=EIGHT + timedelta(days=1)))
        assert "takes the place of what is known of this clock from" in replaced_words(context, one)


def test_a_question_about_a_sighting_is_told_by_true_time_as_its_hits_are(tmp_path: Path) -> None:
    """Its camera's clock was five minutes ahead, and each hit of after it stood before it, in the story, too."""
    with Archive.create(tmp_path / "clock") as archive:
        one = make_sighting(0)
        place_book(archive).import_cameras([Camera(one.camera, 48.0, 15.0)])
        archive.add(NewChunk(None, None, (one, make_sighting(2))))
        set_clock(archive, local_person(), ClockOffset(one.camera, 300.0, 299.0, 301.0))
        context = PageContext(archive, local_person(), MapBase({}, {}), UTC, None, None)  # type: ignore[arg-type]
        question, sighting = PageQuestion(sighting=one.id, asked=True), find_sighting(context, one.id)
        assert sighting is not None
        true = one.best - timedelta(seconds=300)
        assert search_page._asked(context, question, sighting).time == true
        assert time_words(context, question, sighting) == words.stamp(true, UTC)
        assert true_times_of(archive, [sighting]) == [true]
        assert trail_words(context, question.go_on(one.id)) == [f"{one.camera} {words.clock(true, UTC)}"] * 2
        over_midnight = replace(question, time=true + timedelta(days=1)).go_on(one.id)
        assert trail_words(context, over_midnight) == [
            f"{one.camera} {words.stamp(time, UTC)}" for time in (true + timedelta(days=1), true)
        ]
        changed = replace(question, time=EIGHT)
        assert search_page._asked(context, changed, sighting).time == EIGHT
