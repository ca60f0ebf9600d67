"""Make wheels: a tyre, and a rim whose spokes are painted."""

import numpy as np

from reid.render.mesh import Mesh, join, of_quads, of_triangles
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.canvas import BLACK, CHROME, MATT, RUBBER, SATIN, Canvas, Paint

_SIDES = 18
_RIMS = ((178, 181, 184), (192, 194, 196), (122, 124, 127), (44, 44, 46), (150, 152, 154))


def paint_wheel(
    atlas: Atlas,
    name: str,
    radius_m: float,
    seed: int,
    *,
    heavy: bool = False,
    capless: bool = False,
    dark: bool = False,
) -> None:
    """Paint a wheel as a view of the atlas; heavy ones are steel discs, those without cap bare black steel."""
    rng = np.random.default_rng([seed, 61])
    canvas = atlas.view(name, -radius_m, -radius_m, radius_m, radius_m, paint=RUBBER, px_per_m=max(atlas.px_per_m, 60))
    spokes = int(rng.choice([5, 5, 6, 7, 9, 10]))
    rim = _RIMS[int(rng.integers(len(_RIMS)))] if not dark else (54, 54, 56)
    metal = Paint(rim, 80)
    share = float(rng.uniform(0.66, 0.76))
    canvas.ellipse((0, 0), (radius_m * share, radius_m * share), Paint((30, 30, 31), MATT))
    if capless or heavy:
        _steel(canvas, radius_m, Paint((40, 40, 42), SATIN) if capless else Paint((168, 168, 166), SATIN))
        return
    _spokes(canvas, radius_m, spokes, float(rng.uniform(0.10, 0.30)), metal, split=bool(rng.random() < 0.4))
    canvas.ellipse((0, 0), (radius_m * share, radius_m * share), metal, width_m=radius_m * 0.07)
    canvas.ellipse((0, 0), (radius_m * 0.17, radius_m * 0.17), metal)
    canvas.ellipse((0, 0), (radius_m * 0.09, radius_m * 0.09), Paint((60, 60, 62), CHROME))


def wheel(atlas: Atlas, name: str, x_m: float, y_m: float, radius_m: float, width_m: float) -> Mesh:
    """Return a wheel whose outer face lies at `y_m`; it reaches inwards."""
    side = 1.0 if y_m >= 0 else -1.0
    turn = np.linspace(0, 2 * np.pi, _SIDES + 1)
    ring = np.stack(
        [x_m + radius_m * np.cos(turn), np.full_like(turn, y_m), radius_m + radius_m * np.sin(turn)], axis=1
    )
    inner = ring - np.array([0, side * width_m, 0])
    hub = np.array([x_m, y_m - side * 0.03, radius_m])
    face = np.stack([np.repeat(hub[None], _SIDES, axis=0), ring[:-1], ring[1:]], axis=1)
    outward = np.broadcast_to([0.0, side, 0.0], face.shape)
    flat = face[..., [0, 2]] - np.array([x_m, radius_m])
    tread = np.stack([ring[:-1], ring[1:], inner[1:], inner[:-1]], axis=1)
    tread_normals = tread - np.array([x_m, 0, radius_m])
    tread_normals[..., 1] = 0
    rubber = np.broadcast_to(atlas.swatch(RUBBER), (*tread.shape[:2], 2))
    return join([of_triangles(face, outward, atlas.uv(name, flat)), of_quads(tread, tread_normals / radius_m, rubber)])


def _steel(canvas: Canvas, radius_m: float, metal: Paint) -> None:
    """Paint a pressed disc with holes."""
    canvas.ellipse((0, 0), (radius_m * 0.66, radius_m * 0.66), metal)
    canvas.ellipse((0, 0), (radius_m * 0.40, radius_m * 0.40), metal.darker(0.55))
    canvas.ellipse((0, 0), (radius_m * 0.24, radius_m * 0.24), metal.darker(0.85))
    for angle in np.linspace(0, 2 * np.pi, 9)[:-1]:
        at = (radius_m * 0.53 * float(np.cos(angle)), radius_m * 0.53 * float(np.sin(angle)))
        canvas.ellipse(at, (radius_m * 0.06, radius_m * 0.06), BLACK)


def _spokes(canvas: Canvas, radius_m: float, count: int, width: float, metal: Paint, *, split: bool) -> None:
    """Paint spokes, each perhaps as a pair."""
    for angle in np.linspace(0, 2 * np.pi, count + 1)[:-1]:
        for shift in (-0.11, 0.11) if split else (0.0,):
            tip = (radius_m * 0.68 * float(np.cos(angle + shift)), radius_m * 0.68 * float(np.sin(angle + shift)))
            canvas.line([(0.0, 0.0), tip], radius_m * width * (0.5 if split else 1.0), metal)
