from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from roadgraph.camera import Camera, snap
from roadgraph.camera_times import camera_times
from roadgraph.driving_speed import FASTEST_SHARE
from roadgraph.passages import passages, vehicle_whereabouts, whereabouts, whereabouts_at_times
from roadgraph.traffic import TrafficOptions, simulate
from tests.roadgraph.maps import LAT0, LON0, STEP, grid

OPTIONS = TrafficOptions(vehicles=200, minutes=20, seed=4)
SMALL = TrafficOptions(vehicles=25, minutes=25, seed=8, parked_median_s=60)


def test_nobody_passes_before_the_earliest_time() -> None:
    graph = grid(10, 10)
    placed = snap(graph, [Camera(f"c{i}", LAT0 + i * 2 * STEP, LON0 + (i + 0.5) * STEP, 90) for i in range(4)])
    times = camera_times(graph, placed)
    passed: dict[int, list[tuple[str, float]]] = {}
    for passage in passages(graph, simulate(graph, replace(OPTIONS, vehicles=600, hasty_share=0.5)), placed):
        for camera, before_s in passed.get(passage.vehicle, []):
            if camera != passage.camera:
                earliest_s = times.between(camera, passage.camera).free_s / 1.3
                assert passage.time_s - before_s >= earliest_s - 1e-6
        passed.setdefault(passage.vehicle, []).append((passage.camera, passage.time_s))
    assert len(passed) > 20


def test_at_the_time_of_a_passage_the_vehicle_is_in_the_view() -> None:
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


def test_many_times_give_what_each_time_gives() -> None:
    graph = grid()
    times_s = np.arange(-30.0, 2400.0, 7.3)
    for _, trips in groupby(simulate(graph, SMALL), key=lambda trip: trip.vehicle):
        own = list(trips)
        lat, lon = whereabouts_at_times(graph, own, times_s)
        for i, time_s in enumerate(times_s.tolist()):
            where = vehicle_whereabouts(graph, own, time_s)
            assert where is not None
            assert (lat[i], lon[i]) == pytest.approx((where.lat, where.lon), abs=1e-9)
