from dataclasses import replace

import numpy as np
import pytest

from reid.plates.rectify import rectified
from reid.render.crops import CropOptions, Staged, camera_of, stage, vehicle_of
from reid.render.number_plates.plates import draw
from reid.render.plate_truth import plate_corners, plate_height_px
from reid.render.vehicles.bodies import Vehicle

OPTIONS = CropOptions(seed=5)
REAR_DEG, ACROSS_DEG = 4.0, 90.0


def staged(number: int, heading_deg: float) -> tuple[Vehicle, Staged]:
    """Return a clean-plated vehicle before a camera in the sun."""
    sunny = replace(OPTIONS, weathers=("sun",))
    vehicle = vehicle_of(sunny, number)[1]
    vehicle = replace(vehicle, plate=replace(vehicle.plate, state="clean"))
    return vehicle, stage(vehicle, camera_of(sunny, 3), heading_deg, 400, np.random.default_rng(number))


@pytest.mark.parametrize("number", [1, 2, 5])
def test_what_lies_between_the_corners_is_the_plate(number: int) -> None:
    vehicle, shown = staged(number, REAR_DEG)
    corners = plate_corners(shown.solid, 0.0, 0.0, 0.0, shown.lens)
    assert corners is not None
    drawn = draw(vehicle.plate, rear=True)
    flat = np.array([[0, 0], [drawn.shape[1], 0], drawn.shape[1::-1], [0, drawn.shape[0]]], np.float32)
    told = rectified(drawn, flat, 60, 20).mean(axis=2).ravel()

    def likeness(right_px: float, down_px: float) -> float:
        seen = rectified(shown.picture, corners + np.array([right_px, down_px], np.float32), 60, 20)
        return float(np.corrcoef(seen.mean(axis=2).ravel(), told)[0, 1])

    off = plate_height_px(corners) / 5
    assert likeness(0, 0) > 0.6
    assert likeness(0, 0) > max(likeness(off, 0), likeness(-off, 0), likeness(0, off), likeness(0, -off))


def test_a_vehicle_seen_from_its_side_shows_no_plate_of_any_width() -> None:
    _, shown = staged(1, ACROSS_DEG)
    corners = plate_corners(shown.solid, 0.0, 0.0, 0.0, shown.lens)
    assert corners is None or np.ptp(corners[:, 0]) < plate_height_px(corners)


def test_a_vehicle_without_a_plate_shows_none() -> None:
    vehicle, _ = staged(1, REAR_DEG)
    bare = replace(vehicle, plate=replace(vehicle.plate, state="absent"))
    shown = stage(bare, camera_of(OPTIONS, 3), REAR_DEG, 200, np.random.default_rng(1))
    assert plate_corners(shown.solid, 0.0, 0.0, 0.0, shown.lens) is None
