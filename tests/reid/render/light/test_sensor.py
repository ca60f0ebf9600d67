"""The sensor's curve rises, and its grain neither brightens nor darkens."""

import numpy as np

from reid.render.light.sensor import Grain, Picture, develop, draw_sensor


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

    def with_grain(number: int) -> Picture:
        frame = flat.copy()
        grain.add(frame, number)
        return frame

    one, other = with_grain(1), with_grain(2)
    assert abs(float(one.mean()) - 128) < 0.7
    assert 0.5 * sensor.noise < one.std() < 1.6 * sensor.noise
    assert (one != other).any()
    assert (with_grain(1) == one).all()
