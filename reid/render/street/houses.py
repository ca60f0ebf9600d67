"""Build the houses along a street: boxes with painted fronts of windows, doors and shops."""

from collections.abc import Sequence

import numpy as np

from reid.render.light.lens import Lens
from reid.render.mesh import Mesh, of_quads
from reid.render.number_plates.layouts import Rgb
from reid.render.solids import box_quads
from reid.render.street.roadside import StreetObject, as_solid, stands_between
from reid.render.street.street import Street
from reid.render.vehicles.assembly import Solid
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.canvas import GLASS, MATT, SATIN, WINDOW, Canvas, Paint

WALLS: tuple[Rgb, ...] = (
    (150, 112, 92),
    (184, 172, 152),
    (128, 126, 124),
    (204, 196, 178),
    (112, 92, 80),
    (164, 140, 118),
    (190, 190, 186),
)
_PX_PER_M = 20


def houses(seed: int, street: Street, lens: Lens, walls: Sequence[Rgb] = WALLS) -> list[StreetObject]:
    """Draw houses along both sides, with gaps; none between the camera and the traffic."""
    rng = np.random.default_rng([seed, 87])
    set_back = street.half_width_m + float(rng.uniform(7, 12))
    stands = []
    for side in (-1, 1):
        x = float(rng.uniform(-30, -14))
        while x < 95:
            length, depth, height = (
                float(rng.uniform(9, 18)),
                float(rng.uniform(7, 11)),
                float(rng.choice([4.5, 6.5, 9.5, 12.5])),
            )
            if rng.random() < 0.75:
                y = side * (set_back + depth / 2 + float(rng.uniform(0, 2)))
                house = StreetObject(
                    _house(rng, walls, length, depth, height), x + length / 2, y, 0.0 if side < 0 else np.pi
                )
                if not stands_between(lens, street, house.x_m, house.y_m):
                    stands.append(house)
            x += length + float(rng.choice([0.3, 2.0, 6.0]))
    return stands


def _house(rng: np.random.Generator, walls: Sequence[Rgb], length: float, depth: float, height: float) -> Solid:
    """Return a house whose front faces +y."""
    atlas = Atlas(_PX_PER_M, int((length + depth) * _PX_PER_M) + 30, int(height * _PX_PER_M) + 40)
    wall = Paint(walls[int(rng.integers(len(walls)))], MATT)
    front = atlas.view("front", -length / 2, 0, length / 2, height, paint=wall)
    _storeys(front, length, height, wall, rng, shop=bool(rng.random() < 0.4))
    _storeys(atlas.view("end", -depth / 2, 0, depth / 2, height, paint=wall), depth, height, wall, rng, shop=False)
    roof = atlas.swatch(Paint((96, 92, 90), MATT))
    corners, normals = box_quads((0, 0, height / 2), (length, depth, height))
    faces: list[Mesh] = []
    for corner, normal in zip(corners, normals, strict=True):
        if abs(normal[0, 2]) > 0.5:
            uv = np.broadcast_to(roof, (4, 2))
        elif abs(normal[0, 1]) > 0.5:
            uv = atlas.uv("front", corner[:, [0, 2]])
        else:
            uv = atlas.uv("end", corner[:, [1, 2]])
        faces.append(of_quads(corner[None], normal[None], uv[None]))
    hull = corners.reshape(-1, 3).astype(np.float32)
    return as_solid(faces, atlas, hulls=(hull,))


def _storeys(
    canvas: Canvas, length: float, height: float, wall: Paint, rng: np.random.Generator, *, shop: bool
) -> None:
    """Paint rows of windows, and a shop on the ground floor if there is one."""
    storey, spacing = 3.0, float(rng.uniform(2.0, 3.2))
    wide, tall = spacing * float(rng.uniform(0.4, 0.65)), float(rng.uniform(1.2, 1.7))
    frame = Paint((220, 218, 212) if rng.random() < 0.6 else (60, 56, 52), SATIN)
    canvas.rectangle(-length / 2, 0, length / 2, 0.5, wall.darker(0.75))
    canvas.rectangle(-length / 2, height - 0.35, length / 2, height, wall.darker(0.8))
    for level in range(1 if shop else 0, max(1, int(height // storey))):
        for x in np.arange(-length / 2 + spacing / 2, length / 2 - wide / 2, spacing):
            low = level * storey + 0.9
            left = float(x) - wide / 2
            canvas.rectangle(left - 0.08, low - 0.10, left + wide + 0.08, low + tall + 0.08, frame)
            shade = float(rng.uniform(34, 74))
            lit = WINDOW if rng.random() < 0.35 else 0
            canvas.rectangle(left, low, left + wide, low + tall, Paint((shade, shade * 1.04, shade * 1.1), GLASS, lit))
            canvas.line([(left + wide / 2, low), (left + wide / 2, low + tall)], 0.06, frame)
            if rng.random() < 0.3:
                canvas.rectangle(
                    left, low + tall * 0.5, left + wide, low + tall, Paint((206, 198, 184), GLASS, lit), opacity=0.7
                )
    if shop:
        sign = [float(value) for value in rng.integers(40, 220, 3)]
        canvas.rectangle(-length / 2 + 0.3, 0.4, length / 2 - 0.3, 2.5, Paint((48, 52, 56), GLASS, WINDOW))
        canvas.rectangle(-length / 2 + 0.2, 2.5, length / 2 - 0.2, 3.1, Paint((sign[0], sign[1], sign[2]), SATIN))
