import pytest

from roadgraph.assembly import RoadSource, assemble
from roadgraph.camera import Camera, edge_of_heading, snap
from roadgraph.errors import RoadError
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid, way

MIDDLE = LON0 + STEP / 2


def test_a_camera_beside_a_street_sees_both_directions_with_their_headings() -> None:
    graph = grid(2, 2)
    placed = snap(graph, [Camera("c", LAT0 + 0.00005, MIDDLE, 90.0)])[0]
    east, west = edge_between(graph, (0, 0), (0, 1)), edge_between(graph, (0, 1), (0, 0))
    headings = {view.edge: view.heading_deg for view in placed.views}
    assert headings == {east: pytest.approx(0, abs=0.5), west: pytest.approx(180, abs=0.5)}
    assert placed.snap_m == pytest.approx(5.6, abs=0.2)


@pytest.mark.parametrize(("heading", "way_"), [(10, "east"), (350, "east"), (170, "west"), (90, None), (None, None)])
def test_heading_in_the_picture_tells_the_road_taken(heading: float | None, way_: str | None) -> None:
    graph = grid(2, 2)
    placed = snap(graph, [Camera("c", LAT0 + 0.00005, MIDDLE, 90.0)])[0]
    edges = {"east": edge_between(graph, (0, 0), (0, 1)), "west": edge_between(graph, (0, 1), (0, 0)), None: None}
    assert edge_of_heading(placed, heading) == edges[way_]


def test_the_bearing_chooses_between_roads_at_a_crossing() -> None:
    graph = grid(3, 3)
    corner = LAT0 + STEP + 0.00003, LON0 + STEP + 0.00003
    north = snap(graph, [Camera("n", *corner, 0.0)])[0]
    east = snap(graph, [Camera("e", *corner, 90.0)])[0]
    assert {graph.name(view.edge) for view in north.views} == {"Column 1"}
    assert {graph.name(view.edge) for view in east.views} == {"Row 1"}


def test_without_a_bearing_both_directions_are_seen_and_no_heading_is_known() -> None:
    placed = snap(grid(2, 2), [Camera("c", LAT0 + 0.00005, MIDDLE)])[0]
    assert len(placed.views) == 2
    assert all(view.heading_deg is None for view in placed.views)
    assert edge_of_heading(placed, 10) is None


def test_a_dual_carriageway_is_one_road_to_a_camera() -> None:
    there = way(1, [(0, column) for column in range(4)], oneway="yes", highway="primary")
    back = way(2, [(0.1, column) for column in range(3, -1, -1)], oneway="yes", highway="primary")
    ends = [way(3, [(0, 0), (0.1, 0)]), way(4, [(0, 3), (0.1, 3)])]
    graph = assemble(RoadSource([there, back, *ends])).graph
    placed = snap(graph, [Camera("c", LAT0 - 0.00003, MIDDLE + STEP, 90.0)])[0]
    assert sorted(round(view.heading_deg or 0) % 360 for view in placed.views) == [0, 180]


def test_a_camera_on_an_island_or_far_away_is_refused_by_name_with_its_distance() -> None:
    with pytest.raises(RoadError, match=r"'far' is 5\.\d km from the nearest road"):
        snap(grid(2, 2), [Camera("near", LAT0, LON0), Camera("far", LAT0 - 0.05, LON0)])


def test_swapped_latitude_and_longitude_are_noticed() -> None:
    with pytest.raises(RoadError, match="swap"):
        snap(grid(2, 2), [Camera("c", LON0, LAT0)])


@pytest.mark.parametrize(
    ("camera", "message"),
    [
        (Camera("c", 95.0, 12.0), "swapped"),
        (Camera("c", 200.0, 300.0), "degrees"),
        (Camera("c", LAT0, LON0, 400.0), "bearing 400"),
        (Camera("c", LAT0, LON0, -10.0), "bearing -10"),
        (Camera(" ", LAT0, LON0), "no id"),
        (Camera("c", float("nan"), LON0), "not on the earth"),
    ],
)
def test_impossible_cameras_are_refused(camera: Camera, message: str) -> None:
    with pytest.raises(RoadError, match=message):
        snap(grid(2, 2), [camera])


def test_an_id_given_twice_is_refused() -> None:
    with pytest.raises(RoadError, match="twice"):
        snap(grid(2, 2), [Camera("c", LAT0, LON0), Camera("c", LAT0, MIDDLE)])
