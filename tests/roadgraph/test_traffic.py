import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from roadgraph.camera import Camera, snap
from roadgraph.camera_times import camera_times
from roadgraph.conditions import FASTEST_SHARE
from roadgraph.errors import RoadError
from roadgraph.passages import passages, vehicle_whereabouts, whereabouts
from roadgraph.traffic import TrafficOptions, simulate
from tests.roadgraph.maps import LAT0, LON0, STEP, grid, random_graph

OPTIONS = TrafficOptions(vehicles=200, minutes=20, seed=4)


def test_the_same_seed_gives_the_same_traffic_and_another_another() -> None:
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


def test_nobody_passes_before_the_earliest_time() -> None:
    graph = grid(10, 10)
    placed = snap(graph, [Camera(f"c{i}", LAT0 + i * 2 * STEP, LON0 + (i + 0.5) * STEP, 90) for i in range(4)])
    times = camera_times(graph, placed)
    seen: dict[int, list[tuple[str, float]]] = {}
    for passage in passages(graph, simulate(graph, replace(OPTIONS, vehicles=600, hasty_share=0.5)), placed):
        for camera, before_s in seen.get(passage.vehicle, []):
            if camera != passage.camera:
                earliest_s = times.between(camera, passage.camera).free_s / 1.3
                assert passage.time_s - before_s >= earliest_s - 1e-6
        seen.setdefault(passage.vehicle, []).append((passage.camera, passage.time_s))
    assert len(seen) > 20


def test_a_passage_is_where_the_vehicle_is_then() -> None:
    graph = grid(10, 10)
    placed = snap(graph, [Camera("c", LAT0 + 4 * STEP, LON0 + 4.5 * STEP, 90)])
    trips = simulate(graph, OPTIONS)
    found = passages(graph, trips, placed)
    assert found
    for passage in found:
        where = whereabouts(graph, trips[passage.trip], passage.time_s)
        assert where.edge == passage.view.edge
        assert where.along_m == pytest.approx(passage.view.along_m, abs=0.01)
        assert 0 < passage.speed_mps <= FASTEST_SHARE * 50 / 3.6 + 1e-6


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
def test_a_hundred_thousand_trips_a_minute() -> None:
    graph = grid(40, 40)
    began = time.process_time()
    trips = simulate(graph, TrafficOptions(vehicles=4000, minutes=20, seed=0))
    assert 60 * len(trips) / (time.process_time() - began) > 100_000
