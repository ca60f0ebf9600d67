"""A camera that was moved is told from one that stands, in any light."""

from itertools import combinations

import cv2
import numpy as np
import pytest

from reid.render.frames import FrameRenderer
from reid.render.scene import SiteOptions, make_site
from reid.scene.moved_camera import CameraMove, suspect_move
from reid.vehicle import Grey

WIDTH, HEIGHT = 480, 270
LIGHTS = ("sun", "night", "rain")


def scene(seed: int, weather: str) -> Grey:
    image = FrameRenderer(make_site(seed, SiteOptions(WIDTH, HEIGHT, weather=weather))).frame([], 0.0).image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


@pytest.fixture(scope="module")
def scenes() -> dict[str, Grey]:
    return {weather: scene(301, weather) for weather in LIGHTS}


def view(of: Grey, right_px: float = 0, down_px: float = 0, turned_deg: float = 0) -> Grey:
    """What a camera sees whose picture is the middle of a larger scene."""
    how = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), turned_deg, 1.25)
    how[:, 2] += (right_px, down_px)
    return np.asarray(cv2.warpAffine(of, how, (WIDTH, HEIGHT)), dtype=np.uint8)


@pytest.mark.parametrize(("first", "second"), list(combinations(LIGHTS, 2)))
def test_light_and_weather_move_no_camera(scenes: dict[str, Grey], first: str, second: str) -> None:
    assert suspect_move(scenes[first], scenes[second]) is None


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize(("right", "down"), [(4, 0), (-12, 5), (30, -10)])
def test_a_shift_is_measured(scenes: dict[str, Grey], light: str, right: int, down: int) -> None:
    move = suspect_move(view(scenes["sun"]), view(scenes[light], right, down))
    assert move is not None
    assert move.share == pytest.approx(np.hypot(right, down) / WIDTH, abs=1 / WIDTH)


@pytest.mark.parametrize("light", LIGHTS)
def test_a_camera_turned_about_its_axis_is_suspected(scenes: dict[str, Grey], light: str) -> None:
    assert suspect_move(view(scenes["sun"]), view(scenes[light], turned_deg=2)) is not None


def test_another_view_is_suspected_and_a_dark_scene_or_another_size_is_not_compared(scenes: dict[str, Grey]) -> None:
    assert suspect_move(scenes["sun"], scene(302, "sun")) == CameraMove(None)
    assert suspect_move(scenes["sun"], np.zeros((HEIGHT, WIDTH), np.uint8)) is None
    assert suspect_move(scenes["sun"], scenes["sun"][:200]) is None
