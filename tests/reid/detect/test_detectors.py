"""Frames that show nothing new are not looked at again; a photograph offers what is nearly as sure as its surest."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from reid.boxes import to_box
from reid.detect import detectors
from reid.detect.detectors import SparingDetector, SparingOptions, vehicles_in_photograph
from reid.detect.motion import MotionDetector
from reid.vehicle import Detection, Image

FOUND = [Detection(to_box((10, 20, 40, 50)), 0.9, "car")]


class Counting(MotionDetector):
    """Finds always the same, and counts how often it was asked and shown."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []
        self.shown: list[float] = []

    def learn(self, image: Image, time_s: float) -> None:
        self.shown.append(time_s)

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        self.asked.append(time_s)
        return FOUND


@pytest.fixture
def picture() -> Image:
    return np.random.default_rng(0).integers(60, 200, (288, 512, 3)).astype(np.uint8)


def test_an_unchanged_scene_is_detected_once_per_slot_and_learned_from_every_frame(picture: Image) -> None:
    counting = Counting()
    sparing = SparingDetector(counting, SparingOptions(slot_s=1.0))
    times_s = [number / 10 for number in range(30)]
    assert all(sparing.detect(picture, time_s) == FOUND for time_s in times_s)
    assert counting.asked == [0.0, 1.0, 2.0]
    assert sorted(counting.asked + counting.shown) == times_s
    assert sparing.spared == 27


def test_noise_is_no_change_but_a_small_vehicle_is(picture: Image) -> None:
    rng = np.random.default_rng(1)
    counting = Counting()
    sparing = SparingDetector(counting)
    for number in range(5):
        noisy = np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
        sparing.detect(noisy, number / 10)
    assert len(counting.asked) == 1
    vehicle = picture.copy()
    vehicle[100:108, 200:212] = 20
    sparing.detect(vehicle, 0.5)
    assert len(counting.asked) == 2


def test_slow_changes_add_up_until_they_are_detected(picture: Image) -> None:
    counting = Counting()
    sparing = SparingDetector(counting, SparingOptions(slot_s=100.0))
    for number in range(40):
        slow = picture.copy()
        slow[100:120, 200 + number // 2 : 230 + number // 2] = 20
        sparing.detect(slow, number / 10)
    assert 5 <= len(counting.asked) <= 20


def test_skipped_frames_depend_on_the_footage_not_on_where_watching_began(
    street: Callable[..., Image], car: type
) -> None:
    film = [(street([car(3.0, 60)], number / 10), number / 10) for number in range(100)]
    asked = []
    for begin in (0, 7, 18):
        counting = Counting()
        sparing = SparingDetector(counting)
        for image, time_s in film[begin:]:
            sparing.detect(image, time_s)
        asked.append([time_s for time_s in counting.asked if time_s >= 2.0])
    assert asked[0] == asked[1] == asked[2]


def test_a_photograph_offers_no_kerb_at_its_edge_beside_a_sure_car(
    picture: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    car, kerb, far, weak = (
        Detection(to_box(rows), score, "car")
        for rows, score in (
            ((100, 100, 200, 180), 0.9),
            ((430, 180, 512, 288), 0.55),
            ((300, 100, 360, 150), 0.55),
            ((20, 100, 90, 150), 0.4),
        )
    )

    seen: list[Detection] = []
    detector = SimpleNamespace(detect_in_photograph=lambda _: list(seen))
    monkeypatch.setattr(detectors, "_photograph_detector", lambda: detector)
    assert vehicles_in_photograph(picture) == []
    seen[:] = [car, kerb, far, weak]
    assert vehicles_in_photograph(picture) == [car, far]
    seen[:] = [kerb, weak]
    assert vehicles_in_photograph(picture) == [kerb, weak]
