"""Motion blur covers the way driven while the shutter is open, centred on the vehicle."""

import cv2
import numpy as np
import pytest

from reid.render.light.lens import aimed
from reid.render.vehicles.bodies import make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.render.vehicles.layers import Layer, PixelWindow
from reid.render.vehicles.motion_blur import Motion, motion, motion_blurred

WIDTH, HEIGHT = 320, 180


def block(window: PixelWindow) -> Layer:
    coverage = np.zeros((window.height, window.width), np.uint8)
    coverage[3:-3, 3:-3] = 255
    return Layer(window, np.repeat(coverage[..., None] // 2, 3, axis=2), coverage, 0)


def on_frame(layer: Layer) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    frame = np.zeros((HEIGHT, WIDTH))
    frame[layer.window.slices] = layer.coverage
    return frame


def going(right_px: float, down_px: float = 0.0, growth: float = 0.0) -> Motion:
    return Motion(np.array([160.0, 90.0]), np.array([right_px, down_px]), growth)


def extent(layer: Layer) -> tuple[int, int, int, int]:
    return cv2.boundingRect((on_frame(layer) >= 128).astype(np.uint8))  # type: ignore[return-value]


@pytest.mark.parametrize("moves", [None, going(0.6), going(0.0)])
def test_slow_layers_stay_sharp(moves: Motion | None) -> None:
    layer = block(PixelWindow(100, 60, 80, 50))
    assert motion_blurred(layer, moves, WIDTH, HEIGHT) is layer


@pytest.mark.parametrize("moves", [going(9.0), going(-30.0, 6.0), going(3.0, 2.0, growth=0.15), going(1.4)])
def test_blur_is_the_mean_of_all_places(moves: Motion) -> None:
    layer = block(PixelWindow(100, 60, 80, 50))
    sharp, total = on_frame(layer), np.zeros((HEIGHT, WIDTH))
    for share in (np.arange(200) + 0.5) / 200 - 0.5:
        grown = share * moves.growth
        shift = share * moves.way - grown * moves.centre
        step = np.array([[1 + grown, 0, shift[0]], [0, 1 + grown, shift[1]]])
        total += cv2.warpAffine(sharp, step, (WIDTH, HEIGHT)) / 200
    off = np.abs(on_frame(motion_blurred(layer, moves, WIDTH, HEIGHT)) - total)
    assert off.mean() < 0.6
    assert off.max() < 50, "half a pixel of a sharp edge"


@pytest.mark.parametrize("moves", [going(9.0), going(-30.0, 6.0), going(0.0, 12.0), going(2.0, growth=0.1)])
def test_the_solid_mask_stays_at_the_middle_of_the_exposure(moves: Motion) -> None:
    layer = block(PixelWindow(100, 60, 80, 50))
    sharp, soft = extent(layer), extent(motion_blurred(layer, moves, WIDTH, HEIGHT))
    assert np.abs(np.subtract(sharp, soft)).max() <= 2


def test_one_that_leaves_the_picture_does_not_fade_at_its_border() -> None:
    coverage = np.full((50, 80), 255, np.uint8)
    layer = Layer(PixelWindow(0, 60, 80, 50), np.repeat(coverage[..., None], 3, axis=2), coverage, 0)
    assert (motion_blurred(layer, going(12.0), WIDTH, HEIGHT).coverage[20, :20] >= 254).all()


def test_the_motion_is_that_of_the_projected_vehicle() -> None:
    solid = build(make_vehicle(3, make_model(3, "sedan")))
    lens = aimed((-14, 3, 6), (0, 0, 1), 1100, 1280, 720)
    across, ahead = motion(solid, (0, 0, np.pi / 2), 0.5, lens), motion(solid, (0, 0, 0.0), 0.5, lens)
    assert across is not None
    assert ahead is not None
    assert across.way[0] < -20, "to the left, for the camera looks along +x"
    assert abs(across.way[1]) < 10
    assert ahead.growth < -0.02, "smaller, for it drives away"
    assert motion(solid, (0, 0, 0.0), 0.0, lens) is None
    assert motion(solid, (-14, 3, 0.0), 0.5, lens) is None, "it is not before the camera"
