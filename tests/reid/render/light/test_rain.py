"""Wet roads are darker than dry ones and show reflections below vehicles."""

from dataclasses import replace

import numpy as np
import pytest

from reid.render.frames import FrameRenderer
from reid.render.light.lens import aimed
from reid.render.light.rain import is_mirroring, mirrored_share
from reid.render.light.weather import make_light
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.street.paving import lit_ground
from reid.render.vehicles.bodies import make_model, make_vehicle

SMALL = SiteOptions(width=480, height=270, weather="rain", parked=0, heading_deg=180.0)


@pytest.fixture(scope="module")
def site() -> Site:
    site = make_site(12, SMALL)
    return replace(site, sensor=replace(site.sensor, noise=0.0), light=replace(site.light, rain=0.0))


def test_a_mirrored_lens_sees_objects_at_their_reflections() -> None:
    lens = aimed((-15, 2, 6), (0, 0, 1), 900, 640, 360, drawn_in=0.06)
    points = np.array([[0.0, 1.0, 1.5], [3.0, -2.0, 0.4]])
    assert lens.under_ground().project(points) == pytest.approx(lens.project(points * [1, 1, -1]), abs=1e-3)


def test_the_reflection_lies_below_the_vehicle(site: Site) -> None:
    car = make_vehicle(5, make_model(5, "van"), colour="white", marks=())
    wet, dry = (
        FrameRenderer(replace(site, light=replace(site.light, wetness=wetness))).frame([Placement(car, 1, -4.0)], 0.0)
        for wetness in (1.0, 0.0)
    )
    assert wet.boxes == dry.boxes, "the box is the vehicle's alone"
    box = wet.boxes[0].box
    below = slice(int(box.y + box.height) + 4, int(box.y + box.height) + 16)
    inside = slice(int(box.x) + 4, int(box.x + box.width) - 4)
    change = np.abs(wet.image.astype(int) - dry.image).max(axis=2)
    assert change[below, inside].mean() > 4
    assert change[: int(box.y) - 10].max() <= 2, "nothing above it changes"


def test_flat_view_angles_reflect_more() -> None:
    near, far = (mirrored_share(aimed((-away, 0, 6), (0, 0, 0), 900, 640, 360), 0, 0) for away in (8, 40))
    assert 0 < near < far < 1


def test_only_wet_roads_reflect() -> None:
    assert is_mirroring(make_light(1, "rain").wetness)
    assert not is_mirroring(make_light(1, "sun").wetness)
    assert not is_mirroring(make_light(1, "fog").wetness)


def test_some_nights_are_wet_without_rain() -> None:
    nights = [make_light(seed, "night") for seed in range(60)]
    assert 0.1 < np.mean([is_mirroring(night.wetness) for night in nights]) < 0.6
    assert {night.rain for night in nights} == {0.0}


def test_wet_asphalt_seen_from_above_is_darker() -> None:
    rain = make_light(1, "rain")
    rays = np.array([[[0.8, 0.0, -0.6]]], np.float32)
    asphalt, near = np.full((1, 1, 3), 0.2, np.float32), np.array([[10.0]], np.float32)
    wet, dry = (lit_ground(asphalt, replace(rain, wetness=wetness), rays, near).mean() for wetness in (1.0, 0.0))
    assert wet < 0.75 * dry
