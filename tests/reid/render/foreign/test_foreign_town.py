import numpy as np
import pytest

from reid.render.foreign.layouts import FOREIGN_LAYOUTS
from reid.render.foreign.vehicles import (
    FOREIGN_TINTS,
    make_foreign_model,
    make_foreign_plate,
    make_foreign_vehicle,
)
from reid.render.foreign.weathers import FOREIGN_WEATHERS
from reid.render.frames import FrameRenderer, RenderedFrame
from reid.render.number_plates.plates import draw, twin
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.street.street import PLATE
from reid.vehicle import COLOURS, VEHICLE_TYPES


def _frame(seed: int, options: SiteOptions) -> RenderedFrame:
    vehicle = make_foreign_vehicle(seed, make_foreign_model(seed))
    return FrameRenderer(make_site(seed, options)).frame([Placement(vehicle, 1, 0.0)], 0.0)


@pytest.mark.parametrize("weather", FOREIGN_WEATHERS)
def test_a_seed_gives_the_same_picture_with_the_vehicle_in_its_box(weather: str) -> None:
    options = SiteOptions(320, 180, kind=PLATE, weather=weather, heading_deg=190, parked=0, foreign=True)
    first, again = _frame(3, options), _frame(3, options)
    assert np.array_equal(first.image, again.image)
    (seen,) = first.boxes
    assert seen == again.boxes[0]
    assert seen.box.height > 30


def test_truth_has_known_types_and_colours_and_the_text_that_is_drawn() -> None:
    vehicles = [make_foreign_vehicle(seed, make_foreign_model(seed, two_wheeled=seed % 5 == 0)) for seed in range(120)]
    assert {vehicle.type for vehicle in vehicles} == set(VEHICLE_TYPES)
    assert {vehicle.colour for vehicle in vehicles} == set(FOREIGN_TINTS) == set(COLOURS)
    for vehicle in vehicles:
        layout = FOREIGN_LAYOUTS[vehicle.plate.layout]
        assert vehicle.type in layout.types
        lengths = {sum(sign in "A9" for sign in pattern) for pattern in layout.patterns}
        assert len(vehicle.plate.text) in lengths
        nearest = min(np.abs(np.array(tint) - vehicle.rgb).max() for tint in FOREIGN_TINTS[vehicle.colour])
        assert nearest < 20


def test_vehicles_of_one_model_and_colour_share_tint_and_livery() -> None:
    model = make_foreign_model(8)
    first, second = (make_foreign_vehicle(seed, model, colour="blue") for seed in (1, 2))
    assert np.abs(np.array(first.rgb) - second.rgb).max() < 12
    assert ("livery" in first.marks) == ("livery" in second.marks)
    assert first.plate.text != second.plate.text


@pytest.mark.parametrize("kind", VEHICLE_TYPES)
def test_plates_are_drawn_and_have_twins(kind: str) -> None:
    plate = make_foreign_plate(5, kind, state="clean")
    other = twin(plate, 6)
    assert sum(a != b for a, b in zip(plate.text, other.text, strict=True)) == 1
    assert not np.array_equal(draw(plate), draw(other))
