"""A camera is turned towards a click on the map; the mask of a camera grows and shrinks by one shape."""

import pytest

from reid.scene.regions import Regions
from tests.ui.web.browsing import Visit
from ui.web.mask_form import IGNORE, LOOK, with_polygon, without_last

CORNER = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5))


def test_a_shape_that_is_drawn_can_be_taken_away() -> None:
    mask = with_polygon(with_polygon(Regions(), CORNER, LOOK), CORNER, IGNORE)
    assert (len(mask.look), len(mask.ignore)) == (1, 1)
    assert without_last(mask) == Regions(look=(CORNER,))
    assert without_last(without_last(mask)) == Regions()


@pytest.mark.slow
def test_a_click_on_the_map_puts_a_camera_there(visit: Visit) -> None:
    visit.page.goto(f"{visit.page.url.split('?')[0]}coverage")
    visit.choose("coverage-camera", "harbour")
    field = visit.see("[class*='st-key-camera_point'] input")
    before = field.input_value()
    visit.see(".st-key-coverage_click button:has-text('puts it there')").click()
    box = visit.see(".map-canvas").bounding_box()
    visit.page.mouse.click(box["x"] + 40, box["y"] + 40)
    visit.page.wait_for_function(
        "before => document.querySelector(\"[class*='st-key-camera_point'] input\").value !== before", arg=before
    )
    assert visit.complaints == []
