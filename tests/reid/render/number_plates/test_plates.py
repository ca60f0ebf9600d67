"""Plates show their text in the layout of their country."""

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.render.number_plates.layouts import LAYOUTS
from reid.render.number_plates.plates import PLATE_STATES, draw, make_plate, twin


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_drawn_in_its_size(layout: str) -> None:
    plate = make_plate(5, layout, state="clean")
    picture = draw(plate, px_per_m=400)
    assert picture.shape == (round(400 * plate.size_m[1]), round(400 * plate.size_m[0]), 3)
    assert picture.std() > 20
    assert plate.text.isalnum()
    assert 5 <= len(plate.text) <= 10


def test_same_seed_same_plate() -> None:
    assert make_plate(7) == make_plate(7)
    assert (draw(make_plate(7)) == draw(make_plate(7))).all()
    assert make_plate(7) != make_plate(8)


@pytest.mark.parametrize("seed", range(30))
def test_a_twin_differs_in_one_character_and_is_drawn_so(seed: int) -> None:
    plate = make_plate(seed, state="clean")
    other = twin(plate, seed)
    assert len(other.text) == len(plate.text)
    assert sum(a != b for a, b in zip(plate.text, other.text, strict=True)) == 1
    assert np.abs(draw(plate).astype(int) - draw(other)).max() > 60


def test_another_text_is_another_picture() -> None:
    from dataclasses import replace

    plate = make_plate(3, "eu-fr", state="clean")
    changed = replace(plate, marking="AA-000-AA")
    rows, columns = np.nonzero((draw(plate) != draw(changed)).any(axis=2))
    assert len(rows) > 200
    assert columns.min() > 0.08 * draw(plate).shape[1], "only the text changes, not the band"


def test_a_covered_plate_shows_nothing() -> None:
    assert draw(make_plate(3, "vn", state="covered")).std() == 0


def test_plates_fit_the_vehicle_and_the_country() -> None:
    layouts = {make_plate(seed, vehicle_type="motorcycle").layout for seed in range(60)}
    assert layouts == {name for name, layout in LAYOUTS.items() if "motorcycle" in layout.types}
    assert {make_plate(seed, country="br").layout for seed in range(30)} == {"br", "br-old"}


def test_most_plates_are_clean_and_all_states_occur() -> None:
    states = [make_plate(seed).state for seed in range(400)]
    assert set(states) == set(PLATE_STATES)
    assert states.count("clean") > 280


def test_an_unknown_layout_names_the_known_ones() -> None:
    with pytest.raises(SeeingError, match=r"'mars' is not known.*eu-de"):
        make_plate(1, "mars")
    with pytest.raises(SeeingError, match="fits a motorcycle"):
        make_plate(1, vehicle_type="motorcycle", country="cn")
