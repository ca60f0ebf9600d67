"""Make small road maps for the tests."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from roadgraph.assembly import RoadSource, Way, assemble
from roadgraph.graph import RoadGraph
from roadgraph.network import ragged
from roadgraph.origin import Origin
from roadgraph.restrictions import Restriction

LAT0, LON0 = 42.5, 1.5
STEP = 0.001


def way(number: int, nodes: Sequence[tuple[float, int]], **tags: str) -> Way:
    """Return a way over the crossings (row, column) of a grid with about 100 m between them."""
    ids = np.array([round(row * 10) * 100 + column + 1 for row, column in nodes], dtype=np.int64)
    lat = np.array([LAT0 + row * STEP for row, _ in nodes])
    lon = np.array([LON0 + column * STEP for _, column in nodes])
    return Way(number, ids, lat, lon, {"highway": "residential"} | tags)


def grid_ways(rows: int, columns: int) -> list[Way]:
    """Return two-way streets along every row and column; rows are numbered 0.., columns 100.."""
    along = [way(row, [(row, column) for column in range(columns)], name=f"Row {row}") for row in range(rows)]
    across = [way(100 + c, [(row, c) for row in range(rows)], name=f"Column {c}") for c in range(columns)]
    return along + across


def grid(rows: int = 4, columns: int = 5, restrictions: Sequence[Restriction] = ()) -> RoadGraph:
    """Return the network of a grid."""
    return assemble(RoadSource(grid_ways(rows, columns), restrictions)).graph


def node_at(graph: RoadGraph, row: int, column: int) -> int:
    """Return the junction at a crossing of the grid."""
    away = np.hypot(graph.node_lat - (LAT0 + row * STEP), graph.node_lon - (LON0 + column * STEP))
    assert away.min() < 1e-9
    return int(away.argmin())


def edge_between(graph: RoadGraph, start: tuple[int, int], end: tuple[int, int]) -> int:
    """Return the directed edge between two crossings."""
    found = (graph.edge_from == node_at(graph, *start)) & (graph.edge_to == node_at(graph, *end))
    assert found.sum() == 1
    return int(np.flatnonzero(found)[0])


def origin_on(graph: RoadGraph, start: tuple[int, int], end: tuple[int, int], *, way_known: bool = False) -> Origin:
    """Return the middle of the directed edge between two crossings."""
    edge = edge_between(graph, start, end)
    middle_m = graph.edge_length_m[[edge]] / 2
    return Origin(np.array([edge], dtype=np.int32), middle_m, middle_m, way_known=way_known)


def random_graph(seed: int, *, nodes: int, forbidden: int) -> RoadGraph:
    """Return a network with random roads, some one-way, some parallel, and random forbidden paths of 2 to 4 edges."""
    rng = np.random.default_rng(seed)
    lat, lon = LAT0 + rng.random(nodes) * 0.02, LON0 + rng.random(nodes) * 0.02
    ring = [(i, (i + 1) % nodes) for i in range(nodes)]
    extra = [tuple(rng.choice(nodes, size=2, replace=False).tolist()) for _ in range(nodes * 2)]
    ways = []
    for number, (a, b) in enumerate([*ring, *extra]):
        oneway = "yes" if number >= nodes and rng.random() < 0.4 else "no"
        tags = {"highway": "residential", "oneway": oneway, "maxspeed": str(rng.integers(20, 90))}
        ways.append(Way(number, np.array([a, b]), lat[[a, b]], lon[[a, b]], tags))
    graph = assemble(RoadSource(ways)).graph
    starts, edges = ragged([_random_path(graph, rng) for _ in range(forbidden)])
    return replace(graph, forbidden_start=starts, forbidden_edges=edges)


def _random_path(graph: RoadGraph, rng: np.random.Generator) -> tuple[int, ...]:
    path = [int(rng.integers(graph.edges))]
    for _ in range(int(rng.integers(1, 4))):
        path.append(int(rng.choice(np.flatnonzero(graph.edge_from == graph.edge_to[path[-1]]))))
    return tuple(path)


def write_osm(path: Path, rows: int, columns: int) -> Path:
    """Write a grid of streets as OpenStreetMap XML."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    ways = grid_ways(rows, columns)
    places = {int(n): (a, o) for road in ways for n, a, o in zip(road.nodes, road.lat, road.lon, strict=True)}
    lines += [f'<node id="{n}" lat="{lat:.7f}" lon="{lon:.7f}"/>' for n, (lat, lon) in sorted(places.items())]
    for road in ways:
        refs = "".join(f'<nd ref="{node}"/>' for node in road.nodes)
        tags = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in road.tags.items())
        lines.append(f'<way id="{road.id + 1}">{refs}{tags}</way>')
    path.write_text("\n".join([*lines, "</osm>"]))
    return path
