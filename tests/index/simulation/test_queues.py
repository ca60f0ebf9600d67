from dataclasses import replace

import numpy as np
import pytest

from index.simulation.fleet import FleetBlock, make_fleet
from index.simulation.options import PRESETS
from index.simulation.queues import MADE_UP_S, with_queues
from index.simulation.town import make_town, write_osm
from roadgraph.camera import Camera, PlacedCamera, View
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.passages import SimulatedPassage, passages
from roadgraph.routes import Router
from roadgraph.traffic import Trip

VEHICLES = 40


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> RoadGraph:
    path = tmp_path_factory.mktemp("town") / "roads.osm"
    write_osm(make_town(5, 2), path)
    return read_roads(path, there_and_back=True).graph


@pytest.fixture(scope="module")
def edges(graph: RoadGraph) -> list[int]:
    router = Router(graph, graph.edge_s)
    return next(
        way for goal in range(50, graph.edges) if len(way := list(router.edges_to(goal, 0, *router.tree(0)) or ())) > 6
    )


def _block(graph: RoadGraph, edges: list[int], apart_s: float) -> FleetBlock:
    """Return vehicles that drive the same way, twice each, one after the other."""
    (fleet,) = make_fleet(1, VEHICLES, PRESETS["normal"], at_once=VEHICLES)
    drive_s = graph.edge_s[edges]
    starts_s = np.cumsum(drive_s) - drive_s
    trips = [
        Trip(
            vehicle,
            np.array(edges, np.int32),
            at_s + starts_s,
            at_s + starts_s + drive_s,
            0.0,
            float(graph.edge_length_m[edges[-1]]),
        )
        for vehicle in range(VEHICLES)
        for at_s in (vehicle * apart_s, vehicle * apart_s + 2000.0)
    ]
    return FleetBlock(0, fleet, tuple(trips))


def _cameras(graph: RoadGraph, edges: list[int]) -> list[PlacedCamera]:
    return [
        PlacedCamera(Camera(name, 54.0, 6.0), (View(edge, float(graph.edge_length_m[edge]) / 2, 0.0),), 1.0)
        for name, edge in (("first", edges[2]), ("second", edges[5]))
    ]


def _drives_s(graph: RoadGraph, block: FleetBlock, placed: list[PlacedCamera]) -> list[float]:
    """Return the seconds that each trip takes from the first camera to the second."""
    found: dict[tuple[int, str], SimulatedPassage] = {
        (p.trip, p.camera): p for p in passages(graph, block.trips, placed)
    }
    return [found[trip, "second"].time_s - found[trip, "first"].time_s for trip in range(len(block.trips))]


def test_whoever_waits_before_a_camera_is_later_at_all_that_follows(graph: RoadGraph, edges: list[int]) -> None:
    before, placed = _block(graph, edges, 0.5), _cameras(graph, edges)
    (after,) = with_queues(graph, [before], placed, {"first": 1, "second": 1})
    assert min(_drives_s(graph, after, placed)) >= min(_drives_s(graph, before, placed)) - MADE_UP_S
    passed_s = np.array([p.time_s for p in passages(graph, after.trips, placed) if p.camera == "second"][:VEHICLES])
    assert np.diff(passed_s).mean() > 1.2
    late_s = [own.exit_s[-1] - was.exit_s[-1] for own, was in zip(after.trips, before.trips, strict=True)]
    assert max(late_s[0::2]) > 20.0
    assert all(next_s >= own_s - 1e-6 for own_s, next_s in zip(late_s[0::2], late_s[1::2], strict=True))


def test_two_lanes_hold_up_less(graph: RoadGraph, edges: list[int]) -> None:
    before, placed = _block(graph, edges, 1.0), _cameras(graph, edges)
    one, two = (
        with_queues(graph, [before], placed, {"first": lanes, "second": lanes})[0].trips[-1].exit_s[-1]
        for lanes in (1, 2)
    )
    assert one > two


def test_nobody_waits_where_there_is_room(graph: RoadGraph, edges: list[int]) -> None:
    before = _block(graph, edges, 8.0)
    (after,) = with_queues(graph, [before], _cameras(graph, edges), {"first": 1, "second": 1})
    assert all(own is was for own, was in zip(after.trips, before.trips, strict=True))
    assert replace(after, trips=before.trips) == before
