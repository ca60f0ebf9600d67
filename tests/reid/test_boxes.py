"""Docstring needed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid import boxes
from reid.boxes import without_parts
from reid.vehicle import Box, Detection

LORRY = Detection(Box(100, 100, 200, 120), 0.9, "truck")


def test_a_doubtful_box_inside_a_sure_one_is_a_part_of_it() -> None:
    assert without_parts([LORRY, Detection(Box(110, 110, 60, 80), 0.5, "car")]) == [LORRY]


def test_a_sure_vehicle_in_front_a_rider_and_a_neighbour_stay() -> None:
    sure = Detection(Box(120, 150, 80, 60), 0.85, "car")
    rider = Detection(Box(220, 150, 20, 40), 0.5, "motorcycle")
    beside = Detection(Box(250, 100, 120, 100), 0.5, "car")
    assert without_parts([LORRY, sure, rider, beside]) == [LORRY, sure, rider, beside]
    assert without_parts([]) == []


side = st.integers(0, 12)


some_boxes = st.lists(st.tuples(side, side, side, side), max_size=6).map(
    lambda rows: np.array([[x, y, x + w, y + h] for x, y, w, h in rows], dtype=float).reshape(-1, 4)
)


def pixels(box: np.ndarray) -> set[tuple[int, int]]:
    return {(x, y) for x in range(int(box[0]), int(box[2])) for y in range(int(box[1]), int(box[3]))}


@given(some_boxes, some_boxes)
def test_iou_is_the_share_of_common_pixels(first: np.ndarray, second: np.ndarray) -> None:
    counted = [
        [len(pixels(a) & pixels(b)) / len(pixels(a) | pixels(b)) if pixels(a) | pixels(b) else 0.0 for b in second]
        for a in first
    ]
    assert boxes.iou(first, second) == pytest.approx(np.array(counted).reshape(len(first), len(second)))


@given(some_boxes, some_boxes)
def test_share_inside_counts_the_inner_boxs_own_pixels(inner: np.ndarray, outer: np.ndarray) -> None:
    counted = [[len(pixels(a) & pixels(b)) / len(pixels(a)) if pixels(a) else 0.0 for b in outer] for a in inner]
    assert boxes.shares_inside(inner, outer) == pytest.approx(np.array(counted).reshape(len(inner), len(outer)))


def test_boxes_go_to_an_array_and_back() -> None:
    box = Box(3.5, 4.0, 10.0, 2.25)
    assert boxes.to_box(boxes.to_array([box])[0]) == box
    assert boxes.to_array([]).shape == (0, 4)


def test_gap_is_zero_where_boxes_overlap_on_that_axis() -> None:
    apart = boxes.gaps(np.array([[0.0, 0, 10, 10]]), np.array([[13.0, 5, 20, 30], [5.0, 5, 6, 6]]))
    assert apart.tolist() == [[[3.0, 0.0], [0.0, 0.0]]]


def test_suppression_keeps_the_best_of_overlapping_boxes_and_the_earlier_of_equals() -> None:
    found = np.array([[0.0, 0, 10, 10], [1.0, 0, 11, 10], [50.0, 0, 60, 10], [50.0, 0, 60, 10]])
    assert boxes.non_maximum_suppression(found, np.array([0.5, 0.9, 0.7, 0.7]), max_iou=0.5) == [1, 2]


def test_hull_and_clip() -> None:
    rows = np.array([[0.0, 5, 10, 10], [-4.0, 0, 3, 200]])
    assert boxes.hull(rows).tolist() == [-4.0, 0.0, 10.0, 200.0]
    assert boxes.clip(rows, 8, 100).tolist() == [[0.0, 5.0, 8.0, 10.0], [0.0, 0.0, 3.0, 100.0]]
