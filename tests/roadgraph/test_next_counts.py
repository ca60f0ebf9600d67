import numpy as np
import pytest

from roadgraph.camera import Camera, snap
from roadgraph.camera_times import camera_times
from roadgraph.next_camera import WORTH, next_shares
from roadgraph.next_counts import NO_COUNTS, NextCounts, NextPassage, counted_shares
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid

GRAPH = grid(2, 8)
ALONG = [Camera(name, LAT0, LON0 + (x + 0.5) * STEP, 90.0) for name, x in zip("abcd", (0, 2, 4, 6), strict=True)]
TIMES = camera_times(GRAPH, snap(GRAPH, ALONG))
EAST = edge_between(GRAPH, (0, 2), (0, 3))
WEST = edge_between(GRAPH, (0, 3), (0, 2))


def test_counts_pull_the_shares_away_from_the_roads_by_their_number() -> None:
    expected = next_shares(GRAPH, TIMES, "a")
    few, many = (
        counted_shares(GRAPH, TIMES, NextCounts({NextPassage("a", "d"): vehicles}), "a") for vehicles in (WORTH, 1e6)
    )
    d = TIMES.code_of["d"]
    assert few[d] == pytest.approx((expected[d] + 1) / 2)
    assert many[d] == pytest.approx(1.0, abs=1e-4)
    assert counted_shares(GRAPH, TIMES, NO_COUNTS, "a") == pytest.approx(expected)


def test_only_vehicles_on_the_road_that_was_taken_count() -> None:
    counts = NextCounts({NextPassage("b", "d", EAST): 5.0, NextPassage("b", "a", WEST): 3.0})
    by_road = [counts.beside(TIMES, "b", edge).tolist() for edge in (EAST, WEST, None)]
    assert by_road == [[0, 0, 0, 5], [3, 0, 0, 0], [3, 0, 0, 5]]


def test_before_a_camera_the_counts_are_read_backwards() -> None:
    counts = NextCounts({NextPassage("a", "b", 1, EAST): 5.0, NextPassage("d", "b", 2, WEST): 3.0})
    assert counts.beside(TIMES, "b", EAST, backwards=True).tolist() == [5, 0, 0, 0]
    assert counts.beside(TIMES, "b", None, backwards=True).tolist() == [5, 0, 0, 3]
    assert np.all(counts.beside(TIMES, "b", None) == 0)


def test_a_camera_that_is_gone_is_left_out() -> None:
    assert NextCounts({NextPassage("a", "gone"): 5.0}).beside(TIMES, "a", None).tolist() == [0, 0, 0, 0]
