from dataclasses import replace

import cv2
import numpy as np
import pytest

from reid.errors import SeeingError
from reid.plates.locate import CROP, PHOTOGRAPH, VEHICLE, LocateOptions, box_iou, corner_error, locate, locate_in_crop
from reid.render.crops import RenderedCropOptions, camera_of, stage_vehicle, vehicle_of
from reid.render.number_plates.plates import draw, make_plate
from reid.render.truth import plate_corners
from reid.training.plates.distractors import draw_page

Shown = tuple[np.ndarray, np.ndarray]


def rear(number: int, side_px: int = 300) -> Shown:
    """Return a picture of a vehicle by day, seen from behind, and the corners of its clean plate."""
    options = RenderedCropOptions(seed=4, weathers=("sun",))
    vehicle = vehicle_of(options, number)[1]
    vehicle = replace(vehicle, plate=replace(vehicle.plate, state="clean"))
    shown = stage_vehicle(vehicle, camera_of(options, 2), 5.0, side_px, np.random.default_rng(number))
    corners = plate_corners(shown.solid, 0.0, 0.0, 0.0, shown.lens)
    assert corners is not None
    return shown.picture, corners


CARS = (2, 3, 5, 7)


@pytest.mark.parametrize("number", CARS)
def test_the_corners_of_a_plate_are_right(number: int) -> None:
    picture, corners = rear(number)
    found = locate(picture)
    assert corner_error(found[0].corners, corners) < 0.25
    assert found[0].score >= VEHICLE.least_score


@pytest.mark.parametrize("number", CARS)
def test_a_plate_is_found_anywhere_in_a_photograph(number: int) -> None:
    picture, corners = rear(number, 340)
    photograph = np.full((800, 1100, 3), 130, np.uint8)
    photograph[300 : 300 + picture.shape[0], 520 : 520 + picture.shape[1]] = picture
    (best, *_) = locate(photograph, PHOTOGRAPH)
    assert corner_error(best.corners, corners + np.array([520, 300])) < 0.25


@pytest.mark.parametrize("layout", ["eu-de", "us", "cn-blue", "br"])
def test_the_plate_of_a_loose_crop_is_found(layout: str) -> None:
    plate = draw(make_plate(3, layout, state="clean"), px_per_m=300)
    height, width = plate.shape[:2]
    crop = np.full((height * 2, width + height, 3), 70, np.uint8)
    crop[height // 2 : height // 2 + height, height // 2 : height // 2 + width] = plate
    crop = np.asarray(cv2.resize(crop, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA), np.uint8)
    left, top = 0.35 * height, 0.35 * height
    right, bottom = left + 0.7 * width, top + 0.7 * height
    truth = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    (best, *_) = locate(crop, CROP)
    assert box_iou(best.corners, truth) > 0.7


NOTHING = {
    "black": np.zeros((200, 300, 3), np.uint8),
    "white": np.full((200, 300, 3), 255, np.uint8),
    "four pixels": np.full((4, 4, 3), 90, np.uint8),
    "a line of pixels": np.full((1, 500, 3), 90, np.uint8),
    "noise": np.random.default_rng(0).integers(0, 256, (180, 240, 3)).astype(np.uint8),
    "a page of text": draw_page(np.random.default_rng(1), 400, 300),
    "another page of text": draw_page(np.random.default_rng(5), 300, 420),
}


@pytest.mark.parametrize("margin", [0.1, 0.4, 1.0])
def test_a_crop_of_a_plate_is_set_right_however_loose(margin: float) -> None:
    picture, corners = rear(2)
    room = margin * np.linalg.norm(corners[3] - corners[0])
    left, top = np.maximum(np.floor(corners.min(axis=0) - room), 0).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0) + room).astype(int).tolist()
    found = locate_in_crop(picture[top:bottom, left:right])
    assert corner_error(found, corners - np.array([left, top], np.float32)) < 0.25


@pytest.mark.parametrize("shape", [(11, 43), (40, 200)])
def test_a_crop_that_shows_nothing_is_taken_as_it_is(shape: tuple[int, int]) -> None:
    height, width = shape
    found = locate_in_crop(np.full((height, width, 3), 90, np.uint8))
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    assert np.abs(found - whole).max() < 0.3 * height


@pytest.mark.parametrize("options", [VEHICLE, PHOTOGRAPH, CROP], ids=["vehicle", "photograph", "crop"])
@pytest.mark.parametrize("name", NOTHING)
def test_where_there_is_no_plate_nothing_is_found(name: str, options: LocateOptions) -> None:
    assert locate(NOTHING[name], options) == []


def test_the_best_plate_comes_first_and_none_overlaps_another() -> None:
    (left, corners), (right, _) = rear(2), rear(3)
    found = locate(np.concatenate([left, right], axis=1), PHOTOGRAPH)
    assert len(found) >= 2
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert box_iou(found[0].corners, found[1].corners) < 0.3
    assert min(corner_error(one.corners, corners) for one in found) < 0.25


def test_a_grey_picture_is_refused_with_what_to_give() -> None:
    with pytest.raises(SeeingError, match=r"\(40, 60\).*\(h, w, 3\)"):
        locate(np.zeros((40, 60), np.uint8))
