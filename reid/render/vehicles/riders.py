"""Sit people on motorcycles: drivers, passengers, their clothes, helmets and bags, and what they carry."""

from dataclasses import dataclass

import numpy as np

from reid.render.solids import box, ellipsoid, limb, tube
from reid.render.vehicles.assembly import Assembly
from reid.render.vehicles.canvas import MATT, SATIN, Paint, Rgb

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
    """Add what is tied behind the seat: a courier's box, a sack or a wide bale."""
    red, green, blue = (float(value) for value in rng.integers(30, 235, 3))
    swatch = assembly.atlas.swatch(Paint((red, green, blue), SATIN))
    kind = rng.random()
    if kind < 0.5:
        assembly.add(box((x_m, 0, z_m + 0.22), (0.42, 0.44, 0.44), swatch, narrowing=0.05), casts=True)
    elif kind < 0.75:
        assembly.add(ellipsoid((x_m, 0, z_m + 0.18), (0.26, 0.36, 0.22), swatch), casts=True)
    else:
        assembly.add(box((x_m, 0, z_m + 0.25), (0.5, 1.1, 0.42), swatch, narrowing=0.12), casts=True)


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
