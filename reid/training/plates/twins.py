"""Draw plates that are hard to tell apart: one character, a few, or all of the text changed, the rest the same."""

from dataclasses import dataclass, replace

import numpy as np

from reid.render.number_plates.glyphs import draw_typeface
from reid.render.number_plates.plates import PlateDesign, draw, make_plate, twin
from reid.render.number_plates.views import draw_wear, worn
from reid.training.plates.printed import print_plate, printed_plate
from reid.vehicle import Image

_CHANGES = (1, 2, 3, 12)
"""How many characters are changed, one after the other; by the last next to nothing of the text is left."""
_CHANGES_SHARES = (0.55, 0.18, 0.07, 0.2)
_CITY_SHARE = 0.35
"""Share of the plates that are drawn as the vehicles of made-up cities carry them."""
_BIKE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class TwinPlates:
    """Two plates of one layout and their texts, which differ; drawn from straight in front, with their dirt."""

    pictures: tuple[Image, Image]
    texts: tuple[str, str]


def draw_twins(rng: np.random.Generator, *, changes: int | None = None) -> TwinPlates:
    """Draw two plates that differ in their text, in one to all characters; dirt is half the time the same."""
    changes = changes or int(rng.choice(_CHANGES, p=_CHANGES_SHARES))
    clean, texts = (_city_twins if rng.random() < _CITY_SHARE else _printed_twins)(changes, rng)
    wear = draw_wear(rng)
    other_wear = wear if rng.random() < 0.5 else draw_wear(rng)
    return TwinPlates((worn(clean[0], wear), worn(clean[1], other_wear)), texts)


def _printed_twins(changes: int, rng: np.random.Generator) -> tuple[tuple[Image, Image], tuple[str, str]]:
    plate = printed_plate(_seed(rng))
    other = plate
    while other.text == plate.text:
        for _ in range(changes):
            other = other.twin(_seed(rng))
    return (print_plate(plate).image, print_plate(other).image), (plate.text, other.text)


def _city_twins(changes: int, rng: np.random.Generator) -> tuple[tuple[Image, Image], tuple[str, str]]:
    """Draw plates of the city's layouts; bolts and holder are half the time the same."""
    plate = _city_plate(rng)
    other = plate
    while other.text == plate.text:
        for _ in range(changes):
            other = twin(other, _seed(rng))
    if rng.random() < 0.5:
        other = replace(other, seed=plate.seed)
    rear, px_per_m = bool(rng.random() < 0.5), float(rng.uniform(420, 620))
    pictures = draw(plate, rear=rear, px_per_m=px_per_m), draw(other, rear=rear, px_per_m=px_per_m)
    return pictures, (plate.text, other.text)


def _city_plate(rng: np.random.Generator) -> PlateDesign:
    """Draw a plate, half the time in a typeface of its own instead of its country's."""
    vehicle_type = "motorcycle" if rng.random() < _BIKE_SHARE else "car"
    plate = make_plate(_seed(rng), vehicle_type=vehicle_type, state="clean")
    return replace(plate, typeface=draw_typeface(rng)) if rng.random() < 0.5 else plate


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**40))
