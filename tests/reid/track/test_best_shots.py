import av
import numpy as np
from av.video.reformatter import VideoReformatter

from reid.track.best_shots import BestShots, ShotOptions, best_points
from reid.vehicle import Box, Image, TrackPoint
from reid.video.frames import Frame


def frame_of(image: Image, number: int, time_s: float) -> Frame:
    return Frame(number, time_s, av.VideoFrame.from_ndarray(image, format="rgb24"), VideoReformatter())


def test_best_shots_hold_few_pictures_and_prefer_large_whole_and_sharp_ones() -> None:
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 255, (400, 600, 3)).astype(np.uint8)
    frame[:, 300:] = 128
    shots = BestShots(ShotOptions(shots=3, kept=4))
    for number, (x, side) in enumerate([(10, 40), (20, 60), (30, 90), (40, 140), (350, 142), (0, 150), (20, 200)]):
        shots.offer(
            frame_of(frame, number, float(number)), TrackPoint(number, float(number), Box(x, 20, side, side), 1.0)
        )
    best = shots.best()
    assert len(best) == 3
    assert best[0].frame == 6
    assert 4 not in {shot.frame for shot in best}
    assert 5 not in {shot.frame for shot in best}
    assert len(shots._by_scale) <= 4
    view = shots.plate_view()
    assert view is not None
    assert view.frame == 6


def test_best_points_are_the_shots_of_equally_sharp_pictures() -> None:
    frame = np.random.default_rng(0).integers(0, 255, (400, 600, 3)).astype(np.uint8)
    sides = [(10, 60), (20, 80), (30, 110), (40, 150), (0, 155), (200, 200), (350, 260)]
    points = [TrackPoint(number, float(number), Box(x, 20, side, side), 0.8) for number, (x, side) in enumerate(sides)]
    shots = BestShots()
    for point in points:
        shots.offer(frame_of(frame, point.frame, point.time_s), point)
    assert [point.frame for point in best_points(points, 600, 400)] == [shot.frame for shot in shots.best()]
