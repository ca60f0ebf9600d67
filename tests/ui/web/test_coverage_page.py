"""A real browser looks at the footage of each camera."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from index.access.permissions import local_person
from index.map.map_changes import add_cameras
from index.map.places import place_book
from index.records import Coverage, NewChunk
from index.store.archive import Archive
from tests.index.conftest import EIGHT
from tests.ui.conftest import make_archive
from tests.ui.web.browsing import Visit, serve


@pytest.mark.slow
def test_coverage_uses_its_width_and_a_camera_is_chosen_without_the_mouse(visit: Visit) -> None:
    visit.page.goto(f"{visit.page.url.split('?')[0]}coverage")
    visit.see(".rt-hours")
    lane, table = visit.page.locator("td.rt-wide").first.bounding_box(), visit.see(".rt-hours").bounding_box()
    assert lane["width"] > 0.5 * table["width"]
    assert table["width"] > 0.9 * visit.page.viewport_size["width"]
    visit.choose("coverage-camera", "harbour")
    visit.see("[class*='st-key-camera_point-harbour'] input")
    visit.see(".st-key-camera_part button:has-text('Clock')").click()
    visit.see("[class*='st-key-clock_ahead-harbour'] input")
    assert visit.complaints == []


@pytest.mark.slow
def test_a_camera_without_a_place_gets_one_by_a_click(browser: Any, tmp_path: Path) -> None:
    with make_archive(tmp_path) as archive:
        add_cameras(archive, local_person(), ["yard"])
        path = archive.path
        archive.add(NewChunk(None, None, (), (Coverage("yard", EIGHT, EIGHT + timedelta(minutes=5)),)))
    for address, _ in serve(path):
        with browser.new_context() as context:
            visit = Visit(context.new_page())
            visit.page.goto(address)
            visit.see(".st-key-search_text")
            visit.page.goto(f"{visit.page.url.split('?')[0]}coverage")
            visit.choose("coverage-camera", "yard")
            field = visit.see("[class*='st-key-camera_point'] input")
            assert field.input_value() == ""
            visit.see(".rt-note:has-text('no place yet')")
            visit.see(".st-key-coverage_click button:has-text('puts it there')").click()
            box = visit.see(".map-canvas").bounding_box()
            visit.page.mouse.click(box["x"] + 40, box["y"] + 40)
            visit.page.wait_for_function(
                "() => document.querySelector(\"[class*='st-key-camera_point'] input\").value.includes(',')"
            )
            visit.see(".st-key-place_camera button").click()
            visit.count(".rt-note:has-text('no place yet')", 0)
            visit.see(".st-key-camera_part button:has-text('Clock')").click()
            visit.see(".st-key-set_clock button").click()
            visit.see(".rt-note:has-text('clock +0.0 s ahead (given)')")
            assert visit.complaints == []
    with Archive.open(path) as archive:
        assert [camera.id for camera in place_book(archive).cameras()].count("yard") == 1
