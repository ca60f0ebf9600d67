import networkx as nx
import numpy as np
import pytest

from roadgraph.assembly import Place, RoadSource, assemble
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.network import RoadNetwork
from roadgraph.networkx_graphs import from_networkx, to_networkx
from roadgraph.restrictions import Restriction
from tests.roadgraph.maps import LAT0, LON0, STEP, grid, grid_ways, random_graph

ARRAYS = [name for name in RoadNetwork.__dataclass_fields__ if name not in ("names", "edge_name")]


def city() -> RoadGraph:
    """Return a grid with everything a network can have."""
    rules = [Restriction(only=False, from_way=1, to_way=101, via_node=1002)]
    places = [Place("shop", LAT0, LON0 + STEP / 2)]
    return assemble(RoadSource(grid_ways(3, 4), rules, frozenset({1002}), places)).graph


def test_networkx_has_the_same_roads() -> None:
    graph = grid(3, 3)
    converted = to_networkx(graph)
    assert converted.number_of_edges() == graph.edges
    total_m = sum(data["length"] for _, _, data in converted.edges(data=True))
    assert total_m == pytest.approx(graph.edge_length_m.sum())


@pytest.mark.parametrize("graph", [city(), random_graph(4, nodes=9, forbidden=12)], ids=["city", "random"])
def test_a_network_comes_back_from_networkx_as_it_was(graph: RoadGraph) -> None:
    again = from_networkx(to_networkx(graph))
    for name in ARRAYS:
        before, after = getattr(graph, name), getattr(again, name)
        assert before.dtype == after.dtype, name
        assert np.array_equal(before, after), name
    assert [again.name(edge) for edge in range(graph.edges)] == [graph.name(edge) for edge in range(graph.edges)]
    assert again.fingerprint == graph.fingerprint


def osmnx_like() -> "nx.MultiDiGraph[str]":
    """Return two streets as osmnx has them: keys from 0 for each pair of nodes, lists where values differ."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number, node in enumerate("abc"):
        graph.add_node(node, y=LAT0, x=LON0 + number * STEP)
    street = {"length": 82.0, "speed_kph": 30.0}
    for start, end in ("ab", "ba"):
        graph.add_edge(start, end, highway=["residential", "service"], name=["A  Street", "B Street"], **street)
    graph.add_edge("b", "c", highway="primary_link", **street)
    return graph


def test_a_graph_of_osmnx_is_read() -> None:
    graph = from_networkx(osmnx_like())
    assert (graph.nodes, graph.edges) == (3, 3)
    assert [graph.name(edge) for edge in range(3)] == ["A Street", "A Street", ""]
    assert graph.edge_reverse.tolist() == [1, 0, -1]
    assert graph.km == pytest.approx(0.164)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (nx.DiGraph(osmnx_like()), "give a MultiDiGraph"),
        (nx.MultiDiGraph(), "no edge"),
        (nx.MultiDiGraph([("a", "b")]), "node 'a' has no place"),
    ],
)
def test_what_is_no_road_network_is_refused(broken: "nx.MultiDiGraph[str]", message: str) -> None:
    with pytest.raises(RoadError, match=message):
        from_networkx(broken)


@pytest.mark.parametrize(("name", "value"), [("speed_kph", None), ("length", 0.0), ("length", float("nan"))])
def test_an_edge_without_a_number_is_refused_by_name(name: str, value: float | None) -> None:
    graph = osmnx_like()
    graph["b"]["c"][0][name] = value
    with pytest.raises(RoadError, match=f"from 'b' to 'c' has {name}"):
        from_networkx(graph)
