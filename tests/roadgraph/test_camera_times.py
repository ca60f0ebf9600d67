from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from roadgraph.camera import Camera, snap
from roadgraph.camera_times import CameraTimes, camera_times
from roadgraph.errors import RoadError
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid, random_graph


def cameras_on(graph, count: int, seed: int):
    rng = np.random.default_rng(seed)
    edges = rng.choice(graph.edges, size=count, replace=False)
    places = [graph.position(int(edge), float(graph.edge_length_m[edge] * rng.random())) for edge in edges]
    return [Camera(f"c{i}", *place, float(rng.uniform(0, 360))) for i, place in enumerate(places)]


def test_a_straight_street_takes_its_length_by_its_speed() -> None:
    graph = grid(2, 3)
    placed = snap(graph, [Camera("a", LAT0, LON0 + 0.5 * STEP, 90), Camera("b", LAT0, LON0 + 1.5 * STEP, 90)])
    times = camera_times(graph, placed)
    metres = graph.edge_length_m[edge_between(graph, (0, 0), (0, 1))]
    leg = times.between("a", "b")
    assert leg.km == pytest.approx(metres / 1000, abs=1e-4)
    assert leg.free_s == pytest.approx(metres / (50 / 3.6), abs=1e-2)
    assert leg.usual_s > leg.free_s
    assert times.earliest_s(slack=1.3)[0, 1] == pytest.approx(leg.free_s / 1.3)


def test_the_edge_taken_changes_the_travel_time() -> None:
    graph = grid(2, 3)
    placed = snap(graph, [Camera("a", LAT0, LON0 + 0.5 * STEP, 90), Camera("b", LAT0, LON0 + 1.5 * STEP, 90)])
    times = camera_times(graph, placed)
    away = edge_between(graph, (0, 1), (0, 0))
    assert times.between("a", "b", first_edge=away).free_s > times.between("a", "b").free_s


@pytest.mark.parametrize("metres", [0.0, 8.0, -8.0])
def test_two_cameras_at_one_spot_see_a_vehicle_at_once_in_any_order(metres: float) -> None:
    """A plate camera and another on one pole were a drive round the block apart, one way or both."""
    graph = grid(2, 3)
    beside = STEP * metres / graph.edge_length_m[edge_between(graph, (0, 0), (0, 1))]
    cameras = [Camera("a", LAT0, LON0 + 0.5 * STEP, 90), Camera("b", LAT0, LON0 + 0.5 * STEP + beside, 90)]
    times = camera_times(graph, snap(graph, cameras))
    edge = edge_between(graph, (0, 0), (0, 1))
    for first, second in (("a", "b"), ("b", "a")):
        leg = times.between(first, second, first_edge=edge, second_edge=edge)
        assert leg.free_s == pytest.approx(abs(metres) / (50 / 3.6), abs=0.05)
        assert leg.km == pytest.approx(abs(metres) / 1000, abs=0.001)
    assert times.between("a", "a", first_edge=edge, second_edge=edge).free_s > 10


@pytest.mark.parametrize("seed", range(4))
def test_an_updated_matrix_equals_a_new_one(seed: int) -> None:
    graph = random_graph(seed, nodes=15, forbidden=10)
    before = cameras_on(graph, 8, seed)
    known = camera_times(graph, snap(graph, before))
    moved = [*before[:3], *cameras_on(graph, 5, seed + 100)[3:], *before[5:7]]
    placed = snap(graph, moved)
    updated, anew = camera_times(graph, placed, known=known), camera_times(graph, placed)
    assert updated.ids == anew.ids
    for name in ("free_s", "usual_s", "km"):
        np.testing.assert_allclose(getattr(updated, name), getattr(anew, name), atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_times_at_one_time_are_chosen_from_those_of_all_times(seed: int) -> None:
    graph = random_graph(seed, nodes=15, forbidden=10)
    now, before = (snap(graph, cameras_on(graph, 8, seed + shift)) for shift in (0, 100))
    both = [replace(one, views=(*one.views, *two.views)) for one, two in zip(now, before, strict=True)]
    ever = camera_times(graph, both)
    then = ever.of([*now[:3], *before[3:6]])
    assert then is not None
    anew = camera_times(graph, [*now[:3], *before[3:6]])
    np.testing.assert_allclose(then.per_camera(then.usual_s), anew.per_camera(anew.usual_s), atol=1e-4)
    np.testing.assert_array_equal(then.view_edge, anew.view_edge)
    for first in then.ids:
        for second in then.ids:
            assert then.between(first, second).free_s == pytest.approx(anew.between(first, second).free_s, abs=1e-4)
    assert np.shares_memory(then.free_s, ever.free_s)
    assert camera_times(graph, now).of(before) is None


def test_many_pairs_at_once_are_those_one_by_one() -> None:
    graph = random_graph(3, nodes=15, forbidden=10)
    times = camera_times(graph, snap(graph, cameras_on(graph, 9, 3)))
    starts, ends = np.arange(9)[:, None], np.arange(9)[None, :]
    slowly = [[times.between(first, second).km for second in times.ids] for first in times.ids]
    np.testing.assert_array_equal(times.of_pairs(times.km, starts, ends), slowly)
    np.testing.assert_array_equal(times.per_camera(times.km), slowly)


def test_a_matrix_of_other_roads_is_not_reused() -> None:
    first, second = random_graph(1, nodes=15, forbidden=0), random_graph(2, nodes=15, forbidden=0)
    old = camera_times(first, snap(first, cameras_on(first, 4, 0)))
    placed = snap(second, cameras_on(second, 4, 0))
    assert np.array_equal(camera_times(second, placed, known=old).free_s, camera_times(second, placed).free_s)


def test_a_matrix_comes_back_from_its_file(tmp_path: Path) -> None:
    graph = grid()
    placed = snap(graph, cameras_on(graph, 3, 0))
    times = camera_times(graph, placed)
    times.save(tmp_path / "times.npz")
    again = CameraTimes.load(tmp_path / "times.npz")
    assert again.of(sorted(placed, key=lambda one: one.camera.id)) is not None
    assert np.array_equal(again.free_s, times.free_s)
    (tmp_path / "times.npz").write_bytes(b"no")
    with pytest.raises(RoadError, match="rebuild"):
        CameraTimes.load(tmp_path / "times.npz")


def test_no_cameras_make_an_empty_matrix() -> None:
    assert camera_times(grid(), []).free_s.shape == (0, 0)


def test_an_unknown_camera_is_named() -> None:
    with pytest.raises(RoadError, match="'nowhere'"):
        camera_times(grid(), []).between("nowhere", "else")
