"""Load lorries with tanks."""

import numpy as np

from reid.render.mesh import Floats, Mesh, of_quads
from reid.render.solids import box, tube
from reid.render.vehicles.assembly import Assembly
from reid.render.vehicles.canvas import BLACK, METAL, SATIN, Paint, Rgb
from reid.render.vehicles.freight import LIVERIES
from reid.render.vehicles.loadbed import LoadBed


def add_tank(assembly: Assembly, bed: LoadBed, rng: np.random.Generator) -> None:
    """Add a lying tank with bands, a catwalk and a ladder."""
    tone: Rgb = (228, 228, 226) if rng.random() < 0.6 else (176, 178, 180)
    paint, atlas = Paint(tone, 120), assembly.atlas
    middle_z, radius = bed.floor_m + bed.high_m / 2, bed.high_m / 2
    canvas = atlas.view(
        "tank", bed.rear_m, 0, bed.front_m, 2 * np.pi, paint=paint, px_per_m=max(30.0, atlas.px_per_m * 0.6)
    )
    band = Paint(LIVERIES[int(rng.integers(3, len(LIVERIES)))], SATIN)
    for turn in (0.15, np.pi + 0.15):
        canvas.rectangle(bed.rear_m, turn - 0.35, bed.front_m, turn + 0.05, band)
    for x in np.linspace(bed.rear_m + 0.5, bed.front_m - 0.5, 5):
        canvas.line([(float(x), 0), (float(x), 2 * np.pi)], 0.06, paint.darker(0.75))
    assembly.add(_tank_wall(assembly, bed, middle_z, radius), casts=True)
    assembly.add(
        tube(
            (bed.rear_m, 0, middle_z),
            (bed.rear_m + 0.12, 0, middle_z),
            (radius * 0.93, radius),
            atlas.swatch(paint.darker(0.9)),
            sides=20,
        )
    )
    assembly.add(
        box((bed.middle_m, 0, bed.floor_m + bed.high_m + 0.06), (bed.length_m * 0.7, 0.6, 0.10), atlas.swatch(METAL))
    )
    for y in (-0.2, 0.2):
        assembly.add(
            tube(
                (bed.rear_m - 0.06, y, 0.7),
                (bed.rear_m - 0.06, y, middle_z + radius),
                (0.02, 0.02),
                atlas.swatch(METAL),
                sides=5,
            )
        )
    assembly.add(box((bed.rear_m - 0.02, 0.0, middle_z), (0.03, 0.5, 0.5), atlas.swatch(Paint((236, 120, 30), SATIN))))
    assembly.add(box((bed.rear_m + 0.1, 0, 0.95), (0.2, bed.width_m * 0.9, 0.16), atlas.swatch(BLACK)))


def _tank_wall(assembly: Assembly, bed: LoadBed, middle_z: float, radius: float) -> Mesh:
    """Return the curved wall of a tank, its painted view unrolled by angle."""
    turn = np.linspace(0, 2 * np.pi, 25)
    across, up = np.cos(turn) * bed.width_m / 2, np.sin(turn) * radius
    ends: list[Floats] = []
    for x in (bed.rear_m + 0.1, bed.front_m - 0.1):
        ends.append(np.stack([np.full_like(turn, x), across, middle_z + up], axis=1))
    corners = np.stack([ends[0][:-1], ends[0][1:], ends[1][1:], ends[1][:-1]], axis=1)
    outward = np.stack([np.zeros_like(turn), np.cos(turn), np.sin(turn)], axis=1)
    normals = np.stack([outward[:-1], outward[1:], outward[1:], outward[:-1]], axis=1)
    angles = np.stack([turn[:-1], turn[1:], turn[1:], turn[:-1]], axis=1)
    return of_quads(corners, normals, assembly.atlas.uv("tank", np.stack([corners[..., 0], angles], axis=2)))
