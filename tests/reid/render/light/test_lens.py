"""Lens distortion bends lines outwards, and can be undone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.arrays import AnyFloats
from reid.render.light.lens import Lens, aimed
from reid.render.street.street import OVERVIEW, PLATE, draw_street, on_ground, place_camera

EYE, TARGET, FOCAL_PX, WIDTH, HEIGHT = (-18.0, 3.0, 6.0), (0.0, 0.0, 1.0), 1100.0, 1280, 720


def lens(drawn_in: float) -> Lens:
    return aimed(EYE, TARGET, FOCAL_PX, WIDTH, HEIGHT, drawn_in=drawn_in)


def bent_slowly(place: AnyFloats, drawn_in: float) -> AnyFloats:
    """Return where a pixel of a pinhole is shown, found by bisection along its radius."""
    centre = np.array([WIDTH / 2, HEIGHT / 2])
    corner = float(np.hypot(*centre))
    far = float(np.hypot(*(place - centre)))
    low, high = 0.0, far
    for _ in range(60):
        shown = (low + high) / 2
        straight = shown / (1 - drawn_in * (shown / corner) ** 2) if drawn_in * (shown / corner) ** 2 < 1 else np.inf
        low, high = (shown, high) if straight < far else (low, shown)
    shown_at: AnyFloats = centre + (place - centre) * (low / max(far, 1e-9))
    return shown_at


@given(st.floats(-3000, 4000), st.floats(-3000, 4000), st.floats(0, 0.12))
def test_a_pixel_is_bent_to_where_bisection_finds_it(x: float, y: float, drawn_in: float) -> None:
    found = lens(drawn_in).bent(np.array([[x, y]], np.float32))[0]
    assert found == pytest.approx(bent_slowly(np.array([x, y]), drawn_in), abs=0.02)


@given(st.floats(0, WIDTH), st.floats(0, HEIGHT), st.floats(0, 0.12))
def test_straightening_undoes_bending(x: float, y: float, drawn_in: float) -> None:
    place = np.array([[x, y]], np.float32)
    assert lens(drawn_in).bent(lens(drawn_in).straightened(place)) == pytest.approx(place, abs=0.01)


@pytest.mark.parametrize("drawn_in", [0.0, 0.04, 0.1])
def test_a_ray_through_a_pixel_meets_what_is_shown_there(drawn_in: float) -> None:
    camera = lens(drawn_in)
    x_m, y_m, distance_m = on_ground(camera, camera.rays())
    for row, column in ((719, 3), (500, 1275), (650, 640), (400, 20)):
        place = np.array([[x_m[row, column], y_m[row, column], 0.0]])
        assert distance_m[row, column] < 200
        assert camera.project(place)[0, :2] == pytest.approx((column + 0.5, row + 0.5), abs=0.05)


def test_the_corners_move_inwards_by_drawn_in() -> None:
    corner, centre = np.array([[WIDTH, HEIGHT]], np.float32), np.array([WIDTH / 2, HEIGHT / 2])
    straight = lens(0.08).straightened(corner)[0] - centre
    assert np.hypot(*(corner[0] - centre)) == pytest.approx(0.92 * np.hypot(*straight), rel=1e-4)


def test_straight_lines_bow_outwards() -> None:
    line = np.array([[100.0, 60.0], [640.0, 60.0], [1180.0, 60.0]], np.float32)
    left, middle, right = lens(0.08).bent(line)
    assert middle[1] < left[1] - 3
    assert left[1] == pytest.approx(right[1], abs=1e-3)


def test_points_far_outside_never_fold_back_into_the_picture() -> None:
    out = np.array([[640.0 + far, 360.0] for far in (700, 2000, 10_000, 1e6)], np.float32)
    shown = lens(0.1).bent(out)[:, 0]
    assert (np.diff(shown) > 0).all()
    assert shown[0] > WIDTH


def test_a_part_of_the_picture_is_bent_like_the_whole() -> None:
    whole, points = lens(0.08), np.array([[0.0, -4.0, 0.5], [6.0, 5.0, 0.0]])
    part = whole.part(100, 50, 300, 200, scale=2)
    assert part.project(points)[:, :2] == pytest.approx((whole.project(points)[:, :2] - (100, 50)) * 2, abs=0.01)


def test_wide_cameras_bend_and_plate_cameras_hardly_do() -> None:
    def off_px(kind: str, seed: int) -> float:
        camera = place_camera(seed, draw_street(seed), 20.0, kind, WIDTH, HEIGHT)
        corner = np.array([[0, 0]], np.float32)
        return float(np.hypot(*(camera.straightened(corner) - corner)[0]))

    assert min(off_px(OVERVIEW, seed) for seed in range(20)) > 5
    assert max(off_px(PLATE, seed) for seed in range(20)) < 12
    assert max(off_px(OVERVIEW, seed) for seed in range(20)) > 40
