from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadgraph.camera import Camera, PlacedCamera, View
from roadgraph.camera_times import camera_times
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.origin import Origin, least_costs
from roadgraph.restrictions import Restriction
from tests.roadgraph.maps import edge_between, grid, random_graph

EXTRACTS = ("andorra.osm.pbf", "berlin-siegessaeule.osm.gz", "krems.osm.gz", "monaco.osm.gz")


def slow_costs(graph: RoadGraph, start: int, cost: np.ndarray) -> np.ndarray:
    """Return the cost from the end of an edge to the start of every edge, over a graph of all that was driven.

    A node is the tuple of edges driven last, as long as the longest forbidden path: nothing is clever about it.
    """
    forbidden = set(graph.forbidden_paths())
    memory = max((len(path) for path in forbidden), default=2) - 1
    leaving = {node: np.flatnonzero(graph.edge_from == node).tolist() for node in range(graph.nodes)}
    driven = nx.DiGraph()
    waiting = [(start,)]
    while waiting:
        past = waiting.pop()
        for edge in leaving[int(graph.edge_to[past[-1]])]:
            ends = {(*past, edge)[i:] for i in range(len(past))}
            if ends & forbidden:
                continue
            now = (*past, edge)[-memory:]
            if now not in driven:
                waiting.append(now)
            driven.add_edge(past, now, cost=0.0 if past == (start,) else float(cost[past[-1]]))
    found = np.full(graph.edges, np.inf)
    lengths = nx.single_source_dijkstra_path_length(driven, (start,), weight="cost") if len(driven) else {}
    for past, length in lengths.items():
        if past != (start,) or any((start,) in driven.successors(before) for before in driven.predecessors((start,))):
            found[past[-1]] = min(found[past[-1]], length)
    return found


def check_all_costs(graph: RoadGraph, starts: list[int]) -> None:
    cost = graph.edge_s
    for start in starts:
        origin = Origin(np.array([start], dtype=np.int32), graph.edge_length_m[[start]], graph.edge_length_m[[start]])
        fast = least_costs(graph, origin, graph.free_flow).enter
        slow = slow_costs(graph, start, cost)
        others = np.arange(graph.edges) != start
        np.testing.assert_allclose(fast[others], slow[others], rtol=0, atol=1e-3)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), forbidden=st.integers(0, 25))
def test_distances_are_those_of_the_graph_of_everything_driven(seed: int, forbidden: int) -> None:
    graph = random_graph(seed, nodes=7, forbidden=forbidden)
    check_all_costs(graph, list(range(0, graph.edges, 9)))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_backward_search_agrees_with_the_forward_matrix(seed: int) -> None:
    graph = random_graph(seed, nodes=12, forbidden=15)
    rng = np.random.default_rng(seed)
    edges = rng.choice(graph.edges, size=6, replace=False)
    placed = [
        PlacedCamera(Camera(f"c{i}", 0, 0), (View(int(edge), float(graph.edge_length_m[edge]) / 3, None),), 0.0)
        for i, edge in enumerate(edges)
    ]
    times = camera_times(graph, placed)
    for column, one in enumerate(placed):
        back = least_costs(graph, Origin.at_camera(one), graph.free_flow, backwards=True)
        views = [view for other in placed for view in other.views]
        found = back.at(np.array([view.edge for view in views]), np.array([view.along_m for view in views]))
        others = np.arange(len(placed)) != column
        np.testing.assert_allclose(found[others], times.free_s[others, column], atol=1e-3)


@pytest.mark.parametrize("name", EXTRACTS)
def test_distances_on_real_extracts(name: str, material: Path) -> None:
    graph = read_roads(material / "roads" / name).graph
    check_all_costs(graph, np.random.default_rng(0).integers(graph.edges, size=2).tolist())


def test_a_forbidden_left_turn_is_driven_around() -> None:
    free = grid(3, 3)
    rules = [Restriction(only=False, from_way=1, to_way=101, via_node=1002)]
    ruled = grid(3, 3, rules)
    west, north = edge_between(ruled, (1, 0), (1, 1)), edge_between(ruled, (1, 1), (2, 1))
    assert (west, north) in ruled.forbidden_paths()
    assert cost_between(ruled, west, north) > cost_between(free, west, north) + 10


def test_an_only_restriction_forbids_every_other_exit() -> None:
    rules = [Restriction(only=True, from_way=1, to_way=1, via_node=1002)]
    graph = grid(3, 3, rules)
    west = edge_between(graph, (1, 0), (1, 1))
    assert {path[1] for path in graph.forbidden_paths() if path[0] == west} == {
        edge_between(graph, (1, 1), (0, 1)),
        edge_between(graph, (1, 1), (2, 1)),
    }


def test_a_restriction_over_a_way_forbids_only_the_whole_path() -> None:
    graph = grid(3, 3, [Restriction(only=False, from_way=0, to_way=2, via_node=None, via_ways=(101,))])
    before, via, after = ((0, 0), (0, 1)), ((0, 1), (1, 1)), ((2, 1), (2, 2))
    path = tuple(edge_between(graph, *ends) for ends in (before, via, ((1, 1), (2, 1)), after))
    assert path in graph.forbidden_paths()
    free = grid(3, 3)
    assert cost_between(graph, path[0], path[3]) > cost_between(free, path[0], path[3]) + 10
    # Whoever came onto the via way from elsewhere may take the same last turn.
    assert cost_between(graph, path[1], path[3]) == pytest.approx(cost_between(free, path[1], path[3]), abs=1e-3)


def cost_between(graph: RoadGraph, start: int, end: int) -> float:
    origin = Origin(np.array([start], dtype=np.int32), graph.edge_length_m[[start]], graph.edge_length_m[[start]])
    return float(least_costs(graph, origin, graph.free_flow).enter[end])
