"""Build a vehicle's mesh and texture: cars, vans and buses with one lofted body, and lorries with cab and load."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from reid.render.solids import box, tube
from reid.render.vehicles.accessories import fit_accessories
from reid.render.vehicles.assembly import Assembly, Solid
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.bikes import build_bike
from reid.render.vehicles.bodies import TYPE_OF_BODY, Vehicle, VehicleModel
from reid.render.vehicles.canvas import BLACK, BRAKE, GLASS, MATT, METAL, TAIL, Paint
from reid.render.vehicles.faces import front_design, paint_front
from reid.render.vehicles.freight import FRAME, LoadBed, add_bin, add_box, add_container, add_tank
from reid.render.vehicles.loft import Outline, height_at, outline, skin
from reid.render.vehicles.painted_marks import paint_marks
from reid.render.vehicles.rears import lamp_places, paint_rear, rear_design
from reid.render.vehicles.sides import paint_side
from reid.render.vehicles.tops import paint_top
from reid.render.vehicles.wheels import paint_wheel, wheel

_PX_OF_LONGEST = 560
_SIZES = {
    "box truck": ((3.6, 6.8), (0.95, 1.10), (2.0, 2.6)),
    "tipper": ((4.2, 6.0), (1.10, 1.30), (0.9, 1.5)),
    "tanker": ((6.0, 11.5), (1.15, 1.30), (1.9, 2.2)),
    "articulated": ((11.5, 13.6), (1.12, 1.25), (2.65, 2.85)),
    "container truck": ((6.1, 12.2), (1.20, 1.35), (2.59, 2.59)),
}
_LOADS: dict[str, Callable[[Assembly, LoadBed, np.random.Generator], None]] = {
    "box truck": add_box,
    "articulated": add_box,
    "container truck": add_container,
    "tipper": add_bin,
    "tanker": add_tank,
}


def build_car(vehicle: Vehicle) -> Assembly:
    """Return the parts of a vehicle with one body."""
    model = vehicle.model
    scale = min(120.0, _PX_OF_LONGEST / model.length_m)
    width = int(max(model.length_m * scale, 2.2 * model.width_m * scale, 320)) + 60
    assembly = Assembly(vehicle, Atlas(scale, width, int(scale * (3.6 * model.height_m + 2.2 * model.width_m)) + 520))
    rear = -model.length_m / 2
    add_body(assembly, model, rear, "")
    add_wheels(assembly, model, [rear + u * model.length_m for u in model.axles])
    front_m, rear_m = model.length_m / 2, -model.length_m / 2
    assembly.plate(front_m, model.clearance_m + 0.24, front=True)
    assembly.plate(rear_m, rear_design(model).plate_m, front=False)
    assembly.lamp_pair(front_m - 0.1, 0.77 * model.width_m / 2, front_design(model).lamp_z, front=True)
    assembly.lamp_pair(rear_m, *lamp_places(model)[0], front=False)
    fit_accessories(assembly, model)
    return assembly


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


_BUILDERS: dict[str, Callable[[Vehicle], Assembly]] = {
    "car": build_car,
    "van": build_car,
    "bus": build_car,
    "truck": build_lorry,
    "motorcycle": build_bike,
}


@lru_cache(maxsize=96)
def build(vehicle: Vehicle) -> Solid:
    """Return the built vehicle; recent ones are cached."""
    return _BUILDERS[TYPE_OF_BODY[vehicle.model.body]](vehicle).solid()


def add_body(assembly: Assembly, model: VehicleModel, rear_m: float, part: str) -> None:
    """Add a lofted body with all its painted views, named `part` + the view."""
    vehicle, atlas, paint = assembly.vehicle, assembly.atlas, assembly.paint
    lines = outline(model, rear_m)
    half, end, top = model.width_m / 2 * 1.02, rear_m + model.length_m, model.height_m + 0.08
    glass, rear_glass = glasses(vehicle)
    dead = dead_lamp(vehicle)
    for view, right in (("left", False), ("right", True)):
        canvas = atlas.view(part + view, rear_m, 0, end, top, paint=paint)
        paint_side(canvas, model, rear_m, paint, glass, rear_glass, right=right)
    paint_top(atlas.view(part + "top", rear_m, -half, end, half, paint=paint), model, rear_m, paint, glass, rear_glass)
    paint_front(atlas.view(part + "front", -half, 0, half, top, paint=paint), model, paint, glass, dead_lamp=dead)
    paint_rear(atlas.view(part + "rear", -half, 0, half, top, paint=paint), model, paint, rear_glass, dead_lamp=dead)
    paint_marks(assembly, model, part)
    assembly.add(skin(model, lines, atlas, part))
    _add_underside(assembly, model, rear_m)
    _add_mirrors(assembly, model, rear_m)
    _cast_body(assembly, lines)


def add_wheels(assembly: Assembly, model: VehicleModel, axles_m: list[float], *, twin: bool = False) -> None:
    """Add wheels on axles; lorries' rear ones are broad."""
    vehicle, heavy = assembly.vehicle, model.shape in ("bus", "cab", "highcab", "van")
    other = vehicle.seed if "other wheels" in vehicle.marks else model.seed
    paint_wheel(assembly.atlas, "wheel", model.wheel_m, other, heavy=heavy)
    bare = "missing cap" in vehicle.marks and not heavy
    if bare:
        paint_wheel(assembly.atlas, "bare wheel", model.wheel_m, other, capless=True)
    for number, x in enumerate(axles_m):
        for side in (-1, 1):
            view = "bare wheel" if bare and number == 0 and side == (-1) ** vehicle.seed else "wheel"
            width = 0.5 if twin and number > 0 else 0.24
            y = side * (model.width_m / 2 - (0.01 if model.shape == "bus" else 0.025))
            assembly.add(wheel(assembly.atlas, view, x, y, model.wheel_m, width))


def glasses(vehicle: Vehicle) -> tuple[Paint, Paint]:
    """Return the glass of the front and of the rear windows, which may be tinted."""
    rng = np.random.default_rng([vehicle.seed, 62])
    shade = float(rng.uniform(26, 52))
    front = Paint((shade * 0.95, shade * 1.02, shade * 1.06), GLASS)
    factory = 0.55 if vehicle.model.seed % 3 == 0 else 0.85
    return front, front.darker(0.28 if "tint" in vehicle.marks else factory)


def dead_lamp(vehicle: Vehicle) -> int | None:
    """Return the side, -1 or 1, whose lamps are dead, or None."""
    return (-1) ** vehicle.seed if "dead lamp" in vehicle.marks else None


def _add_underside(assembly: Assembly, model: VehicleModel, rear_m: float) -> None:
    """Add the dark underside, also behind the wheels."""
    dark = assembly.atlas.swatch(Paint((10, 10, 11), MATT))
    middle = rear_m + model.length_m / 2
    assembly.add(box((middle, 0, model.clearance_m + 0.2), (model.length_m * 0.94, model.width_m * 0.78, 0.40), dark))


def _add_mirrors(assembly: Assembly, model: VehicleModel, rear_m: float) -> None:
    """Add door mirrors; lorries and buses have tall ones before the windscreen."""
    heavy = model.shape in ("van", "minibus", "cab", "highcab", "bus")
    u = model.roof[-1][0] - (0.07 if model.shape not in ("bus", "cab", "highcab") else 0.0)
    z = float(height_at(model.shoulder, u)) * model.height_m + (0.30 if heavy else 0.075)
    surface = BLACK if heavy or model.seed % 4 == 0 else assembly.paint
    swatch = assembly.atlas.swatch(surface)
    for side in (-1, 1):
        size = (0.10, 0.20, 0.32) if heavy else (0.11, 0.20, 0.13)
        assembly.add(
            box((rear_m + u * model.length_m, side * (model.width_m / 2 + 0.07), z), size, swatch, narrowing=0.2)
        )


def _cast_body(assembly: Assembly, lines: Outline) -> None:
    """Let the lower body and the cabin cast shadows."""
    for height, width in ((lines.shoulder, lines.half_width), (lines.roof, lines.half_width * 0.82)):
        tall = height >= lines.shoulder + 0.05 if height is lines.roof else np.ones(len(height), bool)
        if not tall.any():
            continue
        x, y, z = lines.x[tall], width[tall], height[tall]
        upper = np.concatenate([np.stack([x, sign * y, z], axis=1) for sign in (-1, 1)])
        lower = upper * np.array([1, 1, 0]) + np.array([0, 0, 0.12])
        assembly.cast(np.concatenate([upper, lower]).astype(np.float32))


def _axles(model: VehicleModel, bed: LoadBed, cab_rear: float) -> list[float]:
    """Return where the axles are, the steered one first."""
    steered = cab_rear + model.axles[0] * model.length_m
    gap = 2 * model.wheel_m + 0.28
    if bed.length_m > 7.5:
        trailer = [bed.rear_m + 1.6 + i * gap for i in range(3)]
        return [steered, steered - 3.3, *([steered - 3.3 - gap] if model.seed % 2 else []), *trailer]
    rear = bed.rear_m + bed.length_m * 0.26
    return [steered, rear, *([rear + gap] if bed.length_m > 5.2 or model.body == "tipper" else [])]


def _add_frame(assembly: Assembly, model: VehicleModel, bed: LoadBed, total: float) -> None:
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
