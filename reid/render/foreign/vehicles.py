"""Draw the vehicles of the foreign town: other proportions, other paints and liveries, other plates."""

from dataclasses import dataclass, replace

import numpy as np

from reid.render.foreign.layouts import FOREIGN_LAYOUTS
from reid.render.number_plates.plates import PlateDesign, make_plate
from reid.render.vehicles.bodies import TYPE_OF_BODY, Vehicle, VehicleModel, make_model, make_vehicle
from reid.render.vehicles.painted_marks import LIVERY
from reid.render.vehicles.shapes import Shape

FOREIGN_SHAPES = {
    "kei": Shape(
        (3.15, 3.4), (1.46, 1.50), (1.66, 1.80),
        ((0, 0.56), (0.012, 0.60), (0.5, 0.575), (0.84, 0.575), (0.96, 0.52), (1, 0.40)),
        ((0.006, 0.60), (0.03, 0.95), (0.16, 1), (0.66, 0.995), (0.73, 0.955), (0.86, 0.58)),
        (0.28, 0.52, 0.77), (0.045, 0.825), 0.16, 0.275, (0.13, 0.87), (0.06, 0.10), (0.06, 0.11),
    ),
    "long saloon": Shape(
        (5.35, 5.75), (1.84, 1.92), (1.30, 1.37),
        ((0, 0.60), (0.012, 0.69), (0.10, 0.715), (0.45, 0.67), (0.64, 0.665), (0.94, 0.60), (1, 0.48)),
        ((0.13, 0.70), (0.24, 0.93), (0.32, 1), (0.42, 0.99), (0.475, 0.955), (0.62, 0.67)),
        (0.25, 0.415, 0.575), (0.165, 0.60), 0.15, 0.345, (0.175, 0.835),
    ),
    "ladder wagon": Shape(
        (3.4, 3.85), (1.60, 1.70), (1.90, 2.04),
        ((0, 0.54), (0.010, 0.575), (0.5, 0.575), (0.70, 0.575), (0.96, 0.56), (1, 0.50)),
        ((0.008, 0.575), (0.022, 0.95), (0.10, 1), (0.58, 1), (0.635, 0.965), (0.70, 0.575)),
        (0.36, 0.64), (0.035, 0.675), 0.29, 0.375, (0.19, 0.82), (0.05, 0.08), (0.03, 0.06),
    ),
    "microvan": Shape(
        (3.3, 3.6), (1.46, 1.52), (1.84, 1.98),
        ((0, 0.48), (0.012, 0.52), (0.5, 0.51), (0.93, 0.50), (0.985, 0.46), (1, 0.36)),
        ((0.004, 0.52), (0.012, 0.95), (0.08, 1), (0.84, 0.99), (0.90, 0.95), (0.985, 0.49)),
        (0.30, 0.56, 0.88), (0.04, 0.935), 0.17, 0.265, (0.20, 0.70), (0.05, 0.08), (0.05, 0.09),
    ),
    "midibus": Shape(
        (6.1, 7.3), (2.06, 2.20), (2.80, 3.0),
        ((0, 0.40), (0.008, 0.42), (0.985, 0.42), (1, 0.38)),
        ((0.001, 0.43), (0.02, 0.93), (0.09, 1), (0.90, 1), (0.955, 0.93), (0.994, 0.43)),
        (0.86,), (0.02, 0.97), 0.28, 0.42, (0.22, 0.80), (0.05, 0.09), (0.05, 0.09),
    ),
    "long-nosed lorry": Shape(
        (2.9, 3.3), (2.1, 2.35), (2.3, 2.6),
        ((0, 0.50), (0.05, 0.53), (0.52, 0.53), (0.58, 0.53), (0.95, 0.49), (1, 0.44)),
        ((0.01, 0.53), (0.03, 0.95), (0.10, 1), (0.36, 0.99), (0.42, 0.94), (0.53, 0.53)),
        (0.08, 0.46), (0.10, 0.50), 0.36, 0.46, (0.77,), (0.05, 0.08), (0.05, 0.09),
    ),
    "cruiser": Shape(
        (2.35, 2.55), (0.88, 0.98), (0.94, 1.0), ((0, 0.7), (1, 0.7)), ((0.1, 0.7), (0.3, 0.8), (0.6, 0.8), (0.9, 0.7)),
        (), (0, 1), 0.13, 0.335, (0.14, 0.88),
    ),
    "small scooter": Shape(
        (1.5, 1.66), (0.56, 0.62), (0.92, 1.0), ((0, 0.7), (1, 0.7)), ((0.1, 0.7), (0.3, 0.8), (0.6, 0.8), (0.9, 0.7)),
        (), (0, 1), 0.13, 0.195, (0.13, 0.87),
    ),
}  # fmt: skip
"""Each has lengths, widths or heights that no shape of its type in the trainings has."""


@dataclass(frozen=True, slots=True)
class ForeignBody:
    """A shape, the body as which it is painted and counted, and its share among four-wheeled or two-wheeled ones."""

    shape: str
    body: str
    share: float


FOREIGN_BODIES = (
    ForeignBody("kei", "hatch", 0.30), ForeignBody("long saloon", "sedan", 0.22),
    ForeignBody("ladder wagon", "suv", 0.16), ForeignBody("microvan", "van", 0.14),
    ForeignBody("midibus", "bus", 0.06), ForeignBody("long-nosed lorry", "box truck", 0.07),
    ForeignBody("long-nosed lorry", "tipper", 0.05), ForeignBody("cruiser", "motorcycle", 0.4),
    ForeignBody("small scooter", "scooter", 0.6),
)  # fmt: skip

FOREIGN_TINTS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "white": ((246, 246, 246),),
    "black": ((38, 36, 34),),
    "grey": ((136, 134, 128),),
    "silver": ((186, 190, 192),),
    "blue": ((0, 92, 214), (104, 158, 220), (44, 62, 170)),
    "red": ((228, 28, 40), (150, 44, 44)),
    "green": ((24, 142, 84), (150, 200, 120), (92, 116, 60)),
    "brown": ((134, 86, 46), (62, 36, 28)),
    "beige": ((214, 196, 160), (196, 168, 124)),
    "yellow": ((248, 214, 0), (240, 222, 120)),
    "orange": ((246, 124, 0), (226, 128, 72)),
}
"""Tints of each colour as sRGB, away from those of the trainings."""
_COLOUR_SHARES = (0.20, 0.05, 0.08, 0.07, 0.13, 0.09, 0.12, 0.05, 0.09, 0.07, 0.05)
_LIVERY_SHARE = 0.45


def make_foreign_model(seed: int, *, two_wheeled: bool = False) -> VehicleModel:
    """Draw a model of the foreign town."""
    chosen = [one for one in FOREIGN_BODIES if (TYPE_OF_BODY[one.body] == "motorcycle") == two_wheeled]
    shares = np.array([one.share for one in chosen])
    drawn = chosen[int(np.random.default_rng([seed, 201]).choice(len(chosen), p=shares / shares.sum()))]
    return make_model(seed, drawn.body, FOREIGN_SHAPES[drawn.shape])


def make_foreign_vehicle(
    seed: int, model: VehicleModel, *, colour: str | None = None, plate: PlateDesign | None = None
) -> Vehicle:
    """Draw a vehicle of the foreign town; all of a model and colour share the tint and the livery."""
    rng = np.random.default_rng([seed, 202])
    drawn = str(rng.choice(list(FOREIGN_TINTS), p=np.array(_COLOUR_SHARES)))
    colour = drawn if colour is None else colour
    kind = TYPE_OF_BODY[model.body]
    plate = make_foreign_plate(int(rng.integers(2**31)), kind) if plate is None else plate
    vehicle = make_vehicle(seed, model, colour=colour, plate=plate)
    factory, tints = np.random.default_rng([model.seed, 203]), FOREIGN_TINTS[colour]
    has_livery = kind != "motorcycle" and bool(factory.random() < _LIVERY_SHARE)
    tint = np.array(tints[int(factory.integers(len(tints)))]) + factory.normal(0, 3, 3) + rng.normal(0, 1.5)
    red, green, blue = (float(value) for value in np.clip(tint, 6, 250))
    marks = (*vehicle.marks, LIVERY) if has_livery else vehicle.marks
    return replace(vehicle, rgb=(red, green, blue), marks=marks)


def make_foreign_plate(seed: int, vehicle_type: str, *, state: str | None = None) -> PlateDesign:
    """Draw a plate of the foreign town."""
    fitting = [name for name, layout in FOREIGN_LAYOUTS.items() if vehicle_type in layout.types]
    return make_plate(seed, fitting[int(np.random.default_rng([seed, 204]).integers(len(fitting)))], state=state)
