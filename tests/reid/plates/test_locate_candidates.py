import numpy as np
import pytest

from reid.plates.locate import Located, box_iou, corner_error, distinct, peaks
from reid.plates.networks.grid import OFFSET_PX, STRIDE


def board(x: float, y: float, width: float = 40, height: float = 10) -> np.ndarray:
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)


def told(places: dict[tuple[int, int], float]) -> tuple[np.ndarray, np.ndarray]:
    """Return heat and offsets (all corners one cell up and left) of a 6 x 8 map."""
    heat = np.zeros((6, 8), np.float32)
    for cell, value in places.items():
        heat[cell] = value
    return heat, np.full((8, 6, 8), -STRIDE / OFFSET_PX, np.float32)


def test_a_peak_hides_the_lesser_heat_beside_it() -> None:
    heat, offsets = told({(2, 3): 0.9, (2, 4): 0.6, (5, 7): 0.5, (0, 0): 0.05})
    found = peaks(heat, offsets, least=0.1, most=9)
    assert [one.score for one in found] == pytest.approx([0.9, 0.5])
    assert found[0].corners == pytest.approx(np.full((4, 2), [2.5 * STRIDE, 1.5 * STRIDE]))


def test_no_more_peaks_are_given_than_asked_for_the_strongest_first() -> None:
    heat, offsets = told({(0, 0): 0.3, (3, 3): 0.7, (5, 7): 0.5})
    assert [one.score for one in peaks(heat, offsets, least=0.1, most=2)] == pytest.approx([0.7, 0.5])


def test_nothing_hot_is_nothing_found() -> None:
    assert peaks(*told({}), least=0.1, most=3) == []


def test_the_better_of_two_that_overlap_stays() -> None:
    found = [Located(board(2, 1), 0.4), Located(board(0, 0), 0.8), Located(board(100, 50), 0.3)]
    assert [one.score for one in distinct(found)] == [0.8, 0.3]


def test_boxes_apart_have_nothing_in_common_and_equal_ones_all() -> None:
    assert box_iou(board(0, 0), board(50, 0)) == 0.0
    assert box_iou(board(3, 4), board(3, 4)) == pytest.approx(1.0)
    assert box_iou(board(0, 0), board(20, 0)) == pytest.approx(1 / 3)


def test_the_error_is_counted_in_heights_of_the_plate() -> None:
    assert corner_error(board(5, 0), board(0, 0)) == pytest.approx(0.5)
