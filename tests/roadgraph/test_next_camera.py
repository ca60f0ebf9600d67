import numpy as np
import pytest

from roadgraph.camera import Camera, PlacedCamera, snap
from roadgraph.camera_times import CameraTimes, camera_times
from roadgraph.graph import RoadGraph
from roadgraph.next_camera import next_shares, with_counts
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid


def road() -> tuple[RoadGraph, list[PlacedCamera], CameraTimes]:
    """Return cameras a, b, c, d along a road of seven crossings, and e on a street that leaves it between a and b."""
    graph = grid(3, 8)
    along = [
        Camera(name, LAT0 + STEP, LON0 + (x + 0.5) * STEP, 90.0) for name, x in zip("abcd", (0, 2, 4, 6), strict=True)
    ]
    placed = snap(graph, [*along, Camera("e", LAT0 + 1.5 * STEP, LON0 + 2 * STEP, 0.0)])
    return graph, placed, camera_times(graph, placed)


def test_the_next_camera_is_on_the_way_and_no_other_lies_between() -> None:
    graph, _, times = road()
    east = edge_between(graph, (1, 0), (1, 1))
    share = dict(zip(times.ids, next_shares(graph, times, "a", east).tolist(), strict=True))
    assert sum(share.values()) == pytest.approx(1)
    assert share["b"] > 5 * share["c"]
    assert share["c"] > share["d"]
    assert share["e"] > share["d"]
    assert share["a"] < share["b"]


def test_the_camera_before_is_found_against_the_direction_driven() -> None:
    graph, _, times = road()
    east = edge_between(graph, (1, 4), (1, 5))
    after, before = (next_shares(graph, times, "c", east, backwards=back) for back in (False, True))
    d, b = times.code_of["d"], times.code_of["b"]
    assert after[d] > 3 * after[b]
    assert before[b] > 3 * before[d]


def test_where_the_road_taken_is_unknown_both_directions_count_alike() -> None:
    graph, _, times = road()
    edges = [edge_between(graph, (1, 4), (1, 5)), edge_between(graph, (1, 5), (1, 4))]
    each = [next_shares(graph, times, "c", edge) for edge in edges]
    assert next_shares(graph, times, "c") == pytest.approx(np.mean(each, axis=0))


def test_counted_passages_outweigh_the_roads_in_time() -> None:
    shares = np.array([0.7, 0.2, 0.1])
    assert with_counts(shares, np.zeros(3)) == pytest.approx(shares)
    assert with_counts(shares, np.array([0.0, 0.0, 5000.0]))[2] > 0.99
    assert with_counts(shares, np.array([1.0, 0.0, 0.0])).sum() == pytest.approx(1)


def test_nowhere_to_go_gives_no_chance() -> None:
    graph, placed, _ = road()
    alone = camera_times(graph, placed[:1])
    assert next_shares(graph, alone, "a").sum() == pytest.approx(1)
    assert next_shares(graph, alone, "a")[0] == pytest.approx(1)
