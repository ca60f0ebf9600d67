from pathlib import Path

import numpy as np
import pytest

from index.simulation.town import make_town, write_osm
from roadgraph.imports import read_roads


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_town_is_a_road_network_that_can_be_driven(tmp_path: Path, seed: int) -> None:
    write_osm(make_town(seed), tmp_path / "roads.osm")
    imported = read_roads(tmp_path / "roads.osm")
    south, west, north, east = imported.graph.bounds
    width_km, height_km = (east - west) * 111.2 * np.cos(np.radians(south)), (north - south) * 111.2
    assert 4 <= width_km * height_km <= 8
    assert imported.graph.km > 40
    assert imported.dropped_km < 2
    assert imported.graph.edge_signals.any()
    assert len(imported.graph.place_edge) > 30


def test_the_river_is_crossed_by_its_bridges_only(tmp_path: Path) -> None:
    town = make_town(1)
    crossing = {
        (a, b)
        for road in town.roads
        for a, b in zip(road.nodes, road.nodes[1:], strict=False)
        if {a[1], b[1]} == {4, 5}
    }
    assert {a[0] for a, _ in crossing} == {2, 7, 12}


def test_the_same_seed_gives_the_same_bytes_and_another_another_town(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_osm(make_town(seed), tmp_path / name)
    first, again, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == again != other


def test_the_town_grows_with_its_cameras() -> None:
    small, large = make_town(1), make_town(1, cameras=1000)
    assert make_town(1, cameras=60) == small
    assert len(large.crossings) > 13 * len(small.crossings)
    over_rivers = {
        (a[0] % 15, max(a[1], b[1]))
        for road in large.roads
        for a, b in zip(road.nodes, road.nodes[1:], strict=False)
        if a[1] != b[1] and max(a[1], b[1]) % 13 == 5
    }
    assert {column for column, _ in over_rivers} == {2, 7, 12}
    assert {row for _, row in over_rivers} == {5, 18, 31, 44}


def test_a_net_of_country_roads_is_the_same_town_farther_apart(tmp_path: Path) -> None:
    small, wide = make_town(1), make_town(1, block_scale=20.0)
    assert wide.roads == small.roads
    spans = [np.ptp([place[0] for place in town.crossings.values()]) for town in (small, wide)]
    assert spans[1] == pytest.approx(20 * spans[0])
