"""A real browser looks at the footage of each camera."""

import pytest

from tests.ui.web.browsing import Visit


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
