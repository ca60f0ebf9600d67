"""Outlines say where vehicles are without drawing them."""

import pytest

from reid.render.frames import FrameRenderer
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle


@pytest.mark.parametrize("kind", ["overview", "plate"])
def test_outlined_boxes_are_those_of_the_drawn_vehicles(kind: str) -> None:
    renderer = FrameRenderer(make_site(7, SiteOptions(heading_deg=20, kind=kind, shakes=True)))
    cars = [make_vehicle(number, make_model(number)) for number in range(3)]
    placements = [Placement(cars[0], 1, -9.0), Placement(cars[1], 1, 2.0), Placement(cars[2], -1, 3.0)]
    drawn = {box.index: box for box in renderer.frame(placements, 1.5).boxes if box.index >= 0}
    outlined = {box.index: box for box in renderer.outlined(placements, 1.5)}
    assert outlined.keys() == drawn.keys()
    for index, box in outlined.items():
        true = drawn[index]
        for side in ("x", "y", "width", "height"):
            assert getattr(box.box, side) == pytest.approx(getattr(true.box, side), abs=5)
        assert box.visible == pytest.approx(true.visible, abs=0.06)
        assert box.plate_height_px == true.plate_height_px


def test_a_street_without_traffic_has_no_outlines() -> None:
    assert FrameRenderer(make_site(7, SiteOptions(width=480, height=270))).outlined([], 0.0) == ()
