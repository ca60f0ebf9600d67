"""Build motorcycles and scooters with the people who ride them."""

import numpy as np

from reid.render.mesh import Floats
from reid.render.solids import box, ellipsoid, limb, tube
from reid.render.vehicles.assembly import Assembly
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.bodies import Model, Vehicle
from reid.render.vehicles.canvas import BLACK, BRAKE, CHROME, GLASS, HEAD, MATT, METAL, SATIN, Paint
from reid.render.vehicles.riders import Seat, add_load, add_rider
from reid.render.vehicles.wheels import paint_wheel, wheel

_PX_PER_M = 160


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
        add_rider(assembly, Seat((hips - 0.34, 0.88), (hips - 0.10, 0.20, 0.95), (-0.32, 0.2, 0.42), 0.08), rng)
    elif "load" in vehicle.marks:
        add_load(assembly, rear - 0.02, 0.80, rng)
    return assembly


def _wheels(assembly: Assembly, model: Model, rear: float, front: float) -> None:
    """Add two narrow wheels, each painted on both sides."""
    paint_wheel(assembly.atlas, "wheel", model.wheel_m, model.seed, dark=model.seed % 3 > 0)
    for x in (rear, front):
        for side in (-1, 1):
            assembly.add(wheel(assembly.atlas, "wheel", x, side * 0.055, model.wheel_m, 0.055))


def _steering(assembly: Assembly, model: Model, front: float, fork: tuple[float, float, float]) -> None:
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


def _motorcycle_body(assembly: Assembly, model: Model, rear: float, front: float) -> None:
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


def _scooter_body(assembly: Assembly, model: Model, rear: float, front: float) -> None:
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


def _tail(assembly: Assembly, model: Model, rear: float) -> None:
    """Add mudguard, tail lamp, signals and plate."""
    swatch: Floats = assembly.atlas.swatch(BLACK)
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
