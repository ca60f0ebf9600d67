import math

import numpy as np
import pytest

from roadgraph.camera import Camera, snap
from roadgraph.camera_times import camera_times
from roadgraph.errors import RoadError
from roadgraph.origin import Origin
from roadgraph.reachability import ReachOptions, earliest_arrivals, reach
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid, node_at, random_graph
from tests.roadgraph.test_camera_times import cameras_on


@pytest.mark.parametrize("direction", ["after", "before", "both"])
@pytest.mark.parametrize("seed", range(3))
def test_the_matrix_and_the_search_say_the_same(seed: int, direction: str) -> None:
    graph = random_graph(seed, nodes=15, forbidden=10)
    placed = snap(graph, cameras_on(graph, 6, seed))
    options = ReachOptions(horizon_s=120, direction=direction)
    looked_up = reach(graph, placed, "c2", options, times=camera_times(graph, placed))
    searched = reach(graph, placed, "c2", options)
    assert {(one.camera, one.direction) for one in looked_up.cameras} == {
        (one.camera, one.direction) for one in searched.cameras
    }
    for one, other in zip(looked_up.cameras, searched.cameras, strict=True):
        assert one.earliest_s == pytest.approx(other.earliest_s, abs=1e-3)


def test_slack_for_speed_and_clocks_makes_the_earliest_earlier() -> None:
    graph = grid(2, 6)
    placed = snap(graph, [Camera("a", LAT0, LON0, 90), Camera("b", LAT0, LON0 + 4.5 * STEP, 90)])
    strict = reach(graph, placed, "a", ReachOptions(slack=1.0, clock_slack_s=0, direction="after")).cameras
    loose = reach(graph, placed, "a", ReachOptions(slack=1.5, clock_slack_s=3, direction="after")).cameras
    hard, soft = ({one.camera: one.earliest_s for one in found}["b"] for found in (strict, loose))
    assert soft == pytest.approx(hard / 1.5 - 3)


def test_cameras_beyond_the_horizon_are_left_out_and_the_likely_latest_is_later() -> None:
    graph = grid(2, 30)
    placed = snap(graph, [Camera("a", LAT0, LON0, 90), Camera("b", LAT0, LON0 + 28.5 * STEP, 90)])
    near = reach(graph, placed, "a", ReachOptions(horizon_s=60, direction="after"))
    assert "b" not in {one.camera for one in near.cameras}
    far = reach(graph, placed, "a", ReachOptions(horizon_s=600, direction="after"))
    assert all(one.likely_latest_s > one.earliest_s for one in far.cameras)
    assert far.circle_km2 > near.circle_km2


def test_a_larger_radius_reaches_everything_sooner() -> None:
    graph = grid(5, 5)
    placed = snap(graph, cameras_on(graph, 5, 3))
    options = ReachOptions(direction="after")
    place = LAT0 + 2 * STEP, LON0 + 2 * STEP
    point = {c.camera: c.earliest_s for c in reach(graph, placed, Origin.around(graph, *place), options).cameras}
    disc = {c.camera: c.earliest_s for c in reach(graph, placed, Origin.around(graph, *place, 150), options).cameras}
    assert all(disc[camera] <= point[camera] + 1e-9 for camera in point)
    assert sum(disc.values()) < sum(point.values())


def test_an_area_starts_from_all_its_roads() -> None:
    graph = grid(4, 4)
    half = STEP / 2
    corner = [
        [LON0 - half, LAT0 - half],
        [LON0 + half, LAT0 - half],
        [LON0 + half, LAT0 + half],
        [LON0 - half, LAT0 + half],
    ]
    origin = Origin.within(graph, {"type": "Polygon", "coordinates": [[*corner, corner[0]]]})
    touching = {
        int(e)
        for e in np.flatnonzero((graph.edge_from == node_at(graph, 0, 0)) | (graph.edge_to == node_at(graph, 0, 0)))
    }
    assert set(origin.edge.tolist()) == touching
    with pytest.raises(RoadError, match="no road lies"):
        Origin.within(graph, {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]})
    with pytest.raises(RoadError, match="draw it as a Polygon"):
        Origin.within(graph, {"type": "Nonsense"})


def test_the_road_taken_is_used() -> None:
    graph = grid(2, 4)
    placed = snap(graph, [Camera("a", LAT0, LON0 + 1.5 * STEP, 90), Camera("b", LAT0, LON0 + 2.5 * STEP, 90)])
    away, there = edge_between(graph, (0, 2), (0, 1)), edge_between(graph, (0, 1), (0, 2))
    options = ReachOptions(direction="after")
    soon, late = (
        {one.camera: one.earliest_s for one in reach(graph, placed, "a", options, edge=edge).cameras}["b"]
        for edge in (there, away)
    )
    assert late > soon


@pytest.mark.parametrize(
    ("options", "message"),
    [(ReachOptions(direction="sideways"), "after, before, both"), (ReachOptions(slack=0.5), "slack")],
)
def test_impossible_options_are_refused(options: ReachOptions, message: str) -> None:
    graph = grid()
    with pytest.raises(RoadError, match=message):
        reach(graph, [], Origin.around(graph, LAT0, LON0), options)


def test_an_unknown_camera_is_named() -> None:
    with pytest.raises(RoadError, match="'x'"):
        reach(grid(), [], "x")


@pytest.mark.parametrize("direction", ["after", "before", "both"])
def test_the_earliest_arrivals_are_those_of_the_whole_hypothesis(direction: str) -> None:
    graph = random_graph(0, nodes=15, forbidden=10)
    placed = snap(graph, cameras_on(graph, 6, 0))
    options = ReachOptions(horizon_s=120, direction=direction)
    for times in (None, camera_times(graph, placed)):
        whole = {(one.camera, one.direction): one.earliest_s for one in reach(graph, placed, "c2", options).cameras}
        found = earliest_arrivals(graph, placed, "c2", options, times=times)
        for side, soonest_s in (("before", found.before_s), ("after", found.after_s)):
            expected = [whole.get((camera, side), math.inf) for camera in found.cameras]
            assert soonest_s == pytest.approx(expected, abs=1e-3)
        assert set(found.cameras) == {one.id for one in placed}
