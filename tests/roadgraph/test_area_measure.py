import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from roadgraph.area_measure import fastest_mps, metres_outside, road_km_in, road_km_in_circle
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads

ROADS = """<osm version="0.6">
<node id="1" lat="54.0" lon="6.00"/><node id="2" lat="54.0" lon="6.01"/><node id="3" lat="54.0" lon="6.02"/>
<node id="4" lat="54.01" lon="6.01"/>
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="maxspeed" v="72"/></way>
<way id="2"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/><tag k="maxspeed" v="36"/></way>
</osm>"""
EAST_KM = 0.01 * 111.195 * math.cos(math.radians(54.0))
NORTH_KM = 0.01 * 111.195


@pytest.fixture
def graph(tmp_path: Path) -> RoadGraph:
    (tmp_path / "roads.osm").write_text(ROADS)
    return read_roads(tmp_path / "roads.osm").graph


def _square(west: float, south: float, east: float, north: float) -> Mapping[str, object]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_an_area_over_everything_holds_every_road_once(graph: RoadGraph) -> None:
    everything = _square(5.9, 53.9, 6.1, 54.1)
    assert road_km_in(graph, everything) == pytest.approx(2 * EAST_KM + NORTH_KM, rel=2e-3)
    assert road_km_in(graph, everything) == pytest.approx(graph.km, rel=2e-3)


def test_roads_are_cut_at_the_border(graph: RoadGraph) -> None:
    assert road_km_in(graph, _square(5.9, 53.9, 6.005, 54.1)) == pytest.approx(EAST_KM / 2, rel=5e-3)


@pytest.mark.parametrize("radius_m", [100.0, 400.0, 900.0])
def test_a_circle_holds_the_roads_within_its_radius(graph: RoadGraph, radius_m: float) -> None:
    arms_m = (1000 * EAST_KM, 1000 * EAST_KM, 1000 * NORTH_KM)
    expected_km = sum(min(radius_m, arm_m) for arm_m in arms_m) / 1000
    assert road_km_in_circle(graph, 54.0, 6.01, radius_m) == pytest.approx(expected_km, rel=5e-3)


def test_a_place_inside_is_not_outside_and_another_is_so_far(graph: RoadGraph) -> None:
    area = _square(6.0, 53.99, 6.01, 54.01)
    assert metres_outside(graph, area, 54.0, 6.005) == 0
    assert metres_outside(graph, area, 54.0, 6.02) == pytest.approx(1000 * EAST_KM, rel=5e-3)


def test_everywhere_is_outside_of_nothing(graph: RoadGraph) -> None:
    nothing = {"type": "MultiPolygon", "coordinates": []}
    assert np.isinf(metres_outside(graph, nothing, 54.0, 6.0))
    assert road_km_in(graph, nothing) == 0


def test_what_is_no_geometry_is_refused(graph: RoadGraph) -> None:
    with pytest.raises(RoadError, match="give a Polygon"):
        road_km_in(graph, {"type": "Triangle"})


def test_the_fastest_road_sets_the_pace(graph: RoadGraph) -> None:
    assert fastest_mps(graph) == pytest.approx(20.0)
