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
