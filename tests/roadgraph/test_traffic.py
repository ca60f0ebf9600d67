import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from roadgraph.errors import RoadError
from roadgraph.passages import passages, vehicle_whereabouts
from roadgraph.routes import Router
from roadgraph.traffic import TrafficOptions, Trip, simulate, simulate_blocks
from tests.roadgraph.maps import grid, random_graph

OPTIONS = TrafficOptions(vehicles=200, minutes=20, seed=4)
SMALL = TrafficOptions(vehicles=25, minutes=25, seed=8, parked_median_s=60, light=True)


def test_the_same_seed_gives_the_same_traffic_and_another_seed_other_traffic() -> None:
    graph = grid(10, 10)
    first, again, other = (simulate(graph, replace(OPTIONS, seed=seed)) for seed in (4, 4, 5))
    assert [trip.edges.tolist() for trip in first] == [trip.edges.tolist() for trip in again]
    assert all(np.array_equal(a.enter_s, b.enter_s) for a, b in zip(first, again, strict=True))
    assert [trip.edges.tolist() for trip in first] != [trip.edges.tolist() for trip in other]


@pytest.mark.parametrize("seed", range(3))
def test_trips_drive_joined_edges_forward_in_time_and_no_forbidden_turns(seed: int) -> None:
    graph = random_graph(seed, nodes=25, forbidden=20)
    forbidden = [path for path in graph.forbidden_paths() if len(path) == 2]
    trips = simulate(graph, replace(OPTIONS, seed=seed))
    assert trips
    for trip in trips:
        assert (graph.edge_to[trip.edges[:-1]] == graph.edge_from[trip.edges[1:]]).all()
        assert (trip.exit_s >= trip.enter_s).all()
        assert (trip.enter_s[1:] >= trip.exit_s[:-1] - 1e-9).all()
        assert not set(zip(trip.edges.tolist(), trip.edges[1:].tolist(), strict=False)) & set(forbidden)


def test_a_vehicle_goes_on_from_where_it_parked() -> None:
    graph = grid(10, 10)
    trips = simulate(graph, replace(OPTIONS, parked_median_s=60.0))
    pairs = [(a, b) for a, b in pairwise(trips) if a.vehicle == b.vehicle]
    assert len(pairs) > 20
    for before, after in pairs:
        assert after.start_s > before.end_s
        assert after.edges[0] == before.edges[-1]
        parked = vehicle_whereabouts(graph, [before, after], (before.end_s + after.start_s) / 2)
        assert parked is not None
        assert parked.along_m == pytest.approx(before.to_m)


def test_jams_rain_and_rush_hour_slow_the_traffic() -> None:
    graph = grid(12, 12)
    calm = TrafficOptions(vehicles=400, minutes=20, seed=1, hour=13, jams=0, trips_each=1)
    usual, rain, rush, jammed = (
        np.mean([trip.end_s - trip.start_s for trip in simulate(graph, options)])
        for options in (calm, replace(calm, weather="snow"), replace(calm, hour=8.0), replace(calm, jams=30))
    )
    assert min(rain, rush, jammed) > usual * 1.02


def test_unknown_weather_is_refused() -> None:
    with pytest.raises(RoadError, match="dry, rain, snow"):
        simulate(grid(), TrafficOptions(weather="hail"))


def test_no_traffic_no_passages() -> None:
    graph = grid()
    assert simulate(graph, TrafficOptions(vehicles=0)) == []
    assert passages(graph, [], []) == []
    assert vehicle_whereabouts(graph, [], 0.0) is None


@pytest.mark.slow
def test_a_trip_costs_little_more_than_its_shortest_paths() -> None:
    graph = grid(40, 40)
    router = Router(graph)
    began = time.process_time()
    trips = simulate(graph, TrafficOptions(vehicles=2000, minutes=20, seed=0))
    simulated_s = time.process_time() - began
    began = time.process_time()
    for trip in trips[:1000]:
        router.tree(int(trip.edges[0]))
    tree_s = (time.process_time() - began) / 1000
    assert simulated_s / len(trips) < 6 * tree_s


def _as_lists(trips: list[Trip]) -> list[tuple[int, list[int], list[float]]]:
    return [(trip.vehicle, trip.edges.tolist(), trip.enter_s.tolist()) for trip in trips]


def test_one_block_of_vehicles_drives_as_all_at_once() -> None:
    (block,) = simulate_blocks(grid(), SMALL, at_once=25)
    assert _as_lists(block) == _as_lists(simulate(grid(), SMALL))


def test_blocks_come_in_order_and_hold_every_vehicle_once() -> None:
    blocks = list(simulate_blocks(grid(), SMALL, at_once=10))
    assert [{trip.vehicle // 10 for trip in block} for block in blocks] == [{0}, {1}, {2}]
    assert {trip.vehicle for block in blocks for trip in block} == set(range(25))
    assert [_as_lists(block) for block in blocks] == [_as_lists(b) for b in simulate_blocks(grid(), SMALL, at_once=10)]


def test_counted_traffic_is_slower_than_light_traffic_and_at_its_slowest_at_the_peak() -> None:
    graph = grid(12, 12)
    calm = TrafficOptions(vehicles=400, minutes=20, seed=1, hour=13, jams=0, trips_each=1)
    light, day, peak, night = (
        np.mean([trip.end_s - trip.start_s for trip in simulate(graph, options)])
        for options in (replace(calm, light=True), calm, replace(calm, hour=8.0), replace(calm, hour=2.0))
    )
    assert light * 1.2 < day * 1.1 < peak
    assert night < day


def test_vehicles_drive_at_their_own_speed_between_queues() -> None:
    graph = grid(12, 12)
    options = TrafficOptions(vehicles=200, minutes=10, seed=1, hour=13, jams=0, trips_each=1)
    trips = simulate(graph, options)
    inner = [slice(1, -1)] * len(trips)
    driven_s = np.concatenate([(trip.exit_s - trip.enter_s)[part] for trip, part in zip(trips, inner, strict=True)])
    free_s = np.concatenate([graph.edge_s[trip.edges[part]] for trip, part in zip(trips, inner, strict=True)])
    assert 0.9 < np.median(driven_s / free_s) < 1.2
