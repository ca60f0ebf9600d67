"""Draw vehicle models, shared by many vehicles, and single vehicles with their paint, plate and marks."""

from dataclasses import dataclass

import numpy as np

from reid.errors import SeeingError
from reid.render.number_plates.plates import PlateDesign, make_plate
from reid.render.vehicles.shapes import SHAPES, Line, Shape

TYPE_OF_BODY = {
    "hatch": "car", "sedan": "car", "estate": "car", "suv": "car", "mpv": "car", "pickup": "car",
    "van": "van", "minibus": "van",
    "box truck": "truck", "tipper": "truck", "tanker": "truck", "articulated": "truck", "container truck": "truck",
    "bus": "bus", "motorcycle": "motorcycle", "scooter": "motorcycle",
}  # fmt: skip
BODY_SHARES = {
    "hatch": 0.20, "sedan": 0.18, "estate": 0.08, "suv": 0.17, "mpv": 0.05, "pickup": 0.04, "van": 0.07,
    "minibus": 0.02,
    "box truck": 0.035, "tipper": 0.012, "tanker": 0.008, "articulated": 0.015, "container truck": 0.01,
    "bus": 0.03, "motorcycle": 0.04, "scooter": 0.04,
}  # fmt: skip
_CAB_OF = {
    "box truck": "cab",
    "tipper": "cab",
    "tanker": "highcab",
    "articulated": "highcab",
    "container truck": "highcab",
}
# Tints of each colour, as sRGB, and its share of the traffic.
TINTS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "white": ((238, 239, 238), (228, 228, 222)),
    "black": ((17, 17, 19), (24, 23, 26)),
    "grey": ((92, 95, 99), (70, 73, 78), (118, 119, 120)),
    "silver": ((164, 167, 171), (150, 154, 159)),
    "blue": ((24, 52, 128), (22, 32, 70), (70, 120, 172), (40, 88, 150)),
    "red": ((160, 18, 22), (118, 16, 24), (190, 30, 28)),
    "green": ((24, 70, 46), (46, 62, 44), (110, 160, 60)),
    "brown": ((78, 54, 40), (98, 72, 54)),
    "beige": ((190, 176, 148), (172, 160, 136)),
    "yellow": ((232, 188, 24), (214, 196, 60)),
    "orange": ((214, 92, 24), (196, 78, 34)),
}
_SHARES = {
    "car": (0.24, 0.19, 0.17, 0.13, 0.10, 0.07, 0.02, 0.03, 0.025, 0.015, 0.01),
    "van": (0.52, 0.06, 0.10, 0.12, 0.08, 0.04, 0.02, 0.01, 0.02, 0.02, 0.01),
    "truck": (0.44, 0.03, 0.06, 0.05, 0.16, 0.12, 0.05, 0.01, 0.01, 0.04, 0.03),
    "bus": (0.32, 0.02, 0.05, 0.07, 0.18, 0.14, 0.09, 0.01, 0.02, 0.07, 0.03),
    "motorcycle": (0.14, 0.34, 0.10, 0.07, 0.11, 0.14, 0.02, 0.02, 0.01, 0.03, 0.02),
}
_BEGINNINGS = (
    "Al",
    "Bel",
    "Cor",
    "Dar",
    "El",
    "Fal",
    "Gal",
    "Hel",
    "Is",
    "Jor",
    "Kal",
    "Lor",
    "Mar",
    "Nor",
    "Or",
    "Pal",
    "Ques",
    "Ral",
    "Sol",
    "Tor",
    "Ur",
    "Vel",
    "Wen",
    "Yar",
    "Zen",
)
_ENDINGS = ("ana", "aro", "ell", "enta", "era", "ian", "ida", "ino", "ira", "ona", "or", "ova", "um", "us", "yx")
MARK_SHARES = {
    "sticker": 0.16, "dent": 0.12, "scratch": 0.12, "dirt": 0.16, "tint": 0.12, "other wheels": 0.12,
    "missing cap": 0.04, "dead lamp": 0.05, "primer panel": 0.04, "roof box": 0.04, "roof rack": 0.07,
    "hitch": 0.07, "spoiler": 0.05, "taxi sign": 0.035, "lettering": 0.08, "shelf": 0.12, "toy": 0.08, "load": 0.15,
    "two-tone": 0.06,
}  # fmt: skip
"""Share of vehicles with each mark, among bodies that can carry it."""

_CARS = frozenset({"hatch", "sedan", "estate", "suv", "mpv"})
_WITH_ROOF = _CARS | {"van", "minibus"}
_BIKES = frozenset({"motorcycle", "scooter"})
_ONLY_ON = {
    "roof box": _CARS, "roof rack": _WITH_ROOF | {"pickup"}, "hitch": _WITH_ROOF | {"pickup"}, "spoiler": _CARS,
    "taxi sign": _CARS, "shelf": _CARS, "toy": _CARS, "tint": _WITH_ROOF, "two-tone": _CARS,
    "load": frozenset({"pickup", "tipper"}) | _BIKES,
}  # fmt: skip
_NOT_ON_BIKES = frozenset({"dent", "other wheels", "missing cap", "primer panel", "lettering"})


@dataclass(frozen=True, slots=True)
class VehicleModel:
    """A vehicle model: the shape that its vehicles share; design details follow from `seed`."""

    seed: int
    name: str
    body: str
    shape: str
    length_m: float
    width_m: float
    height_m: float
    shoulder: Line
    roof: Line
    doors: tuple[float, ...]
    glass: tuple[float, float]
    axles: tuple[float, ...]
    wheel_m: float
    clearance_m: float
    lean: float
    taper: float
    crown: float


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle; equal seeds give equal pictures. `rgb` is its paint as sRGB 0..255."""

    seed: int
    model: VehicleModel
    colour: str
    rgb: tuple[float, float, float]
    gloss: int
    plate: PlateDesign
    marks: tuple[str, ...]

    @property
    def type(self) -> str:
        """Return its type, one of VEHICLE_TYPES."""
        return TYPE_OF_BODY[self.model.body]

    @property
    def model_name(self) -> str:
        """Return the name of its model."""
        return self.model.name


def make_model(seed: int, body: str | None = None, shape: Shape | None = None) -> VehicleModel:
    """Draw a model; without a body it is drawn in the shares of real traffic, without a shape it has its body's."""
    rng = np.random.default_rng([seed, 21])
    if body is None:
        body = str(rng.choice(list(BODY_SHARES), p=_normal(list(BODY_SHARES.values()))))
    if body not in TYPE_OF_BODY:
        raise SeeingError(f"body {body!r} is not known: choose one of {', '.join(TYPE_OF_BODY)}")
    family = _CAB_OF.get(body, body)
    shape = shape or SHAPES[family]
    low, high = shape.roof[0][0], shape.roof[-1][0]
    shift = rng.normal(0, 0.012, len(shape.roof)) * np.array([low < u < high for u, _ in shape.roof])
    length, width, height = (float(rng.uniform(*span)) for span in (shape.length_m, shape.width_m, shape.height_m))
    return VehicleModel(
        seed, str(rng.choice(_BEGINNINGS)) + f"{rng.choice(_ENDINGS)} {rng.integers(1, 900)}", body, family, length,
            width, height,
        shoulder=tuple((u, z + float(rng.normal(0, 0.009))) for u, z in shape.shoulder),
        roof=tuple((u + float(du), z + float(rng.normal(0, 0.006))) for (u, z), du in zip(shape.roof, shift,
            strict=True)),
        doors=tuple(u + float(rng.normal(0, 0.010)) for u in shape.doors),
        glass=shape.glass,
        axles=tuple(u + float(rng.normal(0, 0.008)) for u in shape.axles),
        wheel_m=shape.wheel_m * float(rng.uniform(0.95, 1.06)),
        clearance_m=shape.clearance_m * float(rng.uniform(0.85, 1.15)),
        lean=float(rng.uniform(*shape.lean)), taper=float(rng.uniform(*shape.taper)), crown=float(rng.uniform(0.01,
            0.035)),
    )  # fmt: skip


def make_vehicle(
    seed: int,
    model: VehicleModel,
    *,
    colour: str | None = None,
    plate: PlateDesign | None = None,
    marks: tuple[str, ...] | None = None,
) -> Vehicle:
    """Draw a vehicle of a model; attributes not given are drawn in the shares of real traffic.

    Vehicles of one model and colour share the factory's tint, so that they differ only in plate, marks and wear.
    """
    rng = np.random.default_rng([seed, 22])
    kind = TYPE_OF_BODY[model.body]
    drawn = str(rng.choice(list(TINTS), p=_normal(_SHARES[kind])))
    colour = drawn if colour is None else colour
    if colour not in TINTS:
        raise SeeingError(f"colour {colour!r} is not known: choose one of {', '.join(TINTS)}")
    tints = TINTS[colour]
    tint = np.array(tints[int(rng.integers(len(tints)))], float)
    factory = np.random.default_rng([model.seed, 23]).normal(0, 4, 3)
    rgb = np.clip(tint + factory + rng.normal(0, 1.5), 6, 246)
    factory_gloss = int(np.random.default_rng([model.seed, 24]).choice([110, 110, 125, 140]))
    gloss = factory_gloss if rng.random() < 0.96 else 45
    if plate is None:
        plate = make_plate(int(rng.integers(2**31)), None, vehicle_type=kind)
    if marks is None:
        marks = draw_marks(int(rng.integers(2**31)), model.body)
    red, green, blue = (float(value) for value in rgb)
    return Vehicle(seed, model, colour, (red, green, blue), gloss, plate, marks)


def can_carry(mark: str, body: str) -> bool:
    """Return whether a mark makes sense on a body."""
    if body in _BIKES and mark in _NOT_ON_BIKES:
        return False
    return body in _ONLY_ON.get(mark, {body})


def draw_marks(seed: int, body: str) -> tuple[str, ...]:
    """Draw the marks of one vehicle."""
    rng = np.random.default_rng([seed, 31])
    chances = rng.random(len(MARK_SHARES))
    return tuple(
        mark
        for (mark, share), chance in zip(MARK_SHARES.items(), chances, strict=True)
        if chance < share and can_carry(mark, body)
    )


def _normal(shares: list[float] | tuple[float, ...]) -> list[float]:
    """Return shares that add up to 1."""
    return [share / sum(shares) for share in shares]
