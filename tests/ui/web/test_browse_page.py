"""A real browser filters sightings and asks about one."""

import pytest

from tests.ui.web.browsing import Visit


@pytest.mark.slow
def test_a_sighting_found_by_browsing_can_be_asked_about(visit: Visit) -> None:
    visit.page.goto(f"{visit.page.url.split('?')[0]}browse")
    visit.see(".cell")
    visit.choose("browse_colour", "red")
    visit.see("text=3 sightings pass")
    # The number is there before the wall is drawn anew.
    visit.count(".cell", 3)
    visit.see(".cell").click()
    visit.see(".go").click()
    visit.see(".st-key-question_bar")
    visit.answered()
    assert "sighting=red-" in visit.page.url


@pytest.mark.slow
def test_an_area_drawn_on_the_map_leaves_its_cameras(visit: Visit) -> None:
    visit.page.goto(f"{visit.page.url.split('?')[0]}browse")
    visit.count(".cell", 12)
    visit.see(".map-tools button:has-text('✎')").click()
    box = visit.see(".map-canvas").bounding_box()
    left, top, right, bottom = box["x"] + 6, box["y"] + 6, box["x"] + box["width"] - 60, box["y"] + box["height"] - 6
    visit.page.mouse.move(left, top)
    visit.page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        visit.page.mouse.move(x, y, steps=4)
    visit.page.mouse.up()
    chosen = visit.see("[class*='st-key-browse_camera'] [aria-label='Selected values'] span[aria-label]")
    assert chosen.get_attribute("aria-label").startswith(("bridge", "harbour", "mill"))
    assert visit.complaints == []
