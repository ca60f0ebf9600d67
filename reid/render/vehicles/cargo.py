"""Build lorries: a lofted cab, a frame on axles, and what they carry."""

from collections.abc import Callable

import numpy as np

from reid.render.solids import box, tube
from reid.render.vehicles.assembly import Assembly
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.bodies import Model, Vehicle
from reid.render.vehicles.canvas import BRAKE, GLASS, MATT, METAL, TAIL, Paint
from reid.render.vehicles.cars import add_body, add_wheels
from reid.render.vehicles.faces import front_design
from reid.render.vehicles.freight import FRAME, add_bin, add_box, add_container
from reid.render.vehicles.loadbed import LoadBed
from reid.render.vehicles.tank import add_tank

_SIZES = {
    "box truck": ((3.6, 6.8), (0.95, 1.10), (2.0, 2.6)),
    "tipper": ((4.2, 6.0), (1.10, 1.30), (0.9, 1.5)),
    "tanker": ((6.0, 11.5), (1.15, 1.30), (1.9, 2.2)),
    "articulated": ((11.5, 13.6), (1.12, 1.25), (2.65, 2.85)),
    "container truck": ((6.1, 12.2), (1.20, 1.35), (2.59, 2.59)),
}


def build_lorry(vehicle: Vehicle) -> Assembly:
    """Return the parts of a lorry."""
    model = vehicle.model
    rng = np.random.default_rng([model.seed, 102])
    sizes = _SIZES[model.body]
    length, floor, high = (float(rng.uniform(*span)) for span in sizes)
    if model.body == "container truck":
        length = float(rng.choice(sizes[0]))
    total = length + 0.25 + model.length_m
    bed = LoadBed(-total / 2, -total / 2 + length, max(model.width_m, 2.1), floor, high)
    scale = max(42.0, 560 / total)
    rows = int(scale * (3.4 * (floor + high) + 4.2 * model.height_m + 4.5 * model.width_m)) + 700
    assembly = Assembly(vehicle, Atlas(scale, int(max(total * scale, 4.4 * model.width_m * scale, 360)) + 80, rows))
    cab_rear = total / 2 - model.length_m
    add_body(assembly, model, cab_rear, "cab ")
    _add_frame(assembly, model, bed, total)
    add_wheels(assembly, model, _axles(model, bed, cab_rear), twin=True)
    _LOADS[model.body](assembly, bed, rng)
    _add_rear(assembly, bed)
    assembly.plate(total / 2, model.clearance_m + 0.28, front=True)
    assembly.lamp_pair(total / 2, 0.77 * model.width_m / 2, front_design(model).lamp_z, front=True)
    return assembly


def _axles(model: Model, bed: LoadBed, cab_rear: float) -> list[float]:
    """Return where the axles are, the steered one first."""
    steered = cab_rear + model.axles[0] * model.length_m
    gap = 2 * model.wheel_m + 0.28
    if bed.length_m > 7.5:
        trailer = [bed.rear_m + 1.6 + i * gap for i in range(3)]
        return [steered, steered - 3.3, *([steered - 3.3 - gap] if model.seed % 2 else []), *trailer]
    rear = bed.rear_m + bed.length_m * 0.26
    return [steered, rear, *([rear + gap] if bed.length_m > 5.2 or model.body == "tipper" else [])]


def _add_frame(assembly: Assembly, model: Model, bed: LoadBed, total: float) -> None:
    """Add the frame's beams, tanks and side guards."""
    swatch = assembly.atlas.swatch
    for side in (-1, 1):
        assembly.add(box((-0.1, side * 0.42, bed.floor_m - 0.18), (total - 0.6, 0.10, 0.28), swatch(FRAME)))
    tank = swatch(Paint((150, 152, 154), 140) if model.seed % 2 else FRAME)
    assembly.add(tube((bed.front_m - 1.3, -0.85, 0.62), (bed.front_m - 0.2, -0.85, 0.62), (0.28, 0.28), tank, sides=10))
    for side in (-1, 1) if bed.length_m > 4.5 else ():
        for z in (0.55, 0.80):
            start, stop = bed.rear_m + bed.length_m * 0.42, bed.front_m - 1.2
            assembly.add(
                box(
                    ((start + stop) / 2, side * bed.width_m * 0.48, z),
                    (max(stop - start, 0.4), 0.03, 0.10),
                    swatch(METAL),
                )
            )


def _add_rear(assembly: Assembly, bed: LoadBed) -> None:
    """Add bumper bar, lamps, mudflaps and the plate."""
    swatch, x = assembly.atlas.swatch, bed.rear_m
    assembly.add(box((x + 0.12, 0, 0.58), (0.14, bed.width_m * 0.94, 0.14), swatch(FRAME)))
    for side in (-1, 1):
        dead = "dead lamp" in assembly.vehicle.marks and side == 1
        y = side * bed.width_m * 0.37
        assembly.add(
            box(
                (x + 0.10, y, bed.floor_m - 0.22),
                (0.12, 0.42, 0.16),
                swatch(Paint((110, 14, 16), GLASS, 0 if dead else TAIL)),
            )
        )
        assembly.add(
            box(
                (x + 0.08, y - side * 0.08, bed.floor_m - 0.22),
                (0.12, 0.16, 0.12),
                swatch(Paint((165, 20, 20), GLASS, 0 if dead else BRAKE)),
            )
        )
        assembly.add(box((x + 0.55, y, 0.42), (0.03, 0.5, 0.5), swatch(Paint((22, 22, 23), MATT))))
    assembly.lamp_pair(x, bed.width_m * 0.37, bed.floor_m - 0.22, front=False)
    assembly.plate(x + 0.03, 0.62, front=False)


_LOADS: dict[str, Callable[[Assembly, LoadBed, np.random.Generator], None]] = {
    "box truck": add_box,
    "articulated": add_box,
    "container truck": add_container,
    "tipper": add_bin,
    "tanker": add_tank,
}
