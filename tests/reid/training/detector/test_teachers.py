from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pytest

from reid.detect.detectors import Detector
from reid.detect.learned import LearnedDetector
from reid.training.detector.teachers import IGNORED, LABELLED, Teachers, agreed_boxes, seen_by, with_own
from reid.vehicle import Box, Detection, Image

CAR, SHIFTED, FAR = (20, 20, 60, 50), (22, 20, 62, 50), (200, 100, 240, 130)


def rows(*seen: tuple[tuple[int, int, int, int], float, bool]) -> np.ndarray:
    return np.array([[*box, score, bicycle] for box, score, bicycle in seen], np.float64).reshape(-1, 6)


@dataclass
class Fixed:
    """Sees the bright boxes of a picture, wherever a part of it is cut, with one score."""

    score: float
    model_id: str = "fixed"

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        y, x = np.nonzero(image[..., 0] > 200)
        if not len(x):
            return []
        box = Box(float(x.min()), float(y.min()), float(np.ptp(x) + 1), float(np.ptp(y) + 1))
        return [Detection(box, self.score, "car")]

    def detect_in_photograph(self, image: Image) -> list[Detection]:
        return self.detect(image, 0.0)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ((CAR, 0.3, False), (SHIFTED, 0.3, False), LABELLED),
        ((CAR, 0.6, False), (SHIFTED, 0.15, False), LABELLED),
        ((CAR, 0.3, False), (SHIFTED, 0.15, False), IGNORED),
        ((CAR, 0.6, True), (SHIFTED, 0.6, False), IGNORED),
    ],
)
def test_both_must_be_sure_or_one_very(one: tuple, other: tuple, said: float) -> None:
    (row,) = agreed_boxes(rows(one), rows(other))
    assert row[4] == said
    assert 20 <= row[0] <= 22


def test_what_one_alone_sees_is_neither_vehicle_nor_road() -> None:
    found = agreed_boxes(
        rows((CAR, 0.5, False), (FAR, 0.4, False)), rows((CAR, 0.5, False), ((0, 0, 9, 9), 0.2, False))
    )
    assert found[:, 4].tolist() == [LABELLED, IGNORED]
    assert found[1, :4].tolist() == list(FAR)


def test_our_own_box_is_taken_where_it_lies_on_an_agreed_vehicle_and_ignored_where_we_are_alone() -> None:
    agreed = np.array([[*CAR, LABELLED]], np.float64)
    near = with_own(agreed, rows((SHIFTED, 0.5, False), (FAR, 0.9, False), ((90, 0, 99, 9), 0.3, False)))
    assert near[0].tolist() == [*SHIFTED, LABELLED]
    assert near[1:].tolist() == [[*FAR, IGNORED], [90, 0, 99, 9, IGNORED]]
    assert with_own(agreed, rows((SHIFTED, 0.3, False))).tolist() == agreed.tolist()


def test_a_vehicle_that_a_part_cuts_through_is_taken_whole() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[40:60, 100:140] = 255
    (found,) = seen_by(cast("Detector", Fixed(0.5)), image)
    assert found[:4].tolist() == [100, 40, 140, 60]
    teachers = Teachers(cast("Detector", Fixed(0.5)), cast("Detector", Fixed(0.4)), cast("LearnedDetector", Fixed(0.3)))
    assert teachers.label(image).tolist() == [[100, 40, 140, 60, LABELLED]]
    assert teachers.label(np.zeros((90, 90, 3), np.uint8)).shape == (0, 5)
    unsure = replace(teachers, first=cast("Detector", Fixed(0.1)), second=cast("Detector", Fixed(0.1)))
    assert unsure.label(image)[:, 4].tolist() == [IGNORED]
    assert len(unsure.label(image, is_empty=True)) == 0
