import numpy as np
import pytest

from roadgraph.bound_for import bound_for
from roadgraph.flows import Tree, flows
from roadgraph.graph import RoadGraph
from roadgraph.likely_area import likely_area
from roadgraph.origin import Origin
from tests.roadgraph.maps import edge_between, grid


@pytest.fixture(scope="module")
def graph() -> RoadGraph:
    return grid(15, 15)


def on_the_way(graph: RoadGraph, known: bool = True) -> Origin:
    """Return the middle of a street in the middle of the grid, driven east."""
    edge = edge_between(graph, (7, 7), (7, 8))
    along_m = graph.edge_length_m[[edge]] / 2
    return Origin(np.array([edge], dtype=np.int32), along_m, along_m, way_known=known)


def goals(graph: RoadGraph, origin: Origin) -> np.ndarray:
    return bound_for(graph, origin, Tree.of(graph, origin, np.inf).enter_s(graph), hour=13.0)


def test_who_drives_east_is_bound_for_the_east(graph: RoadGraph) -> None:
    known, unknown = goals(graph, on_the_way(graph)), goals(graph, on_the_way(graph, known=False))
    ahead, behind = edge_between(graph, (7, 12), (7, 13)), edge_between(graph, (7, 3), (7, 2))
    assert known.sum() == pytest.approx(1)
    assert unknown.sum() == pytest.approx(1)
    assert known[ahead] > 3 * known[behind]
    assert unknown[ahead] < 2 * unknown[behind]


def test_the_own_street_ahead_can_be_the_goal(graph: RoadGraph) -> None:
    origin = on_the_way(graph)
    own = int(origin.edge[0])
    assert goals(graph, origin)[own] > 0
    parked = likely_area(graph, origin, 300.0)
    assert (own == parked.edge[parked.from_m >= origin.to_m[0] - 1e-6]).any()


def test_all_vehicles_leave_the_origin_and_end_at_their_goals(graph: RoadGraph) -> None:
    origin = on_the_way(graph)
    tree, goal = Tree.of(graph, origin, np.inf), goals(graph, origin)
    goal[origin.edge] = 0.0
    share = flows(graph, tree, goal / goal.sum())
    into = np.bincount(graph.turns.exit, weights=share, minlength=graph.turns.states)
    out = np.bincount(graph.turns.entry, weights=share + goal / goal.sum(), minlength=graph.turns.states)
    start = int(graph.turns.exit[origin.edge[0]])
    assert out[start] - into[start] == pytest.approx(1)
    others = np.arange(len(into)) != start
    assert into[others] == pytest.approx(out[others], abs=1e-9)


def test_later_a_next_trip_may_lead_back(graph: RoadGraph) -> None:
    origin = on_the_way(graph)
    behind = edge_between(graph, (7, 6), (7, 5))
    assert behind not in likely_area(graph, origin, 40.0).edge
    assert behind in likely_area(graph, origin, 1500.0).edge
