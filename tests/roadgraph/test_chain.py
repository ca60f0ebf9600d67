import numpy as np
import pytest

from tests.roadgraph.maps import grid


def test_points_along_edges_are_those_of_the_network() -> None:
    graph, rng = grid(), np.random.default_rng(3)
    edge = rng.integers(graph.edges, size=300).astype(np.int32)
    along_m = rng.uniform(-0.1, 1.1, size=300) * graph.edge_length_m[edge]
    lat, lon = graph.chain.latlon_at(edge, along_m)
    slow = [graph.position(int(e), float(m)) for e, m in zip(edge, along_m, strict=True)]
    assert np.column_stack([lat, lon]) == pytest.approx(np.array(slow), abs=1e-9)
