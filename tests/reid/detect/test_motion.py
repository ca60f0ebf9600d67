from collections.abc import Callable

import numpy as np
import pytest

from reid import boxes
from reid.detect.background import BackgroundOptions, BackgroundSamples, background_of, sorting_network
from reid.detect.motion import MotionDetector, join_fragments
from reid.vehicle import Detection

LEARNING_S = 42.0


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 21, 32])
def test_the_network_sorts_any_number_of_values(count: int) -> None:
    rng = np.random.default_rng(count)
    for _ in range(30):
        values = rng.integers(0, 9, count).tolist()
        expected = sorted(values)
        for low, high in sorting_network(count):
            values[low], values[high] = min(values[low], values[high]), max(values[low], values[high])
        assert values == expected


def test_the_background_is_the_median() -> None:
    samples = list(np.random.default_rng(0).integers(0, 255, (21, 9, 16, 3)).astype(np.uint8))
    assert np.array_equal(background_of(samples).median, np.median(samples, axis=0))


def test_the_background_does_not_depend_on_where_watching_began(street: Callable[..., np.ndarray]) -> None:
    early, late = BackgroundSamples(BackgroundOptions()), BackgroundSamples(BackgroundOptions())
    for tenth in range(1000):
        image = np.full((6, 8, 3), tenth % 200, np.uint8)
        early.add(image, tenth / 10)
        if tenth >= 560:
            late.add(image, tenth / 10)
    first, second = early.current(), late.current()
    assert first is not None
    assert second is not None
    assert np.array_equal(first.median, second.median)


@pytest.fixture
def watching(street: Callable[..., np.ndarray]) -> MotionDetector:
    """A detector that knows the empty street."""
    detector = MotionDetector()
    for second in range(0, int(LEARNING_S), 2):
        detector.learn(street([], 0.0), float(second))
    return detector


def best_iou(found: list[Detection], truth: tuple[float, float, float, float]) -> float:
    return float(boxes.iou(np.array([truth]), boxes.to_array([one.box for one in found])).max(initial=0.0))


@pytest.mark.parametrize("colour", [(200, 40, 40), (230, 230, 230), (25, 25, 28), (90, 90, 95), (40, 60, 160)])
def test_a_vehicle_of_any_colour_is_boxed(
    watching: MotionDetector, street: Callable[..., np.ndarray], car: type, colour: tuple[int, int, int]
) -> None:
    one = car(0.0, 70, 60.0, colour=colour)
    found = watching.detect(street([one], 3.0), LEARNING_S)
    left = one.left(3.0, 320)
    assert len(found) == 1
    assert best_iou(found, (left, 70, left + 48, 100)) > 0.7


def test_two_vehicles_apart_are_two(watching: MotionDetector, street: Callable[..., np.ndarray], car: type) -> None:
    found = watching.detect(street([car(0.0, 30), car(0.5, 110, -60.0)], 3.0), LEARNING_S)
    assert len(found) == 2


def test_boxes_are_in_pixels_of_the_whole_frame(street: Callable[..., np.ndarray], car: type) -> None:
    detector = MotionDetector()
    large = [np.kron(street(cars, 3.0), np.ones((4, 4, 1), np.uint8)) for cars in ([], [car(0.0, 70)])]
    for second in range(0, int(LEARNING_S), 2):
        detector.learn(large[0], float(second))
    left = car(0.0, 70).left(3.0, 320) * 4
    assert best_iou(detector.detect(large[1], LEARNING_S), (left, 280, left + 192, 400)) > 0.7


def test_a_shadow_is_cut_off_the_box(watching: MotionDetector, street: Callable[..., np.ndarray], car: type) -> None:
    frame = street([car(0.0, 70)], 3.0).astype(float)
    left = int(car(0.0, 70).left(3.0, 320))
    empty = street([], 0.0).astype(float)
    frame[75:100, left + 48 : left + 100] = empty[75:100, left + 48 : left + 100] * 0.6
    found = watching.detect(frame.astype(np.uint8), LEARNING_S)
    assert best_iou(found, (left, 70, left + 48, 100)) > 0.7


def test_the_light_of_headlamps_on_the_road_is_no_vehicle(
    watching: MotionDetector, street: Callable[..., np.ndarray]
) -> None:
    y, x = np.mgrid[:180, :320]
    glow = 1.0 + 0.9 * np.exp(-(((x - 160) / 50) ** 2) - ((y - 90) / 20) ** 2)
    lit = np.clip(street([], 0.0) * glow[..., None], 0, 255).astype(np.uint8)
    assert watching.detect(lit, LEARNING_S) == []


def test_a_mast_that_sways_a_little_is_no_vehicle(watching: MotionDetector, street: Callable[..., np.ndarray]) -> None:
    import cv2

    shift = np.float32([[1, 0, 0.5], [0, 1, -0.4]])  # type: ignore[arg-type]
    swayed = cv2.warpAffine(street([], 0.0), shift, (320, 180), borderMode=cv2.BORDER_REPLICATE)
    assert watching.detect(np.asarray(swayed), LEARNING_S) == []


def test_a_change_of_exposure_is_no_vehicle(watching: MotionDetector, street: Callable[..., np.ndarray]) -> None:
    darker = (street([], 0.0) * 0.75).astype(np.uint8)
    assert watching.detect(darker, LEARNING_S) == []


def test_nothing_is_found_before_the_scene_is_known(street: Callable[..., np.ndarray], car: type) -> None:
    assert MotionDetector().detect(street([car(0.0, 70)], 3.0), 0.0) == []


def test_pieces_of_one_vehicle_are_joined_and_neighbours_are_not() -> None:
    pieces = np.array([[10.0, 10, 60, 20], [12.0, 24, 58, 40], [100.0, 10, 150, 40], [10.0, 90, 60, 120]])
    joined = join_fragments(pieces)
    assert sorted(joined.tolist()) == [[10.0, 10, 60, 40], [10.0, 90, 60, 120], [100.0, 10, 150, 40]]
