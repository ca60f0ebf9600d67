"""Plates of a rendered street: the vehicle's own stays readable, those of others do not."""

import numpy as np
import pytest

from reid.plates.locate import PHOTOGRAPH, locate
from reid.privacy.covering import around, widened
from reid.privacy.others import Others, cover_others, faces, is_subject, others_in_crop, plate_box, plates_in
from reid.vehicle import Box, Image
from tests.reid.plates.test_locate import rear


def boxed(corners: np.ndarray, dx: float = 0, dy: float = 0) -> Box:
    return around([(float(x) + dx, float(y) + dy) for x, y in corners])


def two_cars() -> tuple[Image, Box, Box]:
    """Return a picture of two cars side by side, and the plate of each."""
    (left, own), (right, other) = rear(2), rear(5)
    picture = np.full((max(left.shape[0], right.shape[0]), left.shape[1] + right.shape[1], 3), 128, np.uint8)
    picture[: left.shape[0], : left.shape[1]] = left
    picture[: right.shape[0], left.shape[1] :] = right
    return picture, boxed(own), boxed(other, dx=left.shape[1])


def spread(picture: Image, box: Box) -> float:
    part = picture[round(box.y) : round(box.y + box.height), round(box.x) : round(box.x + box.width)]
    return float(part.std(axis=(0, 1)).mean())


def test_the_plate_of_another_is_covered_and_the_own_one_stays() -> None:
    picture, own, other = two_cars()
    covered = cover_others(picture, Others(plates=plates_in(picture, PHOTOGRAPH, own)))
    assert spread(covered, other) < 0.2 * spread(picture, other)
    assert spread(covered, own) == pytest.approx(spread(picture, own))
    assert locate(covered, PHOTOGRAPH)


def test_without_an_own_plate_all_are_covered() -> None:
    picture, own, other = two_cars()
    covered = cover_others(picture, Others(plates=plates_in(picture, PHOTOGRAPH, None)))
    assert all(spread(covered, box) < 0.2 * spread(picture, box) for box in (own, other))


def test_in_a_picture_that_one_vehicle_fills_its_own_plate_stays() -> None:
    picture, corners = rear(3)
    own = boxed(corners)
    covered = cover_others(picture, others_in_crop(picture, own))
    assert spread(covered, own) == pytest.approx(spread(picture, own))
    hidden = cover_others(picture, others_in_crop(picture, None))
    assert spread(hidden, own) < 0.2 * spread(picture, own)


def test_a_detection_around_the_vehicle_is_the_vehicle() -> None:
    subject = Box(100, 100, 200, 100)
    assert is_subject(Box(110, 95, 190, 110), subject)
    assert is_subject(widened(subject, 0.2), subject)
    assert not is_subject(Box(320, 100, 200, 100), subject)
    assert not is_subject(Box(120, 120, 40, 30), subject)
    assert not is_subject(Box(0, 0, 1280, 720), subject)


@pytest.mark.parametrize("shape", [(1, 1), (4, 200), (40, 30), (15, 15)])
def test_tiny_pictures_show_nobody(shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 90, np.uint8)
    assert faces(picture) == ()
    assert others_in_crop(picture, None) == Others()


def test_no_corners_no_box() -> None:
    assert plate_box(None) is None
    assert plate_box(((0, 0), (4, 1), (4, 3), (0, 2))) == Box(0, 0, 4, 3)
