"""Footage is found, shown and taken in on the page, by a process of its own that tells how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.access.permissions import local_person
from index.ingest.find_footage import FoundFootage
from index.ingest.registration import FootageJob
from index.map.map_changes import mask_of
from index.store.archive import Archive
from reid.video.timeline import Timeline
from tests.conftest import Car
from tests.ui.conftest import make_archive
from tests.ui.web.browsing import Visit, serve
from ui.web import start_form
from ui.web.footage_form import takes_zone
from ui.web.ingest_progress import summary
from ui.web.ingest_worker import IngestDesk, IngestState
from ui.web.start_form import file_start


def test_a_recorders_time_without_a_zone_is_in_that_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one AVI alone the page said that it does not tell its start."""
    times = np.arange(3.0)
    of_avi = Timeline(Path("clip.avi"), 64, 48, "mpeg4", times, None, np.zeros(0, np.int64), datetime(2026, 5, 4, 10))
    monkeypatch.setattr(start_form, "read_timeline", lambda _: of_avi)
    assert file_start(Path("clip.avi"), 1, "Europe/Vienna") == datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.mark.slow
def test_the_desk_takes_in_one_thing_at_a_time_and_tells_what_came_of_it(
    tmp_path: Path, film_street: Callable[..., Path]
) -> None:
    film = film_street(tmp_path / "bridge.mp4", [Car(enters_s=1.0, top=80)], 8.0)
    with make_archive(tmp_path) as archive:
        path = archive.path
    desk = IngestDesk(path)
    start = datetime(2026, 5, 4, 12, tzinfo=UTC)
    desk.start([FootageJob(film, "bridge", start), FootageJob(tmp_path / "gone.mp4", "bridge", start)])
    with pytest.raises(Exception, match="taken in already"):
        desk.start([])
    until = time.monotonic() + 200
    while desk.state.is_running and time.monotonic() < until:
        time.sleep(0.1)
    assert [result.status for result in desk.state.results] == ["done", "failed"]
    assert "no such file" in (desk.state.results[1].problem or "")
    assert desk.state.progress[-1].done_s == desk.state.progress[-1].total_s > 0
    with Archive.open(path) as archive:
        assert archive.catalogue is not None


def test_a_desk_that_has_nothing_to_do_says_nothing() -> None:
    assert summary(IngestState(is_running=True)) == "Reading the files …"
    assert FoundFootage(Path("a.mp4"), None, None).problem is None


def test_a_name_without_a_zone_is_told_to_be_read_in_that_of_the_page() -> None:
    """Its start was shown in the zone of whoever looked, as if the name had said so."""
    start = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
    zoned = FoundFootage(Path("bridge_20260504_083000Z.mp4"), "bridge", start)
    assert not takes_zone([zoned])
    assert takes_zone([zoned, FoundFootage(Path("bridge_20260504_103000.mp4"), "bridge", start)])
    assert takes_zone([FoundFootage(Path("bridge.avi"), "bridge", None)])


@contextmanager
def desk(browser: Any, path: Path) -> Iterator[Visit]:
    """The form for footage of an archive, in a browser."""
    for address, _ in serve(path):
        with browser.new_context() as context:
            visit = Visit(context.new_page())
            visit.page.goto(address)
            visit.see(".st-key-search_text")
            visit.page.goto(f"{visit.page.url.split('?')[0]}coverage")
            visit.see("summary:has-text('Add footage')").click()
            yield visit


@pytest.mark.slow
def test_a_folder_is_taken_in_on_the_page_with_progress_and_a_mask_is_drawn(
    browser: Any, tmp_path: Path, film_street: Callable[..., Path]
) -> None:
    folder = tmp_path / "recordings" / "2026-05-04" / "12" / "bridge"
    folder.mkdir(parents=True)
    film_street(folder / "00.00.mp4", [Car(enters_s=1.0, top=80)], 8.0)
    (folder / "notes.txt").write_text("no video")
    with make_archive(tmp_path) as archive:
        path = archive.path
    with desk(browser, path) as visit:
        visit.fill("footage_source", str(tmp_path / "nowhere"))
        visit.see(".st-key-footage_form [role=alert]:has-text('no such file or folder')")
        visit.fill("footage_source", str(tmp_path / "recordings"))
        visit.see(".st-key-footage_form td:has-text('Mon 4 May 2026, 12:00:00')")
        visit.see(".st-key-take_in button:has-text('Take in 1 file')").click()
        visit.see(".st-key-ingest_running [role=status]")
        visit.see(".st-key-ingest_results .rt-note:has-text('Taken in: 1 file')")
        visit.choose("coverage-camera", "bridge")
        visit.see(".st-key-camera_part button:has-text('Mask')").click()
        stage = visit.see(".mask-stage img")
        visit.page.wait_for_function("image => image.naturalWidth > 0", arg=stage.element_handle())
        box = visit.see(".mask-stage").bounding_box()
        for x, y in ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5)):
            visit.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        visit.page.keyboard.press("Enter")
        visit.see(".rt-note:has-text('1 shape')")
        assert visit.complaints == []
    with Archive.open(path) as archive:
        mask = mask_of(archive, local_person(), "bridge")
    assert mask is not None
    assert [len(polygon) for polygon in mask.ignore] == [3]


@pytest.mark.slow
def test_a_video_of_more_than_50_mb_is_taken_from_the_browser(browser: Any, tmp_path: Path) -> None:
    """The server had a limit below that of the field."""
    film = tmp_path / "bridge_20260504_120000Z.mp4"
    with film.open("wb") as file:
        file.truncate(60_000_000)
    with make_archive(tmp_path) as archive:
        path = archive.path
    with desk(browser, path) as visit:
        visit.choose("footage_camera", "bridge")
        visit.page.set_input_files(".st-key-footage_form input[type=file]", film)
        visit.see(".st-key-footage_form td:has-text('Mon 4 May 2026, 12:00:00')")
    assert [one.stat().st_size for one in (path / "streams").rglob("*.mp4")] == [60_000_000]
