from reid.track.trim import after_setting_off
from reid.vehicle import Box, TrackPoint


def points(lefts: list[float]) -> list[TrackPoint]:
    return [TrackPoint(number, number * 0.1, Box(left, 50, 60, 40), 0.9) for number, left in enumerate(lefts)]


def test_what_stood_for_long_begins_when_it_sets_off() -> None:
    track = points([100.0] * 150 + [100.0 + 5 * step for step in range(30)])
    kept = after_setting_off(track, 10.0)
    assert 14.9 <= kept[0].time_s <= 15.4
    assert kept[-1] == track[-1]


def test_a_short_stand_a_wait_on_the_way_and_what_never_leaves_stay_whole() -> None:
    short = points([100.0] * 50 + [100.0 + 5 * step for step in range(30)])
    wait = points([5.0 * step for step in range(30)] + [150.0] * 200 + [150.0 + 5 * step for step in range(30)])
    parked = points([100.0] * 300)
    for track in (short, wait, parked):
        assert after_setting_off(track, 10.0) == tuple(track)
