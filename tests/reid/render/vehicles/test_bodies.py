"""Models and vehicles vary, and equal seeds give equal ones."""

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.render.vehicles.bodies import (
    BODY_SHARES,
    MARK_SHARES,
    TINTS,
    TYPE_OF_BODY,
    can_carry,
    make_model,
    make_vehicle,
)
from reid.vehicle import COLOURS, VEHICLE_TYPES


def test_names_are_those_the_project_uses() -> None:
    assert set(TYPE_OF_BODY.values()) == set(VEHICLE_TYPES)
    assert set(TINTS) == set(COLOURS)
    assert set(BODY_SHARES) == set(TYPE_OF_BODY)


def test_1500_models_are_all_different() -> None:
    models = [make_model(seed) for seed in range(1500)]
    assert len({(model.body, model.length_m, model.shoulder) for model in models}) == 1500
    assert {model.body for model in models} == set(TYPE_OF_BODY)


def test_same_seed_same_vehicle() -> None:
    model = make_model(4)
    assert make_vehicle(9, model) == make_vehicle(9, make_model(4))
    assert make_vehicle(9, model) != make_vehicle(10, model)


def test_twins_share_the_paint_but_not_the_plate() -> None:
    model = make_model(4, "sedan")
    twins = [make_vehicle(seed, model, colour="black") for seed in range(12)]
    assert len({twin.plate.text for twin in twins}) == 12
    spread = np.ptp([twin.rgb for twin in twins], axis=0).max()
    assert spread < 20


def test_colours_come_in_the_shares_of_traffic() -> None:
    model = make_model(1, "hatch")
    colours = [make_vehicle(seed, model).colour for seed in range(400)]
    assert 0.17 < colours.count("white") / 400 < 0.31
    assert colours.count("orange") < 20


@pytest.mark.parametrize("body", TYPE_OF_BODY)
def test_marks_suit_the_body(body: str) -> None:
    model = make_model(2, body)
    marks = {mark for seed in range(150) for mark in make_vehicle(seed, model).marks}
    assert marks
    assert marks <= {mark for mark in MARK_SHARES if can_carry(mark, body)}


def test_given_attributes_are_kept() -> None:
    vehicle = make_vehicle(1, make_model(1, "bus"), colour="red", marks=("dent",))
    assert (vehicle.type, vehicle.colour, vehicle.marks) == ("bus", "red", ("dent",))


def test_unknown_names_are_refused() -> None:
    with pytest.raises(SeeingError, match="'tank' is not known"):
        make_model(1, "tank")
    with pytest.raises(SeeingError, match="'mauve' is not known"):
        make_vehicle(1, make_model(1), colour="mauve")
