import numpy as np

from reid.track.trim import without_companions
from reid.vehicle import Box, TrackPoint


def track(widths: list[float]) -> list[TrackPoint]:
    return [TrackPoint(n, n / 10, Box(10.0 * n, 50, width, 40), 1.0) for n, width in enumerate(widths)]


def frames(widths: list[float]) -> list[int]:
    return [point.frame for point in without_companions(track(widths))]


def test_two_that_came_as_one_blob_leave_only_the_time_after_they_parted() -> None:
    assert frames([120.0] * 10 + [60.0] * 12) == list(range(10, 22))


def test_the_time_after_another_joined_for_good_is_cut() -> None:
    assert frames([60.0] * 10 + [120.0] * 6) == list(range(10))


def test_a_meeting_in_the_middle_cuts_nothing() -> None:
    assert frames([60.0] * 10 + [120.0] * 8 + [60.0] * 10) == list(range(28))


def test_driving_near_or_out_of_the_picture_is_no_companion() -> None:
    assert frames(list(np.geomspace(20, 300, 40))) == list(range(40))
    assert frames([100.0] * 10 + [80.0, 55.0, 35.0, 20.0, 8.0]) == list(range(15))


def test_a_short_track_stays_as_it_is() -> None:
    assert frames([120.0, 60.0, 60.0]) == [0, 1, 2]
