"""Paint the rear of a lofted body: window, lamps, boot lid, plate recess, bumper and exhaust."""

from dataclasses import dataclass

import numpy as np

from reid.render.vehicles.bodies import VehicleModel
from reid.render.vehicles.canvas import BLACK, BRAKE, GLASS, GLOSSY, MATT, METAL, SIGN, TAIL, Canvas, Paint, Point
from reid.render.vehicles.loft import height_at

_LIFT_GATES = ("hatch", "estate", "suv", "mpv", "minibus")


@dataclass(frozen=True, slots=True)
class RearDesign:
    """A model's rear. `y` are shares of half the width, `z` and heights metres."""

    lamp_inner_y: float
    lamp_low_m: float
    lamp_high_m: float
    lamp_inner_low_m: float
    lamp_inner_high_m: float
    light_bar: bool
    clear_signal: bool
    plate_m: float
    chrome: bool
    black_bumper_m: float
    exhausts: int
    wiper: bool
    badge_m: float


def rear_design(model: VehicleModel) -> RearDesign:
    """Draw the design of a model's rear."""
    rng = np.random.default_rng([model.seed, 54])
    deck = float(height_at(model.shoulder, 0.03)) * model.height_m
    tall = model.shape in ("van", "minibus", "bus") or rng.random() < 0.3
    high = deck * float(rng.uniform(0.93, 1.0)) if not tall else deck * float(rng.uniform(1.0, 1.15))
    low = high - (float(rng.uniform(0.28, 0.5)) if tall else float(rng.uniform(0.13, 0.22)))
    span = float(rng.uniform(0.35, 0.85))
    middle = (high + low) / 2 + float(rng.uniform(-0.02, 0.04))
    on_lid = model.shape in ("sedan", "hatch", "estate", "suv", "mpv") and rng.random() < 0.6
    return RearDesign(
        lamp_inner_y=float(rng.uniform(0.72, 0.80)) if tall else float(rng.uniform(0.38, 0.68)),
        lamp_low_m=low, lamp_high_m=high,
        lamp_inner_low_m=middle - (high - low) / 2 * span, lamp_inner_high_m=middle + (high - low) / 2 * span,
        light_bar=not tall and bool(rng.random() < 0.22), clear_signal=bool(rng.random() < 0.5),
        plate_m=(low + high) / 2 - 0.04 if on_lid else model.clearance_m + float(rng.uniform(0.26, 0.34)),
        chrome=bool(rng.random() < 0.4), black_bumper_m=float(rng.choice([0.10, 0.18, 0.30])),
        exhausts=int(rng.choice([0, 1, 2])), wiper=model.shape in _LIFT_GATES, badge_m=float(rng.uniform(0.03, 0.055)),
    )  # fmt: skip


def paint_rear(canvas: Canvas, model: VehicleModel, paint: Paint, glass: Paint, *, dead_lamp: int | None) -> None:
    """Paint the rear; `dead_lamp` is the side (-1 or 1) whose lamp never glows."""
    design, half = rear_design(model), model.width_m / 2
    _window(canvas, model, design, glass)
    canvas.rectangle(-half, 0, half, model.clearance_m + design.black_bumper_m, BLACK)
    _bumper_line(canvas, model, half)
    _plate_recess(canvas, design, paint)
    _lamps(canvas, model, design, half, dead_lamp)
    _small_parts(canvas, model, design, half)


def _window(canvas: Canvas, model: VehicleModel, design: RearDesign, glass: Paint) -> None:
    """Paint the rear window with head-rests behind it, the wiper and the high brake lamp."""
    half, low = model.width_m / 2, float(height_at(model.roof, model.roof[0][0])) * model.height_m + 0.02
    high = model.roof[1][1] * model.height_m - 0.05
    gap = Paint((14, 14, 15), MATT)
    if model.shape == "van":
        canvas.line([(0, model.clearance_m + 0.1), (0, high)], 0.016, gap)
        if model.seed % 3 == 0:
            for side in (-1, 1):
                canvas.rectangle(side * 0.42 * half - 0.26, low + 0.15, side * 0.42 * half + 0.26, high - 0.05, glass)
        return
    if model.shape == "bus":
        low, high = 0.50 * model.height_m, 0.84 * model.height_m
    narrow = 1 - model.lean
    wide_low, wide_high = 0.86 * half, 0.84 * narrow * half
    canvas.polygon([(-wide_low, low), (wide_low, low), (wide_high, high), (-wide_high, high)], glass)
    for y in (-0.45, 0.0, 0.45):
        canvas.ellipse(
            (y * half, low + (high - low) * 0.30), (0.11, (high - low) * 0.28), Paint((44, 44, 46), GLASS), opacity=0.65
        )
    canvas.polygon(
        [
            (-wide_low * 0.9, high - (high - low) * 0.45),
            (wide_high * 0.2, high - 0.03),
            (-wide_high * 0.85, high - 0.03),
        ],
        Paint((110, 118, 124), GLASS),
        opacity=0.22,
    )
    canvas.line([(-wide_low, low), (wide_low, low)], 0.02, BLACK)
    if design.wiper:
        canvas.line([(0.02, low + 0.01), (0.38 * half, low + 0.05)], 0.02, BLACK)
    canvas.rectangle(-0.16, high + 0.005, 0.16, high + 0.03, Paint((120, 12, 14), GLASS, BRAKE))


def _bumper_line(canvas: Canvas, model: VehicleModel, half: float) -> None:
    """Paint the gap over the bumper, its shade and its reflectors."""
    z = model.clearance_m + 0.36
    canvas.line([(-half * 0.92, z), (half * 0.92, z)], 0.012, Paint((12, 12, 13), MATT), opacity=0.8)
    canvas.shadow([(-half, z), (half, z), (half, z - 0.12), (-half, z - 0.12)], -0.10, 0.02)
    canvas.shadow([(-half, z + 0.10), (half, z + 0.10), (half, z + 0.01), (-half, z + 0.01)], 0.20, 0.03)
    for side in (-1, 1):
        canvas.rectangle(
            side * 0.80 * half - 0.07,
            model.clearance_m + 0.20,
            side * 0.80 * half + 0.07,
            model.clearance_m + 0.24,
            Paint((150, 18, 18), GLASS),
        )


def _plate_recess(canvas: Canvas, design: RearDesign, paint: Paint) -> None:
    """Darken the recess that the plate sits in, under a strip that holds its lamps."""
    z = design.plate_m
    canvas.rectangle(-0.36, z - 0.10, 0.36, z + 0.09, paint.darker(0.62))
    canvas.rectangle(-0.38, z + 0.085, 0.38, z + 0.115, METAL if design.chrome else paint.darker(0.85))


def _lamps(canvas: Canvas, model: VehicleModel, design: RearDesign, half: float, dead_lamp: int | None) -> None:
    """Paint the tail lamps with their brake and signal parts."""
    outer = 0.95
    rim = [
        (outer, design.lamp_low_m),
        (design.lamp_inner_y, design.lamp_inner_low_m),
        (design.lamp_inner_y, design.lamp_inner_high_m),
        (outer, design.lamp_high_m),
    ]
    middle_y = (outer + design.lamp_inner_y) / 2
    middle_z = (design.lamp_low_m + design.lamp_high_m) / 2
    for side in (-1, 1):
        dead = side == dead_lamp
        canvas.polygon([(side * y * half, z) for y, z in rim], Paint((132, 14, 18), GLASS, 0 if dead else TAIL))
        core = [(side * half * (middle_y + (y - middle_y) * 0.62), middle_z + (z - middle_z) * 0.55) for y, z in rim]
        canvas.polygon(core, Paint((190, 26, 26), GLASS, 0 if dead else BRAKE))
        signal = (226, 224, 218) if design.clear_signal else (206, 112, 36)
        low = design.lamp_low_m + (design.lamp_high_m - design.lamp_low_m) * 0.08
        at = side * half * middle_y
        canvas.rectangle(
            at - 0.07, low, at + 0.07, low + (design.lamp_high_m - design.lamp_low_m) * 0.2, Paint(signal, GLASS)
        )
    if design.light_bar:
        canvas.rectangle(
            -design.lamp_inner_y * half,
            middle_z - 0.025,
            design.lamp_inner_y * half,
            middle_z + 0.025,
            Paint((150, 16, 20), GLASS, TAIL),
        )


def _small_parts(canvas: Canvas, model: VehicleModel, design: RearDesign, half: float) -> None:
    """Paint badge, lettering-like chrome, exhausts, and the service flap and sign of a bus."""
    badge_z = design.lamp_high_m - 0.05
    if model.shape != "van":
        canvas.ellipse((0, badge_z), (design.badge_m * 1.3, design.badge_m), METAL)
        canvas.rectangle(-0.62 * half, badge_z - 0.13, -0.62 * half + 0.16, badge_z - 0.10, METAL)
    for side in (-1, 1)[: design.exhausts] if model.shape not in ("van", "bus", "minibus") else ():
        canvas.ellipse((side * 0.62 * half, model.clearance_m + 0.06), (0.06, 0.032), METAL)
    if model.shape == "bus":
        canvas.rectangle(
            -0.8 * half, 0.16 * model.height_m, 0.8 * half, 0.40 * model.height_m, Paint((52, 53, 55), GLOSSY)
        )
        for z in np.linspace(0.18, 0.38, 9):
            canvas.line(
                [(-0.75 * half, float(z) * model.height_m), (0.75 * half, float(z) * model.height_m)], 0.02, BLACK
            )
        canvas.rectangle(
            -0.4 * half, 0.88 * model.height_m, 0.4 * half, 0.95 * model.height_m, Paint((200, 120, 30), MATT, SIGN)
        )


def lamp_places(model: VehicleModel) -> list[Point]:
    """Return the middles of both tail lamps: y, z in metres."""
    design = rear_design(model)
    y = (0.95 + design.lamp_inner_y) / 2 * model.width_m / 2
    return [(y, (design.lamp_low_m + design.lamp_high_m) / 2), (-y, (design.lamp_low_m + design.lamp_high_m) / 2)]
