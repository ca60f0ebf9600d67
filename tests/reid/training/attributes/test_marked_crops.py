"""Crops for marks are one stream, and their labels say what was built."""

import numpy as np
import pytest

from reid.render.vehicles.bodies import Vehicle, make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.training.attributes.marked_crops import BODIES, MARKS, MarkedOptions, can_have, draw_marked, marked_vehicle

OPTIONS = MarkedOptions(seed=3, vehicles=2, cameras=4, size_px=64)


def test_a_crop_is_the_same_again_and_has_the_labels_of_its_vehicle() -> None:
    (picture, labels), (again, _) = draw_marked(OPTIONS, 5), draw_marked(OPTIONS, 5)
    assert np.array_equal(picture, again)
    vehicle = marked_vehicle(OPTIONS.seed, 1)
    assert BODIES[int(str(labels["body"]))] == vehicle.model.body
    assert labels["size_px"] == pytest.approx(np.sqrt(picture.shape[0] * picture.shape[1]))


def test_every_body_and_mark_is_drawn() -> None:
    drawn = [marked_vehicle(1, number) for number in range(300)]
    assert {vehicle.model.body for vehicle in drawn} == set(BODIES)
    assert {mark for vehicle in drawn for mark in vehicle.marks} == set(MARKS) - {"ladder", "passenger"}


def scooter(seed: int) -> Vehicle:
    return make_vehicle(seed, make_model(1, "scooter"), marks=("load",))


def test_a_passenger_leaves_no_room_for_a_load() -> None:
    built = [build(scooter(seed)).details for seed in range(8)]
    assert set(built) == {frozenset({"passenger"}), frozenset({"load"})}


def test_some_racks_have_a_ladder() -> None:
    built = [build(make_vehicle(seed, make_model(1, "van"), marks=("roof rack",))).details for seed in range(8)]
    assert set(built) == {frozenset(), frozenset({"ladder"})}


@pytest.mark.parametrize(
    ("mark", "body", "expected"),
    [("passenger", "scooter", True), ("passenger", "bus", False), ("ladder", "van", True), ("ladder", "bus", False)],
)
def test_what_a_body_can_have(mark: str, body: str, expected: bool) -> None:
    assert can_have(mark, body) is expected
