import numpy as np

from roadgraph.area import reachable_area
from roadgraph.likely_area import LikelyOptions, likely_area
from tests.roadgraph.maps import edge_between, grid, origin_on


def test_the_likely_area_is_smaller_and_lies_ahead() -> None:
    graph = grid(30, 30)
    origin = origin_on(graph, (15, 15), (15, 16), way_known=True)
    likely, reachable = likely_area(graph, origin, 60), reachable_area(graph, origin, 60)
    assert likely.km(graph) < 0.9 * reachable.km(graph)
    lon = graph.position(edge_between(graph, (15, 15), (15, 16)), 0.0)[1]
    assert np.mean([graph.position(int(edge), 0.0)[1] for edge in likely.edge]) > lon


def test_a_larger_share_needs_more_road() -> None:
    graph = grid(12, 12)
    origin = origin_on(graph, (5, 5), (5, 6), way_known=True)
    km = [likely_area(graph, origin, 60, LikelyOptions(share=share)).km(graph) for share in (0.5, 0.9, 0.99)]
    assert km == sorted(km)
    assert km[0] < km[-1]


def test_who_has_just_passed_is_near_where_it_was() -> None:
    """The moment of the pass itself divided by no time."""
    graph = grid(12, 12)
    origin = origin_on(graph, (5, 5), (5, 6), way_known=True)
    for elapsed_s in (0.0, 1e-6):
        assert 0 < likely_area(graph, origin, elapsed_s).km(graph) < 1
