from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.simulation.siting import APART_M, choose_spots
from index.simulation.town import make_town, write_osm
from roadgraph.camera import snap
from roadgraph.geometry import distance_m
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.passages import passages
from roadgraph.traffic import TrafficOptions, Trip, simulate

PERIOD_S = (0.0, 600.0)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[RoadGraph, list[Trip]]:
    path: Path = tmp_path_factory.mktemp("town") / "roads.osm"
    write_osm(make_town(2), path)
    graph = read_roads(path).graph
    return graph, simulate(graph, TrafficOptions(vehicles=60, minutes=10, seed=2))


def _passages(graph: RoadGraph, trips: list[Trip], seed: int) -> int:
    spots = choose_spots(graph, trips, PERIOD_S, 4, seed)
    placed = snap(graph, [spot.camera(f"c{i}", 10.0) for i, spot in enumerate(spots)])
    return len(passages(graph, trips, placed))


def test_cameras_see_more_than_at_random_places(town: tuple[RoadGraph, list[Trip]]) -> None:
    graph, trips = town
    driven = np.concatenate([graph.road_of_edge[trip.edges] for trip in trips])
    a_road = len(driven) / len(np.unique(graph.road_of_edge))
    assert _passages(graph, trips, 1) > 3 * 4 * a_road


def test_cameras_stand_apart(town: tuple[RoadGraph, list[Trip]]) -> None:
    graph, trips = town
    for a, b in combinations(choose_spots(graph, trips, PERIOD_S, 6, 1), 2):
        assert distance_m(a.lat, a.lon, b.lat, b.lon) > APART_M - 1


def test_both_directions_are_seen_at_the_heading_asked_for(town: tuple[RoadGraph, list[Trip]]) -> None:
    graph, trips = town
    for spot in choose_spots(graph, trips, PERIOD_S, 4, 1):
        (placed,) = snap(graph, [spot.camera("c", 25.0)])
        headings = sorted(view.heading_deg for view in placed.views if view.heading_deg is not None)
        assert min(abs(heading - 25) for heading in headings) < 12


def test_more_cameras_than_roads_are_refused(town: tuple[RoadGraph, list[Trip]]) -> None:
    graph, trips = town
    with pytest.raises(ArchiveError, match="ask for fewer"):
        choose_spots(graph, trips, PERIOD_S, 100_000, 1)
