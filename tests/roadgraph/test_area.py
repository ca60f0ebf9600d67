import numpy as np
import pytest
from shapely.geometry import Point, shape

from roadgraph.area import RoadArea, polygon, reachable_area
from roadgraph.likely_area import LikelyOptions, likely_area
from roadgraph.origin import Origin
from tests.roadgraph.maps import edge_between, grid


def origin_on(graph, start, end, *, known: bool = False) -> Origin:
    edge = edge_between(graph, start, end)
    half = graph.edge_length_m[[edge]] / 2
    return Origin(np.array([edge], dtype=np.int32), half, half, way_known=known)


def test_the_isochrone_grows_with_time_and_stops_at_the_map() -> None:
    graph = grid(6, 6)
    origin = origin_on(graph, (2, 2), (2, 3))
    km = [reachable_area(graph, origin, seconds).km(graph) for seconds in (2, 10, 30, 1000)]
    assert km == sorted(km)
    assert km[0] == pytest.approx(2 * 50 / 3.6 / 1000, rel=0.01)
    assert km[-1] == pytest.approx(graph.km, rel=1e-6)


def test_backwards_is_where_it_can_come_from() -> None:
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


def test_no_area_is_an_empty_geometry() -> None:
    nothing = RoadArea(np.zeros(0, dtype=np.int32), np.zeros(0), np.zeros(0))
    assert polygon(grid(), nothing) == {"type": "MultiPolygon", "coordinates": []}


def test_the_likely_area_is_smaller_and_lies_ahead() -> None:
    graph = grid(30, 30)
    origin = origin_on(graph, (15, 15), (15, 16), known=True)
    likely, reachable = likely_area(graph, origin, 60), reachable_area(graph, origin, 60)
    assert likely.km(graph) < 0.9 * reachable.km(graph)
    lon = graph.position(edge_between(graph, (15, 15), (15, 16)), 0.0)[1]
    assert np.mean([graph.position(int(edge), 0.0)[1] for edge in likely.edge]) > lon


def test_a_larger_share_needs_more_road() -> None:
    graph = grid(12, 12)
    origin = origin_on(graph, (5, 5), (5, 6), known=True)
    km = [likely_area(graph, origin, 60, LikelyOptions(share=share)).km(graph) for share in (0.5, 0.9, 0.99)]
    assert km == sorted(km)
    assert km[0] < km[-1]
