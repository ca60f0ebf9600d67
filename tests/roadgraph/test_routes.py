import networkx as nx
import numpy as np
import pytest

from roadgraph.camera import Camera, snap
from roadgraph.errors import RoadError
from roadgraph.routes import RoadPlace, Router, alternatives, shortest, through
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid, random_graph


@pytest.mark.parametrize("seed", range(5))
def test_the_quickest_way_costs_what_networkx_says(seed: int) -> None:
    graph = random_graph(seed, nodes=20, forbidden=0)
    slow = nx.MultiDiGraph()
    for edge in range(graph.edges):
        slow.add_edge(int(graph.edge_from[edge]), int(graph.edge_to[edge]), s=float(graph.usual_s[edge]))
    rng = np.random.default_rng(seed)
    for start, end in rng.choice(graph.edges, size=(5, 2)).tolist():
        if start == end:
            continue
        route = shortest(graph, RoadPlace(start, 0.0), RoadPlace(end, float(graph.edge_length_m[end])))
        between = nx.dijkstra_path_length(slow, int(graph.edge_to[start]), int(graph.edge_from[end]), weight="s")
        assert route.seconds == pytest.approx(between + graph.usual_s[start] + graph.usual_s[end], rel=1e-4)
        assert all(graph.edge_to[a] == graph.edge_from[b] for a, b in zip(route.edges, route.edges[1:], strict=False))


def test_a_route_never_takes_a_forbidden_turn() -> None:
    graph = random_graph(3, nodes=20, forbidden=30)
    forbidden = set(graph.forbidden_paths())
    router = Router(graph)
    for start in range(0, graph.edges, 7):
        for end in range(0, graph.edges, 11):
            edges = router.edges_between(RoadPlace(start, 0.0), RoadPlace(end, 0.0)) or ()
            driven = {edges[i:j] for i in range(len(edges)) for j in range(i + 2, min(i + 5, len(edges) + 1))}
            assert not driven & forbidden


def test_a_route_along_one_edge_needs_no_search() -> None:
    graph = grid(2, 2)
    edge = edge_between(graph, (0, 0), (0, 1))
    route = shortest(graph, RoadPlace(edge, 10.0), RoadPlace(edge, 40.0))
    assert route.edges == (edge,)
    assert route.length_m == pytest.approx(30)
    assert shortest(graph, RoadPlace(edge, 40.0), RoadPlace(edge, 10.0)).length_m > 60


def test_alternatives_differ_and_come_quickest_first() -> None:
    graph = grid(6, 6)
    ways = alternatives(
        graph, RoadPlace(edge_between(graph, (0, 0), (0, 1)), 0), RoadPlace(edge_between(graph, (5, 4), (5, 5)), 9)
    )
    assert len(ways) == 3
    assert [route.seconds for route in ways] == sorted(route.seconds for route in ways)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        shared = set(ways[one].edges) & set(ways[other].edges)
        assert len(shared) <= 0.75 * len(ways[other].edges)


def test_a_route_through_cameras_passes_them_in_order() -> None:
    graph = grid(4, 6)
    cameras = [Camera("a", LAT0, LON0 + 0.5 * STEP, 90), Camera("b", LAT0 + STEP, LON0 + 2.5 * STEP, 90)]
    placed = snap(graph, [*cameras, Camera("c", LAT0 + 3 * STEP, LON0 + 4.5 * STEP, 90)])
    route = through(graph, [(one, None) for one in placed])
    positions = [next(i for i, edge in enumerate(route.edges) if edge in {v.edge for v in one.views}) for one in placed]
    assert positions == sorted(positions)
    assert route.length_m < 1100


def test_the_edge_taken_is_driven() -> None:
    graph = grid(4, 6)
    placed = snap(graph, [Camera("a", LAT0, LON0 + 0.5 * STEP, 90), Camera("b", LAT0, LON0 + 3.5 * STEP, 90)])
    back = edge_between(graph, (0, 1), (0, 0))
    assert through(graph, [(placed[0], back), (placed[1], None)]).edges[0] == back


def test_a_route_past_no_camera_is_refused() -> None:
    graph = grid(2, 2)
    with pytest.raises(RoadError, match="at least one"):
        through(graph, [])
