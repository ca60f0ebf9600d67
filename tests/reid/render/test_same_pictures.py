"""Pictures stay the same from one version to the next, and with either way of filling triangles."""

import cv2
import numpy as np
import pytest

from reid.render.frames import FrameRenderer, RenderedFrame
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle
from tests.reid.render.stored_pictures import STORED, TILE, thumbnails

LEVELS = 8
SHARE = 1e-3
"""Two ways of drawing give values that differ by more than LEVELS in less than this share of a frame."""


def test_pictures_match_the_stored_ones() -> None:
    stored = np.asarray(cv2.imread(str(STORED)))[..., ::-1]
    change = np.abs(thumbnails().astype(int) - stored)
    tiles = change.reshape(-1, TILE[1], stored.shape[1] // TILE[0], TILE[0], 3).mean(axis=(1, 3, 4))
    assert tiles.max() < 1.0, "tests/reid/render/stored_pictures.py says what to do where this is meant"


def _frame() -> RenderedFrame:
    site = make_site(7, SiteOptions(width=640, height=360, heading_deg=20))
    bodies = (("suv", 1, 2.0), ("hatch", 1, 14.0), ("bus", -1, -8.0), ("scooter", -1, 4.0))
    traffic = [Placement(make_vehicle(i, make_model(i, body)), way, at) for i, (body, way, at) in enumerate(bodies)]
    return FrameRenderer(site).frame(traffic, 0.5)


def test_numba_and_numpy_draw_the_same_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="numba is optional and not installed here")
    from reid.render.numba_fill import fill_numba
    from reid.render.rasteriser import fill_numpy

    drawn = []
    for fill in (fill_numpy, fill_numba):
        monkeypatch.setattr("reid.render.rasteriser.FILL", fill)
        drawn.append(_frame())
    slow, fast = drawn
    far_off = np.abs(slow.image.astype(int) - fast.image) > LEVELS
    assert far_off.mean() < SHARE
    for one, other in zip(slow.boxes, fast.boxes, strict=True):
        sides = np.array([(box.box.x, box.box.y, box.box.width, box.box.height) for box in (one, other)])
        assert np.abs(sides[0] - sides[1]).max() <= 1
        assert one.visible == pytest.approx(other.visible, abs=0.02)
