import math

import pytest

from reid.track.link import continued_track, misfit
from reid.track.tracker import Tracker, TrackerOptions
from reid.vehicle import Box, Detection, Track, TrackPoint


def driven(
    from_s: float, to_s: float, *, x: float = 0.0, speed: float = 60.0, width: float = 60.0, label: str = "car"
) -> list[TrackPoint]:
    """Return the points of a vehicle that is at `x` at time 0 and drives to the right."""
    moments = range(round(from_s * 10), round(to_s * 10))
    return [TrackPoint(at, at / 10, Box(x + speed * at / 10, 100, width, 40), 0.9, label) for at in moments]


def approaching(from_s: float, to_s: float, *, ahead_m: float = 0.0) -> list[TrackPoint]:
    """Return the points of a car of 2 by 1.5 m, seen from a mast of 5 m, that comes nearer by 9 m a second."""
    points = []
    for at in range(round(from_s * 10), round(to_s * 10)):
        scale = 900 / (48 - ahead_m - 0.9 * at)
        points.append(TrackPoint(at, at / 10, Box(3 * scale, 3.5 * scale, 2 * scale, 1.5 * scale), 0.9, "car"))
    return points


def test_a_vehicle_that_drives_on_at_its_speed_continues_its_track() -> None:
    assert misfit(driven(0, 3), driven(5, 5.5)) == pytest.approx(0.0, abs=0.01)


def test_a_vehicle_that_comes_near_grows_and_seems_to_drive_faster() -> None:
    seen = approaching(0, 4.5)
    assert misfit(seen[:25], seen[38:43]) == pytest.approx(0.0, abs=0.1)
    assert misfit(seen[:25], approaching(3.8, 4.3, ahead_m=-12)) > 1


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(driven(2.5, 3.2), id="both were seen at one time"),
        pytest.param(driven(5, 5.5, x=200), id="it is elsewhere"),
        pytest.param(driven(5, 5.5, width=200), id="it is of another size"),
        pytest.param(driven(5, 5.5, x=600, speed=-60), id="it comes back"),
        pytest.param(driven(5, 5.5, label="motorcycle"), id="it is a motorcycle"),
    ],
)
def test_another_vehicle_continues_no_track(later: list[TrackPoint]) -> None:
    assert misfit(driven(0, 3), later) > 1


def test_a_vehicle_that_stood_is_not_continued() -> None:
    assert misfit(driven(0, 3, speed=5), driven(5, 5.5, speed=5)) == math.inf


def test_the_best_of_several_lost_tracks_is_continued() -> None:
    lost = [driven(0, 3, x=-30), driven(0, 3), driven(0, 3, x=400)]
    assert continued_track(lost, driven(5, 5.5)) == 1
    assert continued_track([], driven(5, 5.5)) is None


def passages(points: list[TrackPoint], max_link_s: float) -> list[Track]:
    """Return the tracks of a detector that finds whole vehicles, of what was seen at each moment."""
    tracker = Tracker(TrackerOptions(certain_score=0.5, in_pieces=False, max_link_s=max_link_s))
    by_frame = {point.frame: point for point in points}
    ended: list[Track] = []
    for frame in range(120):
        seen = [by_frame[frame]] if frame in by_frame else []
        found = [Detection(point.box, point.score, point.label) for point in seen]
        ended += tracker.update(frame, frame / 10, found).ended
    return [*ended, *tracker.finish()]


def test_a_vehicle_unseen_for_two_seconds_is_one_passage() -> None:
    seen = driven(0, 3) + driven(5, 8)
    (whole,) = passages(seen, 2.5)
    assert [point.frame for point in whole.points] == [point.frame for point in seen]
    assert len(passages(seen, 0.0)) == 2


def test_one_that_follows_too_late_is_another() -> None:
    assert len(passages(driven(0, 3) + driven(6, 9), 2.5)) == 2
