"""The wind sways the picture evenly, slowly and by parts of a pixel."""

import numpy as np

from reid.render.light.wind import cut_out, sway


def test_no_wind_no_sway() -> None:
    assert sway(1, 0.0, 5.0) == (0.0, 0.0)


def test_sway_has_its_strength_and_is_smooth() -> None:
    path = np.array([sway(3, 1.5, t) for t in np.arange(0, 200, 1 / 12)])
    assert 0.7 < path.std(axis=0).mean() < 2.0
    assert np.abs(path.mean(axis=0)).max() < 0.1
    assert np.abs(np.diff(path, axis=0)).max() < 2.5


def test_a_moved_picture_is_the_picture_moved() -> None:
    ramp = np.tile(np.arange(0, 120, 2, dtype=np.uint8), (40, 1))
    still, moved = cut_out(ramp, 0, 0, 8), cut_out(ramp, 1.5, 0, 8)
    assert still.shape == moved.shape == (24, 44)
    assert np.abs((still.astype(float) - moved) - 3).max() <= 1
    assert (cut_out(ramp, 2, 0, 8, smooth=False)[:, 2:] == still[:, :-2]).all()
