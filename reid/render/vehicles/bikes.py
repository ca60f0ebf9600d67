"""Build motorcycles and scooters with their riders and loads."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats
from reid.render.solids import box, ellipsoid, limb, tube
from reid.render.vehicles.assembly import Assembly
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.bodies import Vehicle, VehicleModel
from reid.render.vehicles.canvas import BLACK, BRAKE, CHROME, GLASS, HEAD, MATT, METAL, SATIN, Paint, Rgb
from reid.render.vehicles.wheels import paint_wheel, wheel

_PX_PER_M = 160
_CLOTHES: tuple[Rgb, ...] = (
    (28, 30, 36), (34, 34, 34), (40, 44, 60), (228, 228, 224), (70, 78, 96), (110, 112, 116), (30, 52, 104),
    (186, 168, 150), (60, 100, 150), (96, 110, 84), (140, 40, 44), (40, 84, 82), (176, 130, 136), (172, 160, 90),
)  # fmt: skip
_TROUSERS: tuple[Rgb, ...] = (
    (26, 27, 32), (34, 38, 50), (40, 52, 84), (60, 56, 52), (92, 92, 92), (150, 132, 108), (214, 210, 202),
)  # fmt: skip
_HELMETS: tuple[Rgb, ...] = (
    (236, 236, 234), (24, 24, 26), (60, 66, 76), (150, 150, 152), (150, 30, 36), (36, 58, 104), (70, 86, 64),
    (206, 160, 166), (186, 92, 44),
)  # fmt: skip
_SKIN: tuple[Rgb, ...] = ((186, 140, 112), (150, 106, 80), (212, 170, 142), (110, 76, 58))


def build_bike(vehicle: Vehicle) -> Assembly:
    """Return the parts of a motorcycle or scooter and its riders."""
    model = vehicle.model
    assembly = Assembly(vehicle, Atlas(_PX_PER_M, 420, 520))
    rear, front = ((u - 0.5) * model.length_m for u in model.axles)
    _wheels(assembly, model, rear, front)
    fork = (front - 0.22, 0.0, 0.98)
    _steering(assembly, model, front, fork)
    scooter = model.body == "scooter"
    (_scooter_body if scooter else _motorcycle_body)(assembly, model, rear, front)
    _tail(assembly, model, rear)
    rng = np.random.default_rng([vehicle.seed, 101])
    foot = (0.22, 0.14, 0.34) if scooter else (0.02, 0.17, 0.36)
    lean = float(rng.uniform(0.02, 0.18)) if scooter else float(rng.uniform(0.10, 0.42))
    hips = -0.18 if scooter else -0.12
    add_rider(assembly, Seat((hips, 0.84), (fork[0] - 0.02, 0.32, 1.02), foot, lean), rng)
    if rng.random() < 0.22:
        assembly.note("passenger")
        add_rider(assembly, Seat((hips - 0.34, 0.88), (hips - 0.10, 0.20, 0.95), (-0.32, 0.2, 0.42), 0.08), rng)
    elif "load" in vehicle.marks:
        assembly.note("load")
        add_load(assembly, rear - 0.02, 0.80, rng)
    return assembly


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a person sits: hips, and where hands and feet rest, in metres of the vehicle."""

    hips_m: tuple[float, float]
    hands_m: tuple[float, float, float]
    feet_m: tuple[float, float, float]
    lean_rad: float


def add_rider(assembly: Assembly, seat: Seat, rng: np.random.Generator) -> None:
    """Add one person."""
    swatch = assembly.atlas.swatch
    shirt = swatch(Paint(_pick(_CLOTHES, rng), MATT))
    sleeve = shirt if rng.random() < 0.7 else swatch(Paint(_pick(_SKIN, rng), MATT))
    trousers = swatch(Paint(_pick(_TROUSERS, rng), MATT))
    shoe, size = swatch(Paint((40, 36, 34), MATT)), float(rng.uniform(0.92, 1.06))
    broad = float(rng.uniform(0.17, 0.23))
    (hip_x, hip_z), tall = seat.hips_m, 0.53 * size
    neck = (hip_x + np.sin(seat.lean_rad) * tall, hip_z + np.cos(seat.lean_rad) * tall)
    middle = ((hip_x + neck[0]) / 2, 0, (hip_z + neck[1]) / 2)
    assembly.add(ellipsoid(middle, (0.145, broad + 0.02, 0.33 * size), shirt, lean_rad=seat.lean_rad), casts=True)
    assembly.add(ellipsoid((hip_x, 0, hip_z), (0.17, 0.19, 0.13), trousers))
    assembly.add(ellipsoid((neck[0] - 0.01, 0, neck[1] - 0.05), (0.10, broad + 0.03, 0.10), shirt))
    for side in (-1, 1):
        hand = (seat.hands_m[0], side * seat.hands_m[1], seat.hands_m[2])
        shoulder = (neck[0], side * (broad + 0.01), neck[1] - 0.07)
        elbow = ((shoulder[0] + hand[0]) / 2 - 0.04, side * (broad + 0.15), (shoulder[2] + hand[2]) / 2 - 0.06)
        assembly.add(limb([shoulder, elbow, hand], (0.068, 0.052, 0.040), sleeve))
        foot = (seat.feet_m[0], side * seat.feet_m[1], seat.feet_m[2])
        knee = (max(foot[0], hip_x) + 0.20, side * (seat.feet_m[1] + 0.08), (hip_z + foot[2]) / 2 + 0.14)
        assembly.add(limb([(hip_x, side * 0.10, hip_z), knee, foot], (0.10, 0.075, 0.055), trousers))
        assembly.add(box((foot[0] + 0.05, foot[1], foot[2] - 0.03), (0.26, 0.10, 0.09), shoe, narrowing=0.2))
    _add_head(assembly, neck, rng)
    if rng.random() < 0.28:
        bag = swatch(Paint(_pick(_CLOTHES, rng), SATIN))
        back = (middle[0] - 0.19, 0.0, middle[2] + 0.05)
        assembly.add(ellipsoid(back, (0.11, 0.15, 0.21), bag, lean_rad=seat.lean_rad))


def add_load(assembly: Assembly, x_m: float, z_m: float, rng: np.random.Generator) -> None:
    """Add a load behind the seat: a courier's box, a sack or a wide bale."""
    red, green, blue = (float(value) for value in rng.integers(30, 235, 3))
    swatch = assembly.atlas.swatch(Paint((red, green, blue), SATIN))
    kind = rng.random()
    if kind < 0.5:
        assembly.add(box((x_m, 0, z_m + 0.22), (0.42, 0.44, 0.44), swatch, narrowing=0.05), casts=True)
    elif kind < 0.75:
        assembly.add(ellipsoid((x_m, 0, z_m + 0.18), (0.26, 0.36, 0.22), swatch), casts=True)
    else:
        assembly.add(box((x_m, 0, z_m + 0.25), (0.5, 1.1, 0.42), swatch, narrowing=0.12), casts=True)


def _wheels(assembly: Assembly, model: VehicleModel, rear: float, front: float) -> None:
    """Add two narrow wheels, each painted on both sides."""
    paint_wheel(assembly.atlas, "wheel", model.wheel_m, model.seed, dark=model.seed % 3 > 0)
    for x in (rear, front):
        for side in (-1, 1):
            assembly.add(wheel(assembly.atlas, "wheel", x, side * 0.055, model.wheel_m, 0.055))


def _steering(assembly: Assembly, model: VehicleModel, front: float, fork: tuple[float, float, float]) -> None:
    """Add fork, handlebar, mirrors, head lamp and front mudguard."""
    swatch, x = assembly.atlas.swatch, fork[0]
    black, mirror = swatch(BLACK), swatch(Paint((50, 52, 54), GLASS))
    for side in (-1, 1):
        legs = ((front, side * 0.09, model.wheel_m), (x, side * 0.08, fork[2]))
        assembly.add(tube(*legs, (0.028, 0.028), swatch(METAL), sides=6))
        bar = [(x, 0, 1.0), (x - 0.06, side * 0.30, 1.04), (x - 0.12, side * 0.38, 1.0)]
        assembly.add(limb(bar, (0.018, 0.018, 0.02), black))
        assembly.add(tube((x - 0.04, side * 0.25, 1.04), (x - 0.02, side * 0.31, 1.15), (0.01, 0.01), black, sides=5))
        assembly.add(ellipsoid((x - 0.02, side * 0.33, 1.17), (0.02, 0.065, 0.045), mirror, rings=5))
    lamp = swatch(Paint((215, 220, 222), GLASS, HEAD))
    assembly.add(ellipsoid((x + 0.10, 0, 0.90), (0.10, 0.10, 0.10), lamp, rings=6))
    assembly.add(box((front, 0, model.wheel_m * 2 + 0.03), (0.42, 0.13, 0.05), swatch(assembly.paint), narrowing=0.3))
    assembly.lamp(x + 0.2, 0.0, 0.90, HEAD)


def _motorcycle_body(assembly: Assembly, model: VehicleModel, rear: float, front: float) -> None:
    """Add engine, tank, seat and exhaust."""
    swatch, paint = assembly.atlas.swatch, assembly.paint
    dark = swatch(Paint((36, 36, 38), SATIN))
    assembly.add(box((0.05, 0, 0.42), (0.48, 0.30, 0.36), dark, narrowing=0.2), casts=True)
    assembly.add(ellipsoid((0.20, 0, 0.82), (0.30, 0.16, 0.15), swatch(paint)), casts=True)
    assembly.add(box((-0.32, 0, 0.78), (0.72, 0.26, 0.11), swatch(Paint((24, 24, 25), MATT)), narrowing=0.15))
    assembly.add(box((-0.48, 0, 0.69), (0.52, 0.20, 0.12), swatch(paint), narrowing=0.1))
    assembly.add(tube((0.1, -0.18, 0.30), (rear - 0.12, -0.20, 0.40), (0.05, 0.065), swatch(METAL)))
    assembly.add(tube((rear, 0.0, model.wheel_m), (0.0, 0.0, 0.42), (0.05, 0.06), dark, sides=6))
    if model.seed % 2:
        assembly.add(ellipsoid((front - 0.16, 0, 0.98), (0.16, 0.17, 0.16), swatch(paint), lean_rad=-0.4))


def _scooter_body(assembly: Assembly, model: VehicleModel, rear: float, front: float) -> None:
    """Add leg shield, floor, the body under the seat and the exhaust."""
    swatch, paint = assembly.atlas.swatch, assembly.paint
    dark = swatch(Paint((36, 36, 38), SATIN))
    shield = front - 0.34
    assembly.add(box((shield, 0, 0.66), (0.16, 0.42, 0.66), swatch(paint), narrowing=0.3), casts=True)
    assembly.add(ellipsoid((shield + 0.06, 0, 0.98), (0.15, 0.19, 0.13), swatch(paint)))
    assembly.add(box((0.08, 0, 0.30), (0.56, 0.34, 0.10), dark))
    assembly.add(ellipsoid((-0.44, 0, 0.62), (0.47, 0.20, 0.20), swatch(paint)), casts=True)
    assembly.add(box((-0.40, 0, 0.44), (0.50, 0.24, 0.30), dark, narrowing=0.1))
    assembly.add(tube((rear, 0.0, model.wheel_m), (-0.1, 0.0, 0.34), (0.07, 0.09), dark, sides=6))
    assembly.add(box((-0.34, 0, 0.81), (0.74, 0.28, 0.10), swatch(Paint((26, 26, 27), MATT)), narrowing=0.12))
    assembly.add(
        tube((rear + 0.3, -0.17, 0.26), (rear - 0.16, -0.18, 0.32), (0.055, 0.065), swatch(Paint((70, 70, 72), CHROME)))
    )


def _tail(assembly: Assembly, model: VehicleModel, rear: float) -> None:
    """Add mudguard, tail lamp, signals and plate."""
    swatch: AnyFloats = assembly.atlas.swatch(BLACK)
    end = rear - 0.26
    dead = "dead lamp" in assembly.vehicle.marks
    assembly.add(box((end + 0.10, 0, 0.58), (0.30, 0.16, 0.10), swatch, narrowing=0.2))
    lamp = assembly.atlas.swatch(Paint((156, 16, 20), GLASS, 0 if dead else BRAKE))
    assembly.add(ellipsoid((end + 0.02, 0, 0.72), (0.06, 0.13, 0.06), lamp, rings=6))
    signal = assembly.atlas.swatch(Paint((210, 120, 40), GLASS))
    for side in (-1, 1):
        assembly.add(ellipsoid((end + 0.04, side * 0.17, 0.66), (0.035, 0.04, 0.03), signal, rings=5))
    assembly.add(box((end + 0.04, 0, 0.42), (0.06, 0.12, 0.22), swatch))
    assembly.plate(end - 0.02, 0.50, front=False, lean=0.35)
    if not dead:
        assembly.lamp_pair(end, 0.0, 0.70, front=False)


def _add_head(assembly: Assembly, neck: tuple[float, float], rng: np.random.Generator) -> None:
    """Add neck, face and helmet, open or full."""
    swatch = assembly.atlas.swatch
    skin = swatch(Paint(_pick(_SKIN, rng), MATT))
    helmet = swatch(Paint(_pick(_HELMETS, rng), 90))
    x, z = neck[0] + 0.04, neck[1] + 0.16
    assembly.add(tube((neck[0], 0, neck[1] - 0.05), (x, 0, z), (0.06, 0.055), skin))
    assembly.add(ellipsoid((x + 0.02, 0, z - 0.01), (0.10, 0.085, 0.12), skin))
    full = rng.random() < 0.35
    assembly.add(ellipsoid((x, 0, z + (0.02 if full else 0.055)), (0.145, 0.128, 0.145 if full else 0.105), helmet))
    if full:
        visor = swatch(Paint((26, 28, 30), 200))
        assembly.add(ellipsoid((x + 0.05, 0, z + 0.02), (0.105, 0.105, 0.055), visor))


def _pick(tones: tuple[Rgb, ...], rng: np.random.Generator) -> Rgb:
    """Draw a colour; those listed first are the most common."""
    return tones[int(len(tones) * rng.random() ** 1.5)]
