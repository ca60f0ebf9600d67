from xml.etree import ElementTree

import pytest

from roadgraph.assembly import RoadSource, assemble
from roadgraph.route_files import GPX, KML, streets, to_geojson, to_gpx, to_kml
from roadgraph.routes import route_along
from tests.roadgraph.maps import LAT0, LON0, edge_between, way


def test_files_for_other_programs_name_the_streets() -> None:
    ways = [
        way(1, [(0, 0), (0, 1)], name="A & B"),
        way(2, [(0, 1), (1, 1)], name="C"),
        way(3, [(1, 1), (2, 1)], name="C"),
    ]
    graph = assemble(RoadSource(ways)).graph
    edges = [edge_between(graph, *ends) for ends in (((0, 0), (0, 1)), ((0, 1), (1, 1)), ((1, 1), (2, 1)))]
    route = route_along(graph, edges, 0.0, float(graph.edge_length_m[edges[-1]]))
    assert streets(graph, route) == ["A & B", "C"]
    gpx, kml = ElementTree.fromstring(to_gpx(graph, route)), ElementTree.fromstring(to_kml(graph, route))
    points = gpx.findall(f".//{{{GPX}}}trkpt")
    assert [float(point.get("lat", "")) for point in points] == pytest.approx([lat for lat, _ in route.points])
    assert "A & B, C" in str(kml.findtext(f".//{{{KML}}}description"))
    feature = to_geojson(graph, route)
    assert feature["geometry"]["coordinates"][0] == pytest.approx([LON0, LAT0])  # type: ignore[index]
