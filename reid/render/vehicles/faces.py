"""Paint the front of a lofted body: windscreen, lamps, grille, bumper and badge."""

from dataclasses import dataclass

import numpy as np

from reid.render.vehicles.bodies import VehicleModel
from reid.render.vehicles.canvas import BLACK, GLASS, HEAD, MATT, METAL, SIGN, Canvas, Paint, Point
from reid.render.vehicles.loft import height_at


@dataclass(frozen=True, slots=True)
class FrontDesign:
    """A model's front. `y` are shares of half the width, `z` and heights metres."""

    lamp_inner_y: float
    lamp_z: float
    lamp_inner_height_m: float
    lamp_outer_height_m: float
    lamp_tilt_m: float
    grille_y: float
    grille_low_m: float
    grille_high_m: float
    grille_taper: float
    bars: int
    chrome: bool
    mouth_y: float
    mouth_height_m: float
    fog_lamps: bool
    badge_m: float
    black_bumper: bool


def front_design(model: VehicleModel) -> FrontDesign:
    """Draw the design of a model's front."""
    rng = np.random.default_rng([model.seed, 53])
    nose = float(height_at(model.shoulder, 1.0)) * model.height_m
    return FrontDesign(
        lamp_inner_y=float(rng.uniform(0.45, 0.70)),
        lamp_z=nose * float(rng.uniform(0.86, 0.98)),
        lamp_inner_height_m=float(rng.uniform(0.05, 0.15)),
        lamp_outer_height_m=float(rng.uniform(0.10, 0.20)),
        lamp_tilt_m=float(rng.uniform(0.0, 0.07)),
        grille_y=float(rng.uniform(0.25, 0.52)),
        grille_low_m=nose * float(rng.uniform(0.55, 0.82)),
        grille_high_m=nose * float(rng.uniform(0.98, 1.08)),
        grille_taper=float(rng.uniform(0.7, 1.15)),
        bars=int(rng.integers(0, 6)),
        chrome=bool(rng.random() < 0.5),
        mouth_y=float(rng.uniform(0.4, 0.75)),
        mouth_height_m=float(rng.uniform(0.08, 0.20)),
        fog_lamps=bool(rng.random() < 0.5),
        badge_m=float(rng.uniform(0.035, 0.065)),
        black_bumper=model.shape in ("cab", "van", "highcab") and bool(rng.random() < 0.6),
    )


def paint_front(canvas: Canvas, model: VehicleModel, paint: Paint, glass: Paint, *, dead_lamp: int | None) -> None:
    """Paint the front; `dead_lamp` is the side (-1 or 1) whose lamp never glows."""
    design, half = front_design(model), model.width_m / 2

    def both(points: list[Point], surface: Paint) -> None:
        for side in (-1, 1):
            surface_here = Paint(surface.rgb, surface.gloss) if side == dead_lamp else surface
            canvas.polygon([(side * y * half, z) for y, z in points], surface_here)

    _windscreen(canvas, model, glass)
    floor = model.clearance_m
    canvas.rectangle(-half, 0, half, floor + (0.30 if design.black_bumper else 0.13), BLACK)
    if model.shape in ("bus", "cab", "highcab"):
        _lorry_face(canvas, model, design, paint)
    else:
        _grille(canvas, design, half)
        mouth = floor + 0.15
        canvas.polygon(
            [
                (-design.mouth_y * half, mouth),
                (design.mouth_y * half, mouth),
                (design.mouth_y * half * 0.85, mouth + design.mouth_height_m),
                (-design.mouth_y * half * 0.85, mouth + design.mouth_height_m),
            ],
            BLACK,
        )
        both([(0.88, mouth), (0.70, mouth), (0.72, mouth + 0.10), (0.88, mouth + 0.13)], BLACK)
        if design.fog_lamps:
            both(
                [(0.83, mouth + 0.03), (0.75, mouth + 0.03), (0.75, mouth + 0.08), (0.83, mouth + 0.08)],
                Paint((200, 205, 205), GLASS),
            )
    lamp = _lamp_outline(model, design)
    both([(y, z) for y, z in lamp], Paint((52, 55, 58), GLASS))
    inner = [((y - 0.77) * 0.86 + 0.77, z + (design.lamp_z - z) * 0.2) for y, z in lamp]
    both(inner, Paint((206, 212, 217), GLASS, HEAD))
    for side in (-1, 1):
        centre = (side * half * float(np.mean([y for y, _ in inner])), float(np.mean([z for _, z in inner])))
        canvas.ellipse(centre, (0.045, 0.045), Paint((130, 136, 142), GLASS, 0 if side == dead_lamp else HEAD))


def _windscreen(canvas: Canvas, model: VehicleModel, glass: Paint) -> None:
    """Paint the part of the windscreen that faces forwards, with wheel and seats behind it."""
    half, low = model.width_m / 2, float(height_at(model.shoulder, model.roof[-1][0])) * model.height_m
    high = model.roof[-2][1] * model.height_m
    narrow = 1 - model.lean
    canvas.polygon(
        [(-0.90 * half, low), (0.90 * half, low), (0.86 * narrow * half, high), (-0.86 * narrow * half, high)], glass
    )
    for y in (-0.42, 0.42):
        canvas.ellipse((y * half, low + (high - low) * 0.5), (0.12, 0.15), Paint((52, 52, 54), GLASS), opacity=0.7)
    if model.shape == "bus":
        canvas.rectangle(
            -0.6 * half, 0.885 * model.height_m, 0.6 * half, 0.955 * model.height_m, Paint((26, 22, 14), MATT)
        )
        canvas.rectangle(
            -0.45 * half, 0.90 * model.height_m, 0.45 * half, 0.94 * model.height_m, Paint((210, 130, 30), MATT, SIGN)
        )


def _grille(canvas: Canvas, design: FrontDesign, half: float) -> None:
    """Paint the grille, its bars and the badge."""
    wide, low, high = design.grille_y * half, design.grille_low_m, design.grille_high_m
    rim = [(-wide * design.grille_taper, low), (wide * design.grille_taper, low), (wide, high), (-wide, high)]
    canvas.polygon(rim, BLACK)
    bright = METAL if design.chrome else Paint((70, 71, 73), 60)
    for z in np.linspace(low, high, design.bars + 2)[1:-1]:
        canvas.line([(-wide * 0.95, float(z)), (wide * 0.95, float(z))], 0.014, bright)
    if design.chrome:
        canvas.line([*rim, rim[0]], 0.018, METAL)
    canvas.ellipse((0, high - 0.05), (design.badge_m * 1.3, design.badge_m), METAL)


def _lorry_face(canvas: Canvas, model: VehicleModel, design: FrontDesign, paint: Paint) -> None:
    """Paint the wide grille and bumper of a lorry or bus."""
    half, top = model.width_m / 2, 0.43 * model.height_m
    if model.shape != "bus":
        wide = 0.55 + design.grille_y * 0.5
        for z in np.linspace(top * 0.62, top * 0.98, 4 + design.bars // 2):
            canvas.line([(-wide * half, float(z)), (wide * half, float(z))], 0.055, BLACK)
        canvas.ellipse((0, top * 1.0), (0.10, 0.07), METAL)
    canvas.rectangle(
        -half, model.clearance_m, half, model.clearance_m + 0.30, paint.darker(0.75) if design.chrome else BLACK
    )


def _lamp_outline(model: VehicleModel, design: FrontDesign) -> list[Point]:
    """Return a head lamp's corners: share of half the width, metres."""
    if model.shape in ("bus", "cab", "highcab"):
        low = model.clearance_m + 0.12
        return [(0.92, low), (0.62, low), (0.62, low + 0.17), (0.92, low + 0.17 + design.lamp_tilt_m)]
    z, tilt = design.lamp_z, design.lamp_tilt_m
    return [
        (0.95, z - design.lamp_outer_height_m / 2 + tilt), (design.lamp_inner_y, z - design.lamp_inner_height_m / 2),
        (design.lamp_inner_y + 0.03, z + design.lamp_inner_height_m / 2), (0.93,
        z + design.lamp_outer_height_m / 2 + tilt),
    ]  # fmt: skip
