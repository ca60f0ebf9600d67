"""The rasteriser finds the nearest triangle of each pixel, whichever way it is filled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reid.arrays import AnyFloats, AnyInts
from reid.render.rasteriser import cover, fill_numpy

WIDTH, HEIGHT = 24, 18


def random_triangles(seed: int, count: int) -> tuple[AnyFloats, AnyInts]:
    rng = np.random.default_rng(seed)
    places = rng.uniform(-6, 30, (3 * count, 2))
    screen = np.concatenate([places, rng.uniform(0.02, 1.0, (3 * count, 1))], axis=1).astype(np.float32)
    faces = np.arange(3 * count).reshape(-1, 3)
    return screen, np.concatenate([faces, faces[:, ::-1]])


def slow_seen(screen: AnyFloats, faces: AnyInts) -> dict[tuple[int, int], tuple[float, float]]:
    """Return for each pixel the greatest 1 / depth over its middle, and how far that middle is inside its triangle."""
    seen: dict[tuple[int, int], tuple[float, float]] = {}
    for a, b, c in screen[faces].astype(float):
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if area >= -1e-6:
            continue
        for y in range(HEIGHT):
            for x in range(WIDTH):
                px, py = x + 0.5, y + 0.5
                second = ((px - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (py - a[1])) / area
                third = ((b[0] - a[0]) * (py - a[1]) - (px - a[0]) * (b[1] - a[1])) / area
                inside = min(1 - second - third, second, third)
                depth = (1 - second - third) * a[2] + second * b[2] + third * c[2]
                if inside >= 0 and depth > seen.get((x, y), (0, 0))[0]:
                    seen[x, y] = (depth, inside)
    return seen


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_cover_agrees_with_the_slow_way(seed: int, count: int) -> None:
    screen, faces = random_triangles(seed, count)
    found = cover(screen, faces, WIDTH, HEIGHT, fill_numpy)
    truth = slow_seen(screen, faces)
    surely = {y * WIDTH + x for (x, y), (_, inside) in truth.items() if inside > 1e-3}
    assert surely <= set(found.pixels.tolist())
    assert len(found.pixels) <= len(truth) + 3
    corners = screen[faces[found.faces], 2]
    depths = 1 / (found.weights / corners.T).sum(axis=0)
    for pixel, depth in zip(found.pixels.tolist(), depths, strict=True):
        if pixel in surely:
            assert abs(depth - truth[pixel % WIDTH, pixel // WIDTH][0]) < 2e-3


def test_weights_reproduce_the_place_of_each_pixel() -> None:
    screen, faces = random_triangles(3, 4)
    found = cover(screen, faces, WIDTH, HEIGHT, fill_numpy)
    corners = screen[faces[found.faces]]
    world = np.concatenate([corners[..., :2], np.ones((*corners.shape[:2], 1))], axis=2) / corners[..., 2:]
    place = np.einsum("cn,nck->nk", found.weights, world)
    x, y = place[:, 0] / place[:, 2], place[:, 1] / place[:, 2]
    assert np.abs(x - (found.pixels % WIDTH + 0.5)).max() < 0.02
    assert np.abs(y - (found.pixels // WIDTH + 0.5)).max() < 0.02


def test_a_nearer_triangle_hides_a_farther_one() -> None:
    far = [(0, 0, 0.1), (0, 18, 0.1), (24, 0, 0.1)]
    near = [(0, 0, 0.5), (0, 18, 0.5), (24, 0, 0.5)]
    screen = np.array([*near, *far], np.float32)
    found = cover(screen, np.array([[0, 1, 2], [3, 4, 5]]), WIDTH, HEIGHT, fill_numpy)
    assert found.pixels.size > 100
    assert set(found.faces.tolist()) == {0}


def test_triangles_behind_the_camera_are_not_drawn() -> None:
    screen = np.array([(0, 0, 0.5), (0, 18, 0.0), (24, 0, 0.5)], np.float32)
    assert cover(screen, np.array([[0, 1, 2]]), WIDTH, HEIGHT, fill_numpy).pixels.size == 0


def test_the_numba_fill_gives_the_same_picture() -> None:
    pytest.importorskip("numba", reason="numba is optional and not installed here")
    from reid.render.numba_fill import fill_numba

    screen, faces = random_triangles(11, 40)
    slow, fast = (cover(screen, faces, WIDTH, HEIGHT, fill) for fill in (fill_numpy, fill_numba))
    assert slow.pixels.tolist() == fast.pixels.tolist()
    assert (slow.faces == fast.faces).mean() > 0.99
