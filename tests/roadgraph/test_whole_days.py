from itertools import groupby

import numpy as np
import pytest

from roadgraph.passages import vehicle_whereabouts
from roadgraph.traffic import TrafficOptions, Trip, simulate, simulate_blocks
from roadgraph.whole_days import EdgePlaces, whole_day
from tests.roadgraph.maps import grid

OPTIONS = TrafficOptions(vehicles=25, minutes=25, seed=8, parked_median_s=60)


def test_a_whole_day_is_what_each_moment_of_it_says() -> None:
    graph = grid()
    places, times_s = EdgePlaces(graph), np.arange(-30.0, 2400.0, 7.3)
    for _, trips in groupby(simulate(graph, OPTIONS), key=lambda trip: trip.vehicle):
        own = list(trips)
        lat, lon = whole_day(places, graph, own, times_s)
        for i, time_s in enumerate(times_s.tolist()):
            where = vehicle_whereabouts(graph, own, time_s)
            assert where is not None
            assert (lat[i], lon[i]) == pytest.approx((where.lat, where.lon), abs=1e-9)


def test_points_along_edges_are_those_of_the_network() -> None:
    graph, rng = grid(), np.random.default_rng(3)
    edge = rng.integers(graph.edges, size=300).astype(np.int32)
    along_m = rng.uniform(-0.1, 1.1, size=300) * graph.edge_length_m[edge]
    lat, lon = EdgePlaces(graph).at(edge, along_m)
    slow = [graph.position(int(e), float(m)) for e, m in zip(edge, along_m, strict=True)]
    assert np.column_stack([lat, lon]) == pytest.approx(np.array(slow), abs=1e-9)


def _told(trips: list[Trip]) -> list[tuple[int, list[int], list[float]]]:
    return [(trip.vehicle, trip.edges.tolist(), trip.enter_s.tolist()) for trip in trips]


def test_one_block_of_vehicles_drives_as_all_at_once() -> None:
    (block,) = simulate_blocks(grid(), OPTIONS, at_once=25)
    assert _told(block) == _told(simulate(grid(), OPTIONS))


def test_blocks_come_in_order_and_hold_every_vehicle_once() -> None:
    blocks = list(simulate_blocks(grid(), OPTIONS, at_once=10))
    assert [{trip.vehicle // 10 for trip in block} for block in blocks] == [{0}, {1}, {2}]
    assert {trip.vehicle for block in blocks for trip in block} == set(range(25))
    assert [_told(block) for block in blocks] == [_told(b) for b in simulate_blocks(grid(), OPTIONS, at_once=10)]
