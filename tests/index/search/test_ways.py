import numpy as np
import pytest

from index.search.ways import Ways
from roadgraph.camera import Camera, snap
from roadgraph.camera_times import camera_times
from roadgraph.graph import RoadGraph
from roadgraph.next_counts import NO_COUNTS, NextCounts, NextPassage
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid


@pytest.fixture(scope="module")
def ways() -> Ways:
    graph = grid(2, 8)
    along = [Camera(name, LAT0, LON0 + (x + 0.5) * STEP, 90.0) for name, x in zip("abcd", (0, 2, 4, 6), strict=True)]
    return Ways(graph, camera_times(graph, snap(graph, along)))


def east(ways: Ways, column: int) -> int:
    assert isinstance(ways.graph, RoadGraph)
    return edge_between(ways.graph, (0, column), (0, column + 1))


def test_the_next_camera_is_likelier_than_its_traffic_and_hidden_ones_less(ways: Ways) -> None:
    cameras = ["b", "c", "d", "b", "c", "d"]
    llr = ways.from_start("a", east(ways, 0), cameras, np.full(6, 60.0))
    assert llr[0] > 0 > llr[1]
    assert llr[:3] == pytest.approx(llr[3:])
    # Half of the drives pass any camera as traffic does, so the hidden camera loses at most half.
    assert llr[1] == pytest.approx(np.log(0.5), abs=0.15)


def test_before_the_start_the_camera_that_saw_it_last_is_likelier(ways: Ways) -> None:
    llr = ways.from_start("c", east(ways, 4), ["b", "d", "b", "d"], np.array([-60.0, -60.0, 60.0, 60.0]))
    assert llr[0] > llr[1]
    assert llr[3] > llr[2]


def test_between_sightings_each_row_has_its_own_next_camera(ways: Ways) -> None:
    llr = ways.between(["a", "b", "c"], [east(ways, 0), east(ways, 2), east(ways, 4)], ["a", "b", "c", "d"])
    assert llr.shape == (3, 3)
    assert llr[0, 1] > llr[0, 2]
    assert llr[1, 2] > llr[1, 0]


def test_a_camera_that_is_not_on_the_map_tells_nothing(ways: Ways) -> None:
    assert ways.from_start("nowhere", None, ["a", "b"], np.ones(2)).tolist() == [0.0, 0.0]
    assert ways.from_start("a", None, ["nowhere", "b"], np.ones(2))[0] == 0.0


def test_counted_vehicles_make_a_camera_likelier_with_and_without_roads(ways: Ways) -> None:
    counts = NextCounts({NextPassage("a", "d"): 200.0})
    cameras, soon = ["b", "c", "d"], np.full(3, 60.0)
    for graph in (ways.graph, None):
        before, after = (
            Ways(graph, ways.times, one).from_start("a", None, cameras, soon) for one in (NO_COUNTS, counts)
        )
        assert after[2] > before[2] + 0.3
        assert after[0] < before[0]
    assert Ways(None, ways.times).from_start("a", None, cameras, soon) == pytest.approx(np.zeros(3))
