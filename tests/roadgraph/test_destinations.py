import numpy as np
import pytest

from roadgraph.destinations import QuickestTree, destination_shares, edge_flows
from roadgraph.graph import RoadGraph
from roadgraph.likely_area import likely_area
from roadgraph.origin import Origin
from tests.roadgraph.maps import edge_between, grid, origin_on


@pytest.fixture(scope="module")
def graph() -> RoadGraph:
    return grid(15, 15)


def eastward(graph: RoadGraph, known: bool = True) -> Origin:
    """Return the middle of a street in the middle of the grid, driven east."""
    return origin_on(graph, (7, 7), (7, 8), way_known=known)


def destinations(graph: RoadGraph, origin: Origin) -> np.ndarray:
    return destination_shares(graph, origin, QuickestTree.of(graph, origin, np.inf).enter_s(graph), hour=13.0)


def test_vehicles_driving_east_have_destinations_in_the_east(graph: RoadGraph) -> None:
    known, unknown = destinations(graph, eastward(graph)), destinations(graph, eastward(graph, known=False))
    ahead, behind = edge_between(graph, (7, 12), (7, 13)), edge_between(graph, (7, 3), (7, 2))
    assert known.sum() == pytest.approx(1)
    assert unknown.sum() == pytest.approx(1)
    assert known[ahead] > 3 * known[behind]
    assert unknown[ahead] < 2 * unknown[behind]


def test_the_street_of_the_origin_can_be_the_destination(graph: RoadGraph) -> None:
    origin = eastward(graph)
    own = int(origin.edge[0])
    assert destinations(graph, origin)[own] > 0
    parked = likely_area(graph, origin, 300.0)
    assert (own == parked.edge[parked.from_m >= origin.to_m[0] - 1e-6]).any()


def test_all_vehicles_leave_the_origin_and_end_at_their_destinations(graph: RoadGraph) -> None:
    origin = eastward(graph)
    tree, destination = QuickestTree.of(graph, origin, np.inf), destinations(graph, origin)
    destination[origin.edge] = 0.0
    share = edge_flows(graph, tree, destination / destination.sum())
    into = np.bincount(graph.turns.exit, weights=share, minlength=graph.turns.states)
    out = np.bincount(graph.turns.entry, weights=share + destination / destination.sum(), minlength=graph.turns.states)
    start = int(graph.turns.exit[origin.edge[0]])
    assert out[start] - into[start] == pytest.approx(1)
    others = np.arange(len(into)) != start
    assert into[others] == pytest.approx(out[others], abs=1e-9)


def test_later_a_next_trip_may_lead_back(graph: RoadGraph) -> None:
    origin = eastward(graph)
    behind = edge_between(graph, (7, 6), (7, 5))
    assert behind not in likely_area(graph, origin, 40.0).edge
    assert behind in likely_area(graph, origin, 1500.0).edge
