import numpy as np
import pytest

from index.simulation.motion import AWAY, BETWEEN_M, REACTION_S, TOWARDS, Approach, lane_drives

FRAMES_S = np.arange(0, 30, 0.1)
NEAR_M = {AWAY: (-30.0, 90.0), TOWARDS: (-30.0, 90.0)}


def _approach(vehicle: int, passes_s: float, mps: float, direction: int = AWAY) -> Approach:
    times = np.array([passes_s - 5, passes_s + 5])
    return Approach(vehicle, direction, 4.0, times, (times - passes_s) * mps)


def test_a_vehicle_is_at_the_point_when_it_passes_and_drives_on_at_its_speed() -> None:
    (drive,) = lane_drives([_approach(3, 15.0, 10.0)], FRAMES_S, NEAR_M)
    assert drive.along_m[drive.frames == 150] == pytest.approx(0.0)
    assert np.diff(drive.along_m) == pytest.approx(np.full(len(drive.along_m) - 1, 1.0))
    assert (drive.along_m.min(), drive.along_m.max()) == pytest.approx((-30, 90), abs=1.0)


def test_the_faster_one_queues_behind_the_slower() -> None:
    slow, fast = lane_drives([_approach(0, 10.0, 6.0), _approach(1, 11.0, 15.0)], FRAMES_S, NEAR_M)
    shared, in_slow, in_fast = np.intersect1d(slow.frames, fast.frames, return_indices=True)
    gaps = slow.along_m[in_slow] - fast.along_m[in_fast]
    assert shared.size > 50
    assert gaps.min() >= 4.0 + BETWEEN_M - 1e-9
    assert (np.diff(fast.along_m) >= 0).all()
    while_following = gaps[fast.along_m[in_fast] > 0]
    assert while_following.mean() == pytest.approx(4.0 + BETWEEN_M + 6.0 * REACTION_S, abs=0.5)


def test_vehicles_of_opposite_lanes_pass_one_another() -> None:
    away, towards = lane_drives([_approach(0, 10.0, 10.0, AWAY), _approach(1, 10.0, 10.0, TOWARDS)], FRAMES_S, NEAR_M)
    assert np.ptp(away.along_m) > 100
    assert np.ptp(towards.along_m) > 100


def test_a_vehicle_that_passes_outside_the_period_is_not_filmed() -> None:
    assert lane_drives([_approach(0, 60.0, 10.0)], FRAMES_S, NEAR_M) == []


def test_vehicles_of_two_lanes_overtake() -> None:
    found = lane_drives([_approach(0, 10.0, 5.0), _approach(1, 11.0, 20.0)], FRAMES_S, NEAR_M, lanes=2)
    assert {drive.lane for drive in found} == {0, 1}
    slow, fast = found
    assert fast.frames[-1] < slow.frames[-1]


def test_uneven_frames_find_everybody_where_even_ones_do() -> None:
    rng = np.random.default_rng(4)
    uneven_s = np.sort(FRAMES_S + rng.normal(0, 0.01, len(FRAMES_S)))[rng.random(len(FRAMES_S)) > 0.03]
    approaches = [_approach(0, 10.0, 6.0), _approach(1, 11.0, 15.0)]
    even, uneven = lane_drives(approaches, FRAMES_S, NEAR_M), lane_drives(approaches, uneven_s, NEAR_M)
    for one, other in zip(even, uneven, strict=True):
        expected_m = np.interp(uneven_s[other.frames], FRAMES_S[one.frames], one.along_m)
        assert other.along_m[1:-1] == pytest.approx(expected_m[1:-1], abs=0.1)


def test_speed_is_that_of_the_way() -> None:
    (drive,) = lane_drives([_approach(3, 15.0, 10.0)], FRAMES_S, NEAR_M)
    assert drive.speed_mps == pytest.approx(np.full(len(drive.frames), 10.0))
