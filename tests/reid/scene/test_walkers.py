import numpy as np
import pytest

from reid.scene.walkers import ground_speeds, is_walker
from reid.vehicle import Box, Track, TrackPoint

WIDTH_PX = 640


def passing(speed: float, *, label: str = "motorcycle", score: float = 0.45, away: float = 12.0) -> Track:
    """Return the track of what crosses the picture at `speed` heights a second, `away` heights from the camera."""
    rng = np.random.default_rng(5)
    height = 0.9 * WIDTH_PX / away
    points = []
    for frame in range(40):
        tall = height * float(rng.normal(1.0, 0.02))
        x = WIDTH_PX / 2 + (speed * frame / 10 - 4.0) * height
        points.append(TrackPoint(frame, frame / 10, Box(x - 0.2 * tall, 200 - tall, 0.4 * tall, tall), score, label))
    return Track(1, tuple(points))


@pytest.mark.parametrize("speed", [0.8, 4.0])
def test_speed_over_the_ground_is_measured_in_heights(speed: float) -> None:
    assert np.median(ground_speeds(passing(speed).points, WIDTH_PX)) == pytest.approx(speed, rel=0.25)


@pytest.mark.parametrize(
    ("track", "walks"),
    [
        pytest.param(passing(0.8), True, id="a person"),
        pytest.param(passing(4.0), False, id="a motorcycle"),
        pytest.param(passing(0.8, score=0.8), False, id="surely a motorcycle, in a queue"),
        pytest.param(passing(0.8, label="car"), False, id="a car, in a queue"),
    ],
)
def test_unsure_motorcycles_at_walking_pace_are_people(track: Track, walks: bool) -> None:
    assert is_walker(track, WIDTH_PX) is walks


def test_a_track_of_a_few_points_has_no_speed() -> None:
    assert ground_speeds(passing(0.8).points[:3], WIDTH_PX).size == 0
