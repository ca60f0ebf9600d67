"""Convert road networks to networkx graphs and back, with the attribute names of osmnx.

A node has `y` (latitude) and `x` (longitude). An edge has `length` in metres, `speed_kph`, `travel_time` in seconds,
`highway`, `name` and `geometry` (a shapely line of longitudes and latitudes); its key is the number of the edge. What
osmnx has no name for is kept in the edge attributes `signals` and `reverse` and the graph attributes `forbidden_paths`
and `places`, so that a network comes back as it was. Edges without a `geometry` are straight.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import networkx as nx
import numpy as np
import shapely

from roadgraph.arrays import Floats, Ints32
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.graphml import opposite_edges
from roadgraph.network import PLACE_KINDS, ROAD_CLASSES, RoadNetwork, ragged
from roadgraph.tags import class_of

Edge = tuple[Any, Any, Mapping[str, Any]]
"""The nodes that an edge joins, and its attributes."""


def to_networkx(network: RoadNetwork) -> "nx.MultiDiGraph[int]":
    """Return the network as a networkx graph."""
    kinds = [PLACE_KINDS[kind] for kind in network.place_kind.tolist()]
    places = list(zip(kinds, network.place_edge.tolist(), strict=True))
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(
        crs="epsg:4326", forbidden_paths=network.forbidden_paths(), places=places
    )
    for node, (lat, lon) in enumerate(zip(network.node_lat.tolist(), network.node_lon.tolist(), strict=True)):
        graph.add_node(node, y=lat, x=lon)
    seconds = network.edge_s
    for edge in range(network.edges):
        graph.add_edge(
            int(network.edge_from[edge]),
            int(network.edge_to[edge]),
            key=edge,
            length=float(network.edge_length_m[edge]),
            speed_kph=float(network.edge_speed_kmh[edge]),
            travel_time=float(seconds[edge]),
            highway=ROAD_CLASSES[network.edge_class[edge]],
            name=network.name(edge),
            geometry=shapely.LineString(network.edge_points(edge)[:, ::-1]),
            signals=int(network.edge_signals[edge]),
            reverse=int(network.edge_reverse[edge]),
        )
    return graph


def from_networkx(graph: "nx.MultiDiGraph[Any]") -> RoadGraph:
    """Return the network of a networkx graph, which may come from osmnx with speeds added.

    The roads are taken as they are. To drop the roads on which one cannot drive there and back, save the graph as
    GraphML and read that.
    """
    if not (graph.is_directed() and graph.is_multigraph()):
        raise RoadError(f"a {type(graph).__name__} is not a road network: give a MultiDiGraph, as osmnx makes")
    number_of_node = {node: number for number, node in enumerate(graph.nodes)}
    places = np.array([_place(node, data) for node, data in graph.nodes(data=True)], dtype=np.float64).reshape(-1, 2)
    edges = _in_order(graph)
    ends = np.array([[number_of_node[start], number_of_node[end]] for start, end, _ in edges], dtype=np.int32)
    shapes = [_shape(edge, places[both]) for edge, both in zip(edges, ends, strict=True)]
    points = np.concatenate(shapes)
    forbidden_start, forbidden_edges = ragged(graph.graph.get("forbidden_paths", []))
    trip_places: Sequence[tuple[str, int]] = graph.graph.get("places", [])
    names, name_of_edge = np.unique([_name(data) for _, _, data in edges], return_inverse=True)
    return RoadGraph(
        node_lat=places[:, 0],
        node_lon=places[:, 1],
        edge_from=ends[:, 0].copy(),
        edge_to=ends[:, 1].copy(),
        edge_length_m=_numbers(edges, "length", "run osmnx.distance.add_edge_lengths on the graph"),
        edge_speed_kmh=_numbers(edges, "speed_kph", "run osmnx.add_edge_speeds on the graph"),
        edge_class=np.array([_class(data) for _, _, data in edges], dtype=np.uint8),
        edge_name=name_of_edge.astype(np.int32),
        edge_reverse=_reverse(edges, shapes),
        edge_signals=np.array([data.get("signals", 0) for _, _, data in edges], dtype=np.uint8),
        shape_start=np.array([0, *accumulate(map(len, shapes))], dtype=np.int64),
        shape_lat=points[:, 0].copy(),
        shape_lon=points[:, 1].copy(),
        forbidden_start=forbidden_start,
        forbidden_edges=forbidden_edges,
        place_edge=np.array([edge for _, edge in trip_places], dtype=np.int32),
        place_kind=np.array([PLACE_KINDS.index(kind) for kind, _ in trip_places], dtype=np.uint8),
        names=tuple(map(str, names)),
    )


def _in_order(graph: "nx.MultiDiGraph[Any]") -> list[Edge]:
    """Return the edges in order of their keys where these number all edges, else in the order of the graph."""
    keyed = list(graph.edges(keys=True, data=True))
    if not keyed:
        raise RoadError("the graph has no edge: give a road network with nodes and edges")
    if {key for _, _, key, _ in keyed} == set(range(len(keyed))):
        keyed.sort(key=lambda edge: edge[2])
    return [(start, end, data) for start, end, _, data in keyed]


def _place(node: object, data: Mapping[str, Any]) -> tuple[float, float]:
    try:
        return float(data["y"]), float(data["x"])
    except (KeyError, TypeError, ValueError) as error:
        raise RoadError(f"node {node!r} has no place: it needs y (latitude) and x (longitude)") from error


def _shape(edge: Edge, ends: Floats) -> Floats:
    """Return the (n, 2) latitudes and longitudes of an edge."""
    start, end, data = edge
    geometry = data.get("geometry")
    if geometry is None:
        return ends
    if not isinstance(geometry, shapely.LineString):
        raise RoadError(f"the edge from {start!r} to {end!r} has a geometry that is no shapely LineString")
    return shapely.get_coordinates(geometry)[:, ::-1]


def _numbers(edges: Iterable[Edge], name: str, next_step: str) -> Floats:
    """Return an attribute of all edges; refuse an edge where it is missing or not above zero."""
    values = []
    for start, end, data in edges:
        value = data.get(name)
        if not isinstance(value, (int, float)) or not 0 < value < float("inf"):
            raise RoadError(f"the edge from {start!r} to {end!r} has {name} {value!r}, not above 0: {next_step}")
        values.append(value)
    return np.array(values, dtype=np.float64)


def _reverse(edges: Sequence[Edge], shapes: Sequence[Floats]) -> Ints32:
    """Return the edge in the opposite direction of each edge, -1 where there is none."""
    if all("reverse" in data for _, _, data in edges):
        return np.array([data["reverse"] for _, _, data in edges], dtype=np.int32)
    opposite = opposite_edges([(start, end) for start, end, _ in edges], shapes)
    return np.array([opposite.get(edge, -1) for edge in range(len(edges))], dtype=np.int32)


def _class(data: Mapping[str, Any]) -> int:
    highway = _first(data.get("highway"))
    road_class = "ferry" if highway == "ferry" else class_of(highway)[0]
    return ROAD_CLASSES.index(road_class or "unclassified")


def _name(data: Mapping[str, Any]) -> str:
    return " ".join(_first(data.get("name")).split())


def _first(value: object) -> str:
    """Return the text of an attribute, or of its first value: osmnx joins roads with different values in a list."""
    first = next(iter(value), "") if isinstance(value, list) else value
    return first if isinstance(first, str) else ""
