"""Boxes and visible shares agree with counting pixels one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reid.plates.rectify import rectified
from reid.render.crops import RenderedCropOptions, StagedVehicle, camera_of, stage_vehicle, vehicle_of
from reid.render.number_plates.plates import draw
from reid.render.truth import DrawnVehicle, plate_corners, plate_height_px, visible_boxes
from reid.render.vehicles.bodies import Vehicle
from reid.render.vehicles.layers import Layer, PixelWindow

WIDTH, HEIGHT = 20, 14


def random_layer(rng: np.random.Generator) -> Layer:
    width, height = (int(side) for side in rng.integers(3, 9, 2))
    x, y = int(rng.integers(0, WIDTH - width)), int(rng.integers(0, HEIGHT - height))
    coverage = rng.choice(np.array([0, 100, 200, 255], np.uint8), (height, width))
    coverage[1, 1] = 255
    return Layer(PixelWindow(x, y, width, height), np.zeros((height, width, 3), np.uint8), coverage, 0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_boxes_are_those_of_the_masks(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    layers = [random_layer(rng) for _ in range(count)]
    before = rng.choice(np.array([0, 255], np.uint8), (HEIGHT, WIDTH), p=[0.8, 0.2])
    boxes = visible_boxes([DrawnVehicle(i, layer, None, 0.0) for i, layer in enumerate(layers)], before)
    owners = np.full((HEIGHT, WIDTH), -1)
    masks = []
    for number, layer in enumerate(layers):
        mask = np.zeros((HEIGHT, WIDTH), bool)
        mask[layer.window.slices] = layer.coverage >= 128
        owners[mask] = number
        masks.append(mask)
    owners[before > 0] = -2
    for number, (mask, box) in enumerate(zip(masks, boxes, strict=True)):
        rows, columns = np.nonzero(mask)
        assert (box.box.x, box.box.y) == (columns.min(), rows.min())
        assert (box.box.width, box.box.height) == (np.ptp(columns) + 1, np.ptp(rows) + 1)
        assert box.visible == (owners[mask] == number).mean()


OPTIONS = RenderedCropOptions(seed=5)


REAR_DEG, ACROSS_DEG = 4.0, 90.0


def staged(number: int, heading_deg: float) -> tuple[Vehicle, StagedVehicle]:
    """Return a clean-plated vehicle before a camera in the sun."""
    sunny = replace(OPTIONS, weathers=("sun",))
    vehicle = vehicle_of(sunny, number)[1]
    vehicle = replace(vehicle, plate=replace(vehicle.plate, state="clean"))
    return vehicle, stage_vehicle(vehicle, camera_of(sunny, 3), heading_deg, 400, np.random.default_rng(number))


@pytest.mark.parametrize("number", [1, 2, 5])
def test_the_corners_enclose_the_plate(number: int) -> None:
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
    shown = stage_vehicle(bare, camera_of(OPTIONS, 3), REAR_DEG, 200, np.random.default_rng(1))
    assert plate_corners(shown.solid, 0.0, 0.0, 0.0, shown.lens) is None
