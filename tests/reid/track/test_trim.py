import pytest

from reid.track.trim import after_setting_off, before_fading
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


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        pytest.param([0.9] * 20, 20, id="certain to its end"),
        pytest.param([0.9] * 20 + [0.3] * 20 + [0.9] * 10, 50, id="unsure only between"),
        pytest.param([0.9] * 20 + [0.4, 0.4, 0.55] * 10, 28, id="far away at its end"),
        pytest.param([0.6] * 20 + [0.45] * 20, 40, id="never much surer"),
        pytest.param([0.7] * 6, 6, id="short"),
    ],
)
def test_a_vehicle_is_followed_until_it_fades(scores: list[float], kept: int) -> None:
    track = [
        TrackPoint(number, number * 0.1, Box(10.0 * number, 50, 60, 40), score) for number, score in enumerate(scores)
    ]
    assert before_fading(track, 0.5) == tuple(track[:kept])
