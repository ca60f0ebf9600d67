"""Build accessories that distinguish a vehicle from its twins: racks, boxes, signs, spoilers, hitches and loads."""

from collections.abc import Callable

import numpy as np

from reid.render.solids import box, tube
from reid.render.vehicles.assembly import Assembly
from reid.render.vehicles.bodies import VehicleModel
from reid.render.vehicles.canvas import BLACK, CHROME, GLASS, MATT, METAL, SATIN, SIGN, Paint

_RAILED = ("estate", "suv", "mpv")


def fit_accessories(assembly: Assembly, model: VehicleModel) -> None:
    """Add the accessories among the vehicle's marks, and the rails of the model."""
    rng = np.random.default_rng([assembly.vehicle.seed, 72])
    for mark, fit in _FITTERS.items():
        if mark in assembly.vehicle.marks:
            fit(assembly, model, rng)
    if model.shape in _RAILED and model.seed % 2 == 0:
        _rails(assembly, model)


def _on_roof(model: VehicleModel) -> tuple[float, float]:
    """Return the middle of the roof: x and z."""
    middle = (model.roof[1][0] + model.roof[-2][0]) / 2
    return (middle - 0.5) * model.length_m, model.height_m + 0.02


def _rack(assembly: Assembly, model: VehicleModel, rng: np.random.Generator) -> None:
    """Add roof bars, perhaps with a ladder."""
    (x, z), swatch = _on_roof(model), assembly.atlas.swatch
    for shift in (-0.45, 0.45):
        bar = ((x + shift, 0, z + 0.07), (0.05, model.width_m * 0.72, 0.05))
        assembly.add(box(*bar, swatch(Paint((40, 40, 42), SATIN))))
    has_ladder = rng.random() < 0.4
    if has_ladder:
        assembly.note("ladder")
    for side in (0.12, 0.5) if has_ladder else ():
        ends = ((x - 1.2, side, z + 0.13), (x + 1.1, side, z + 0.13))
        assembly.add(tube(*ends, (0.03, 0.03), swatch(METAL)), casts=True)


def _roof_box(assembly: Assembly, model: VehicleModel, rng: np.random.Generator) -> None:
    """Add a luggage box on the roof."""
    x, z = _on_roof(model)
    shade = int(rng.choice([24, 60, 190]))
    size = (float(rng.uniform(1.3, 1.9)), 0.72, float(rng.uniform(0.28, 0.4)))
    place = (x, float(rng.uniform(-0.2, 0.2)), z + 0.05 + size[2] / 2)
    assembly.add(box(place, size, assembly.atlas.swatch(Paint((shade, shade, shade), 80)), narrowing=0.2), casts=True)


def _taxi_sign(assembly: Assembly, model: VehicleModel, rng: np.random.Generator) -> None:
    """Add a lit sign across the roof."""
    x, z = _on_roof(model)
    yellow = assembly.atlas.swatch(Paint((244, 196, 40), GLASS, SIGN))
    assembly.add(box((x + 0.2, 0, z + 0.09), (0.20, 0.46, 0.15), yellow, narrowing=0.25))


def _spoiler(assembly: Assembly, model: VehicleModel, rng: np.random.Generator) -> None:
    """Add a spoiler over the rear window, or on a saloon's boot."""
    u, share = (0.06, model.shoulder[1][1]) if model.shape == "sedan" else model.roof[1]
    place = ((u - 0.5) * model.length_m - 0.06, 0, model.height_m * share + 0.06)
    colour = assembly.paint if rng.random() < 0.5 else BLACK
    assembly.add(box(place, (0.26, model.width_m * 0.68, 0.045), assembly.atlas.swatch(colour)))


def _hitch(assembly: Assembly, model: VehicleModel, rng: np.random.Generator) -> None:
    """Add a tow hitch under the rear bumper."""
    rear = -model.length_m / 2
    assembly.add(tube((rear - 0.16, 0, 0.36), (rear + 0.1, 0, 0.32), (0.035, 0.035), assembly.atlas.swatch(METAL)))


def _load(assembly: Assembly, model: VehicleModel, rng: np.random.Generator) -> None:
    """Add a load on a pickup's bed."""
    if model.shape != "pickup":
        return
    assembly.note("load")
    red, green, blue = (float(value) for value in rng.integers(40, 200, 3))
    high = float(rng.uniform(0.4, 0.9))
    place = (0.95 - model.length_m / 2, 0, 1.05 + high / 2)
    assembly.add(box(place, (1.1, 1.2, high), assembly.atlas.swatch(Paint((red, green, blue), MATT))), casts=True)


def _rails(assembly: Assembly, model: VehicleModel) -> None:
    """Add the rails along a roof's edges."""
    surface = Paint((170, 172, 174), CHROME) if model.seed % 4 == 0 else Paint((28, 28, 29), SATIN)
    rear, front = ((u - 0.5) * model.length_m for u in (model.roof[1][0] + 0.03, model.roof[-2][0] - 0.02))
    for side in (-1, 1):
        y, z = side * model.width_m / 2 * (1 - model.lean) * 0.86, model.height_m + 0.01
        assembly.add(tube((rear, y, z), (front, y, z), (0.028, 0.028), assembly.atlas.swatch(surface), sides=6))


_FITTERS: dict[str, Callable[[Assembly, VehicleModel, np.random.Generator], None]] = {
    "roof rack": _rack,
    "roof box": _roof_box,
    "taxi sign": _taxi_sign,
    "spoiler": _spoiler,
    "hitch": _hitch,
    "load": _load,
}
