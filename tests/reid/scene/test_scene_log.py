import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from reid.scene.scene_log import SceneLog, SceneOptions, Stretch, holes
from reid.vehicle import Image
from reid.video.frames import Frame


def frame_of(image: Image, number: int, time_s: float) -> Frame:
    return Frame(number, time_s, av.VideoFrame.from_ndarray(image, format="rgb24"), VideoReformatter())


def test_dark_frozen_and_blurred_stretches_are_named() -> None:
    rng = np.random.default_rng(0)
    log = SceneLog(SceneOptions(every_s=1.0, frozen_s=5.0))
    still = rng.integers(60, 200, (90, 160, 3)).astype(np.uint8)
    for second in range(30):
        image = rng.integers(60, 200, (90, 160, 3)).astype(np.uint8)
        if second >= 10:
            image = np.full_like(image, 5) + rng.integers(0, 3, image.shape).astype(np.uint8)
        if second >= 15:
            image = np.full_like(image, 120 + second % 2)
        if second >= 20:
            image = still
        log.observe(frame_of(image, second, float(second)))
    assert log.stretches(0.0, 30.0) == [
        Stretch(0.0, 10.0, None),
        Stretch(10.0, 15.0, "dark"),
        Stretch(15.0, 20.0, "blurred"),
        Stretch(20.0, 30.0, "frozen"),
    ]


def test_a_frozen_camera_differs_from_a_quiet_street_although_encoders_refine_its_picture() -> None:
    rng = np.random.default_rng(0)
    still = rng.integers(60, 200, (90, 160, 3)).astype(np.uint8)
    frozen, quiet = (SceneLog(SceneOptions(every_s=1.0, frozen_s=10.0)) for _ in range(2))
    for second in range(30):
        frozen.observe(frame_of(still + np.uint8(second % 5 == 0), second, float(second)))
        quiet.observe(frame_of(still + rng.integers(0, 2, still.shape).astype(np.uint8), second, float(second)))
    assert frozen.stretches(0.0, 30.0) == [Stretch(0.0, 30.0, "frozen")]
    assert quiet.stretches(0.0, 30.0) == [Stretch(0.0, 30.0, None)]


def test_the_empty_scene_is_the_median_however_long_it_is_observed() -> None:
    rng = np.random.default_rng(0)
    street = rng.integers(60, 200, (90, 160, 3)).astype(np.uint8)
    log = SceneLog(SceneOptions(every_s=1.0, scene_samples=8))
    assert log.empty_scene() is None
    for second in range(100):
        image = street.copy()
        image[20:50, second : second + 30] = 255
        log.observe(frame_of(image, second, float(second)))
    scene = log.empty_scene()
    assert scene is not None
    assert (scene == cv2.cvtColor(street, cv2.COLOR_RGB2GRAY)).mean() > 0.99
    assert len(log._scenes) <= 8


def test_holes_are_where_frames_are_missing() -> None:
    times_s = np.concatenate([np.arange(0, 5, 0.1), np.arange(9, 12, 0.1)])
    (hole,) = holes(times_s, 0.1)
    assert (hole.start_s, hole.end_s, hole.problem) == (pytest.approx(5.0), pytest.approx(9.0), "no frames")
