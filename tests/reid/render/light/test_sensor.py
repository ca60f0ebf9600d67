"""The sensor's curve rises, and its grain neither brightens nor darkens."""

import numpy as np

from reid.render.light.sensor import Grain, develop, draw_sensor, shifted_view, sway
from reid.vehicle import Image


def test_more_light_is_brighter() -> None:
    light = np.repeat(np.linspace(0, 3, 50, dtype=np.float32)[:, None], 3, axis=1)
    grey = develop(light, draw_sensor(1, 1.0, dark=False)).mean(axis=1)
    assert (np.diff(grey) >= 0).all()
    assert grey[0] < 10
    assert grey[-1] > 230


def test_grain_is_even_and_changes_with_the_frame() -> None:
    sensor = draw_sensor(2, 1.0, dark=True)
    grain = Grain(sensor, 160, 90, seed=3)
    flat = np.full((90, 160, 3), 128, np.uint8)

    def with_grain(number: int) -> Image:
        frame = flat.copy()
        grain.add(frame, number)
        return frame

    one, other = with_grain(1), with_grain(2)
    assert abs(float(one.mean()) - 128) < 0.7
    assert 0.5 * sensor.noise < one.std() < 1.6 * sensor.noise
    assert (one != other).any()
    assert (with_grain(1) == one).all()


def test_no_wind_no_sway() -> None:
    assert sway(1, 0.0, 5.0) == (0.0, 0.0)


def test_sway_has_its_strength_and_is_smooth() -> None:
    path = np.array([sway(3, 1.5, t) for t in np.arange(0, 200, 1 / 12)])
    assert 0.7 < path.std(axis=0).mean() < 2.0
    assert np.abs(path.mean(axis=0)).max() < 0.1
    assert np.abs(np.diff(path, axis=0)).max() < 2.5


def test_a_moved_picture_is_the_picture_moved() -> None:
    ramp = np.tile(np.arange(0, 120, 2, dtype=np.uint8), (40, 1))
    still, moved = shifted_view(ramp, 0, 0, 8), shifted_view(ramp, 1.5, 0, 8)
    assert still.shape == moved.shape == (24, 44)
    assert np.abs((still.astype(float) - moved) - 3).max() <= 1
    assert (shifted_view(ramp, 2, 0, 8, smooth=False)[:, 2:] == still[:, :-2]).all()
