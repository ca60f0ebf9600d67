from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from roadgraph.arrays import read_arrays, write_arrays
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.network import RoadNetwork
from tests.roadgraph.maps import LAT0, LON0, STEP, edge_between, grid


def test_a_network_comes_back_from_its_file(tmp_path: Path) -> None:
    graph = grid(3, 3)
    graph.save(tmp_path / "roads.npz")
    again = RoadGraph.load(tmp_path / "roads.npz")
    assert again.fingerprint == graph.fingerprint
    assert again.names == graph.names
    assert np.array_equal(again.shape_lat, graph.shape_lat)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"\x00" * 500])
def test_a_broken_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "roads.npz"
    path.write_bytes(content)
    with pytest.raises(RoadError, match="import the roads again"):
        RoadGraph.load(path)


def test_a_point_along_an_edge() -> None:
    graph = grid(2, 2)
    edge = edge_between(graph, (0, 0), (0, 1))
    lat, lon = graph.position(edge, float(graph.edge_length_m[edge]) / 4)
    assert (lat, lon) == (pytest.approx(LAT0), pytest.approx(LON0 + STEP / 4))
    assert graph.plane.to_xy(lat, lon)[0] == pytest.approx(
        graph.chain.xy_at(np.array([edge]), graph.edge_length_m[[edge]] / 4)[0]
    )


def test_a_network_loads_without_what_searches_it(tmp_path: Path) -> None:
    graph = grid(2, 2)
    graph.save(tmp_path / "roads.npz")
    network = RoadNetwork.load(tmp_path / "roads.npz")
    assert type(network) is RoadNetwork
    assert network.fingerprint == graph.fingerprint


def test_a_changed_network_makes_its_searchers_anew() -> None:
    graph = grid(2, 2)
    changed = replace(graph, edge_speed_kmh=graph.edge_speed_kmh * 2)
    assert isinstance(changed, RoadGraph)
    assert changed.free_flow.edge_cost == pytest.approx(graph.free_flow.edge_cost / 2)
    assert graph.turns is graph.turns


def test_traffic_lights_and_junctions_add_to_the_usual_time() -> None:
    graph = grid(2, 2)
    lit = replace(graph, edge_signals=np.ones_like(graph.edge_signals))
    assert (graph.usual_s > graph.edge_s).all()
    assert (lit.usual_s - graph.usual_s) == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("node_lat", np.nan),
        ("shape_lon", 1e300),
        ("edge_length_m", -5),
        ("edge_length_m", 0),
        ("edge_speed_kmh", np.nan),
        ("edge_from", -1),
        ("edge_to", 10**9),
        ("edge_class", 250),
        ("edge_name", 10**6),
        ("edge_reverse", -7),
        ("shape_start", 5),
        ("forbidden_start", 9),
    ],
)
def test_a_map_that_is_none_is_refused_in_one_line(tmp_path: Path, name: str, value: float) -> None:
    """Searches answered with negative lengths, left out cameras by unknown speeds, or ended in an internal error."""
    path = tmp_path / "roads.npz"
    graph = grid(3, 3)
    graph.save(path)
    arrays = read_arrays(path)
    arrays[name] = np.full_like(arrays[name], value)
    write_arrays(path, arrays)
    with pytest.raises(RoadError, match=f"{name} .*import the roads again"):
        RoadGraph.load(path)
