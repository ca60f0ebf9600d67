"""Paint marks that distinguish a body from its twins: stickers, dents, scratches, lettering, dirt, goods."""

import numpy as np

from reid.render.number_plates.glyphs import draw_typeface
from reid.render.vehicles.assembly import Assembly
from reid.render.vehicles.bodies import Vehicle, VehicleModel
from reid.render.vehicles.canvas import GLASS, GLOSSY, MATT, SATIN, Canvas, Paint, Point

LIVERY = "livery"
"""A mark that all vehicles of a model carry, in a town that has liveries."""
_LETTERS = "ABCDEFGHIKLMNOPRSTUVZ"
_LIVERY_TONES = ((18, 18, 20), (240, 240, 236), (20, 120, 60), (200, 30, 36), (26, 60, 160), (240, 190, 20))
_CHECK_M = 0.11


def paint_marks(assembly: Assembly, model: VehicleModel, part: str) -> None:
    """Paint stickers, dents, scratches, dirt, primer and lettering on the views of a body."""
    vehicle, atlas = assembly.vehicle, assembly.atlas
    rng = np.random.default_rng([vehicle.seed, 71])
    views = [part + view for view in ("left", "right", "rear")]
    painters = {
        "sticker": _sticker,
        "dent": _dent,
        "scratch": _scratch,
        "primer panel": _primer,
        "lettering": _lettering,
    }
    for mark, paint_mark in painters.items():
        for _ in range(int(rng.integers(1, 4)) if mark in vehicle.marks else 0):
            view = views[int(rng.integers(len(views)))]
            paint_mark(atlas[view], _spot(model, view, rng), vehicle, rng, view.endswith("left"))
    if LIVERY in vehicle.marks:
        for view in views:
            _livery(atlas[view], model)
    _goods_behind_rear_window(atlas[part + "rear"], model, vehicle, rng)
    dirt = float(rng.uniform(0.4, 0.8)) if "dirt" in vehicle.marks else max(0.0, float(rng.normal(0.08, 0.06)))
    for view in ("left", "right", "front", "rear"):
        _dirt(atlas[part + view], model, dirt)


def _spot(model: VehicleModel, view: str, rng: np.random.Generator) -> Point:
    """Return a place on a view below the windows."""
    z = model.clearance_m + 0.15 + float(rng.uniform(0, 0.4)) * model.height_m
    if view.endswith("rear"):
        return float(rng.uniform(-0.35, 0.35)) * model.width_m, z
    return float(rng.uniform(-0.38, 0.36)) * model.length_m, z


def _sticker(canvas: Canvas, at: Point, vehicle: Vehicle, rng: np.random.Generator, mirrored: bool) -> None:
    """Paint a sticker."""
    red, green, blue = (float(value) for value in rng.integers(0, 256, 3))
    wide, high = float(rng.uniform(0.05, 0.16)), float(rng.uniform(0.04, 0.12))
    if rng.random() < 0.4:
        canvas.ellipse(at, (wide, high), Paint((red, green, blue), SATIN))
    else:
        canvas.rectangle(at[0] - wide, at[1] - high, at[0] + wide, at[1] + high, Paint((red, green, blue), SATIN))
        canvas.rectangle(
            at[0] - wide * 0.7,
            at[1] - high * 0.3,
            at[0] + wide * 0.7,
            at[1] + high * 0.3,
            Paint((blue, red, green), SATIN),
        )


def _dent(canvas: Canvas, at: Point, vehicle: Vehicle, rng: np.random.Generator, mirrored: bool) -> None:
    """Paint a dent: dark above, light below."""
    wide, high = float(rng.uniform(0.10, 0.25)), float(rng.uniform(0.05, 0.12))
    canvas.shadow([(at[0] - wide, at[1]), (at[0] + wide, at[1]), (at[0], at[1] + high)], 0.55, 0.03)
    canvas.shadow([(at[0] - wide, at[1]), (at[0] + wide, at[1]), (at[0], at[1] - high)], -0.30, 0.03)


def _scratch(canvas: Canvas, at: Point, vehicle: Vehicle, rng: np.random.Generator, mirrored: bool) -> None:
    """Draw a scratch down to primer or metal."""
    end = (at[0] + float(rng.uniform(-0.6, 0.6)), at[1] + float(rng.uniform(-0.1, 0.1)))
    tone = 190.0 if sum(vehicle.rgb) < 420 else 70.0
    canvas.line([at, end], 0.018, Paint((tone, tone, tone), MATT))


def _primer(canvas: Canvas, at: Point, vehicle: Vehicle, rng: np.random.Generator, mirrored: bool) -> None:
    """Paint a replaced panel in primer."""
    wide = float(rng.uniform(0.3, 0.8))
    tone = float(rng.uniform(50, 130))
    canvas.rectangle(
        at[0], at[1] - 0.15, at[0] + wide, at[1] + 0.22, Paint((tone, tone, tone * 0.96), SATIN), opacity=0.8
    )


def _lettering(canvas: Canvas, at: Point, vehicle: Vehicle, rng: np.random.Generator, mirrored: bool) -> None:
    """Write a firm's name."""
    words = "".join(rng.choice(list(_LETTERS), int(rng.integers(3, 9))))
    red, green, blue = (float(value) for value in rng.integers(0, 256, 3))
    canvas.text(
        words,
        at,
        float(rng.uniform(0.10, 0.26)),
        Paint((red, green, blue), SATIN),
        typeface=draw_typeface(rng),
        mirrored=mirrored,
    )


def _livery(canvas: Canvas, model: VehicleModel) -> None:
    """Paint the band, the checks or the two stripes of a model's livery along a view, below the windows."""
    rng = np.random.default_rng([model.seed, 75])
    tone, kind = Paint(_LIVERY_TONES[int(rng.integers(len(_LIVERY_TONES)))], SATIN), int(rng.integers(3))
    top = min(height for _, height in model.shoulder[1:-2]) * model.height_m - 0.07
    low, half = top - 0.24, max(model.length_m, model.width_m) / 2
    if kind == 0:
        canvas.rectangle(-half, low + 0.04, half, top, tone)
    elif kind == 1:
        canvas.rectangle(-half, top - 0.04, half, top, tone)
        canvas.rectangle(-half, low, half, low + 0.07, tone)
    else:
        for number in range(int(2 * half / _CHECK_M) + 1):
            left, bottom = number * _CHECK_M - half, top - _CHECK_M * (1 + number % 2)
            canvas.rectangle(left, bottom, left + _CHECK_M, bottom + _CHECK_M, tone)


def _goods_behind_rear_window(canvas: Canvas, model: VehicleModel, vehicle: Vehicle, rng: np.random.Generator) -> None:
    """Paint goods behind the rear window, or a toy that hangs in it."""
    low = model.roof[0][1] * model.height_m
    if "shelf" in vehicle.marks:
        for _ in range(int(rng.integers(1, 4))):
            x, wide = float(rng.uniform(-0.5, 0.4)), float(rng.uniform(0.12, 0.35))
            tone = [float(value) for value in rng.integers(50, 190, 3)]
            canvas.rectangle(
                x,
                low + 0.03,
                x + wide,
                low + 0.03 + float(rng.uniform(0.06, 0.16)),
                Paint((tone[0], tone[1], tone[2]), GLASS),
            )
    if "toy" in vehicle.marks:
        red, green, blue = (float(value) for value in rng.integers(60, 255, 3))
        spot = (float(rng.choice([-0.42, 0.42])), low + 0.10)
        canvas.ellipse(spot, (0.07, 0.07), Paint((red, green, blue), GLOSSY))


def _dirt(canvas: Canvas, model: VehicleModel, amount: float) -> None:
    """Cover the lower body with dust that thins upwards."""
    rows = (np.arange(canvas.rgb.shape[0]) - canvas.margin_px) / canvas.px_per_m
    height = canvas.top_m - rows
    share = (amount * np.clip(1 - (height - model.clearance_m) / (0.55 * model.height_m), 0, 1) ** 1.6)[:, None]
    mud = np.array((118, 108, 92), np.float32)
    canvas.rgb[:] = (canvas.rgb * (1 - share[..., None]) + mud * share[..., None]).astype(np.uint8)
    canvas.gloss[:] = (canvas.gloss * (1 - 0.7 * share)).astype(np.uint8)
