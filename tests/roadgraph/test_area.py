import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import Point, shape

from roadgraph.area import (
    RoadArea,
    fastest_mps,
    metres_outside,
    polygon,
    reachable_area,
    road_km_in,
    road_km_in_circle,
)
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from tests.roadgraph.maps import edge_between, grid, origin_on

ROADS = """<osm version="0.6">
<node id="1" lat="54.0" lon="6.00"/><node id="2" lat="54.0" lon="6.01"/><node id="3" lat="54.0" lon="6.02"/>
<node id="4" lat="54.01" lon="6.01"/>
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="maxspeed" v="72"/></way>
<way id="2"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/><tag k="maxspeed" v="36"/></way>
</osm>"""
EAST_KM = 0.01 * 111.195 * math.cos(math.radians(54.0))
NORTH_KM = 0.01 * 111.195


def test_the_isochrone_grows_with_time_and_stops_at_the_map() -> None:
    graph = grid(6, 6)
    origin = origin_on(graph, (2, 2), (2, 3))
    km = [reachable_area(graph, origin, seconds).km(graph) for seconds in (2, 10, 30, 1000)]
    assert km == sorted(km)
    assert km[0] == pytest.approx(2 * 50 / 3.6 / 1000, rel=0.01)
    assert km[-1] == pytest.approx(graph.km, rel=1e-6)


def test_backwards_gives_the_roads_from_which_the_origin_is_reached() -> None:
    graph = grid(6, 6)
    area = reachable_area(graph, origin_on(graph, (2, 2), (2, 3)), 2, backwards=True)
    edge = edge_between(graph, (2, 2), (2, 3))
    own = area.edge == edge
    assert area.to_m[own].max() == pytest.approx(graph.edge_length_m[edge] / 2)


def test_both_directions_of_a_road_count_once() -> None:
    graph = grid(2, 2)
    there, back = edge_between(graph, (0, 0), (0, 1)), edge_between(graph, (0, 1), (0, 0))
    length_m = float(graph.edge_length_m[there])
    both = RoadArea(np.array([there, back]), np.array([0.0, 0.0]), np.array([length_m * 0.6, length_m * 0.6]))
    assert both.km(graph) == pytest.approx(length_m / 1000)


def test_the_polygon_covers_the_roads_of_the_area_and_little_else() -> None:
    graph = grid(8, 8)
    area = reachable_area(graph, origin_on(graph, (3, 3), (3, 4)), 20)
    drawn = shape(polygon(graph, area))
    assert drawn.is_valid
    for edge, from_m, to_m in zip(area.edge, area.from_m, area.to_m, strict=True):
        lat, lon = graph.position(int(edge), float(from_m + to_m) / 2)
        assert drawn.buffer(1e-6).contains(Point(lon, lat))
    lat, lon = graph.position(edge_between(graph, (7, 0), (7, 1)), 5)
    assert not drawn.contains(Point(lon, lat))


def test_an_area_without_roads_is_an_empty_geometry() -> None:
    nothing = RoadArea(np.zeros(0, dtype=np.int32), np.zeros(0), np.zeros(0))
    assert polygon(grid(), nothing) == {"type": "MultiPolygon", "coordinates": []}


@pytest.fixture
def small(tmp_path: Path) -> RoadGraph:
    (tmp_path / "roads.osm").write_text(ROADS)
    return read_roads(tmp_path / "roads.osm").graph


def _square(west: float, south: float, east: float, north: float) -> Mapping[str, object]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_an_area_over_everything_holds_every_road_once(small: RoadGraph) -> None:
    everything = _square(5.9, 53.9, 6.1, 54.1)
    assert road_km_in(small, everything) == pytest.approx(2 * EAST_KM + NORTH_KM, rel=2e-3)
    assert road_km_in(small, everything) == pytest.approx(small.km, rel=2e-3)


def test_roads_are_cut_at_the_border(small: RoadGraph) -> None:
    assert road_km_in(small, _square(5.9, 53.9, 6.005, 54.1)) == pytest.approx(EAST_KM / 2, rel=5e-3)


@pytest.mark.parametrize("radius_m", [100.0, 400.0, 900.0])
def test_a_circle_holds_the_roads_within_its_radius(small: RoadGraph, radius_m: float) -> None:
    arms_m = (1000 * EAST_KM, 1000 * EAST_KM, 1000 * NORTH_KM)
    expected_km = sum(min(radius_m, arm_m) for arm_m in arms_m) / 1000
    assert road_km_in_circle(small, 54.0, 6.01, radius_m) == pytest.approx(expected_km, rel=5e-3)


def test_the_distance_of_a_place_from_an_area_is_zero_inside(small: RoadGraph) -> None:
    area = _square(6.0, 53.99, 6.01, 54.01)
    assert metres_outside(small, area, 54.0, 6.005) == 0
    assert metres_outside(small, area, 54.0, 6.02) == pytest.approx(1000 * EAST_KM, rel=5e-3)


def test_every_place_is_outside_an_empty_area(small: RoadGraph) -> None:
    nothing = {"type": "MultiPolygon", "coordinates": []}
    assert np.isinf(metres_outside(small, nothing, 54.0, 6.0))
    assert road_km_in(small, nothing) == 0


def test_an_unknown_geometry_is_refused(small: RoadGraph) -> None:
    with pytest.raises(RoadError, match="draw it as a Polygon"):
        road_km_in(small, {"type": "Triangle"})


def test_the_fastest_speed_is_that_of_the_fastest_road(small: RoadGraph) -> None:
    assert fastest_mps(small) == pytest.approx(20.0)
