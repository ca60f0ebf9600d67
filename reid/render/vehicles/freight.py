"""Build the loads of lorries: boxes, containers, bins and tanks, in the colours of their firms."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats
from reid.render.mesh import Mesh, join, of_quads
from reid.render.number_plates.glyphs import draw_typeface
from reid.render.solids import box, box_quads, tube
from reid.render.vehicles.assembly import Assembly
from reid.render.vehicles.canvas import BLACK, MATT, METAL, SATIN, Canvas, Paint, Rgb
from reid.render.vehicles.loft import view_of

_CARGO_VIEWS = {0: "front", 1: "rear", 2: "left", 3: "right", 4: "top"}
LIVERIES: tuple[Rgb, ...] = (
    (236, 236, 232),
    (232, 232, 228),
    (210, 214, 216),
    (30, 70, 140),
    (170, 30, 30),
    (226, 180, 40),
    (40, 100, 70),
    (90, 60, 120),
    (224, 110, 40),
)
_CONTAINERS: tuple[Rgb, ...] = (
    (150, 40, 52),
    (30, 70, 130),
    (200, 92, 40),
    (46, 90, 64),
    (120, 124, 126),
    (196, 196, 192),
    (110, 30, 40),
)
_LIKE_CAB_SHARE = 0.6
FRAME = Paint((42, 42, 44), SATIN)


@dataclass(frozen=True, slots=True)
class LoadBed:
    """The room behind the cab: from `rear_m` to `front_m` along the vehicle, over a floor, `high_m` high."""

    rear_m: float
    front_m: float
    width_m: float
    floor_m: float
    high_m: float

    @property
    def length_m(self) -> float:
        """Return how long it is."""
        return self.front_m - self.rear_m

    @property
    def middle_m(self) -> float:
        """Return the middle along the vehicle."""
        return (self.front_m + self.rear_m) / 2


def add_box(assembly: Assembly, bed: LoadBed, rng: np.random.Generator) -> None:
    """Add a box of panels, in the paint of the cab or a firm's livery."""
    fleet = np.random.default_rng([assembly.vehicle.seed, 103])
    livery = LIVERIES[int(fleet.integers(len(LIVERIES)))]
    paint = Paint(assembly.paint.rgb if fleet.random() < _LIKE_CAB_SHARE else livery, SATIN)
    canvases = _textured_box(assembly, bed, paint)
    spacing = float(rng.choice([0.5, 0.6, 1.2]))
    for view in ("left", "right"):
        canvas = canvases[view]
        for x in np.arange(bed.rear_m + spacing, bed.front_m, spacing):
            canvas.line(
                [(float(x), bed.floor_m), (float(x), bed.floor_m + bed.high_m)],
                0.03,
                paint.darker(0.82),
                opacity=0.7,
            )
        canvas.rectangle(bed.rear_m, bed.floor_m, bed.front_m, bed.floor_m + 0.12, METAL)
        canvas.rectangle(bed.rear_m, bed.floor_m + bed.high_m - 0.10, bed.front_m, bed.floor_m + bed.high_m, METAL)
    _livery(canvases, bed, fleet)
    _doors(canvases["rear"], bed, paint)


def add_container(assembly: Assembly, bed: LoadBed, rng: np.random.Generator) -> None:
    """Add a corrugated container, or leave the skeleton bare."""
    own = np.random.default_rng([assembly.vehicle.seed, 104])
    if own.random() < 0.25:
        _skeleton(assembly, bed, assembly.paint)
        return
    paint = Paint(_CONTAINERS[int(own.integers(len(_CONTAINERS)))], SATIN)
    canvases = _textured_box(assembly, bed, paint)
    for view in ("left", "right"):
        for x in np.arange(bed.rear_m + 0.2, bed.front_m - 0.1, 0.28):
            canvases[view].rectangle(
                float(x), bed.floor_m + 0.15, float(x) + 0.12, bed.floor_m + bed.high_m - 0.15, paint.darker(0.78)
            )
    words = "".join(own.choice(list("ABCDEGHKLMNORSTUY"), int(own.integers(3, 7))))
    white, typeface = Paint((232, 232, 228), SATIN), draw_typeface(own)
    for view in ("left", "right"):
        canvases[view].text(
            words,
            (bed.middle_m, bed.floor_m + bed.high_m * 0.55),
            0.75,
            white,
            typeface=typeface,
            mirrored=view == "left",
        )
    _doors(canvases["rear"], bed, paint)
    code = "".join(own.choice(list("0123456789"), 7))
    canvases["rear"].text(code, (0.6, bed.floor_m + bed.high_m * 0.85), 0.12, white, typeface=typeface, mirrored=False)


def add_bin(assembly: Assembly, bed: LoadBed, rng: np.random.Generator) -> None:
    """Add a tipper's bin, with a heap if it is loaded."""
    paint = assembly.paint if rng.random() < 0.5 else Paint((112, 112, 110), SATIN)
    canvases = _textured_box(assembly, bed, Paint(paint.rgb, SATIN))
    low, top = bed.floor_m, bed.floor_m + bed.high_m
    for view in ("left", "right", "rear"):
        span = (bed.rear_m, bed.front_m) if view != "rear" else (-bed.width_m / 2, bed.width_m / 2)
        for x in np.linspace(span[0] + 0.1, span[1] - 0.1, 8 if view != "rear" else 4):
            canvases[view].rectangle(float(x) - 0.05, low, float(x) + 0.05, top, paint.darker(0.72))
        canvases[view].rectangle(span[0], top - 0.14, span[1], top, paint.darker(0.8))
    half = bed.width_m / 2
    loaded = "load" in assembly.vehicle.marks
    heap = Paint((134, 118, 96) if loaded else (30, 30, 31), MATT)
    canvases["top"].rectangle(bed.rear_m + 0.12, -half + 0.12, bed.front_m - 0.12, half - 0.12, heap)
    if loaded:
        assembly.note("load")
        size = (bed.length_m * 0.86, bed.width_m * 0.86, 0.5)
        assembly.add(box((bed.middle_m, 0, top + 0.2), size, assembly.atlas.swatch(heap), narrowing=0.5))


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


def _skeleton(assembly: Assembly, bed: LoadBed, paint: Paint) -> None:
    """Add the beams of an empty container trailer."""
    swatch = assembly.atlas.swatch(Paint(paint.rgb, SATIN))
    for side in (-1, 1):
        assembly.add(
            box((bed.middle_m, side * 0.45, bed.floor_m - 0.05), (bed.length_m, 0.16, 0.26), swatch), casts=True
        )
    for x in np.linspace(bed.rear_m + 0.1, bed.front_m - 0.1, 7):
        assembly.add(box((float(x), 0, bed.floor_m), (0.16, bed.width_m * 0.96, 0.14), swatch))


def _textured_box(assembly: Assembly, bed: LoadBed, paint: Paint) -> dict[str, Canvas]:
    """Add a closed box with a painted view on each face; return the canvases."""
    half, top = bed.width_m / 2, bed.floor_m + bed.high_m
    atlas, canvases = assembly.atlas, {}
    spans = {
        "left": (bed.rear_m, bed.front_m),
        "right": (bed.rear_m, bed.front_m),
        "front": (-half, half),
        "rear": (-half, half),
    }
    for view, (low, high) in spans.items():
        canvases[view] = atlas.view("cargo " + view, low, bed.floor_m, high, top, paint=paint)
    canvases["top"] = atlas.view("cargo top", bed.rear_m, -half, bed.front_m, half, paint=paint.darker(0.95))
    centre = (bed.middle_m, 0, bed.floor_m + bed.high_m / 2)
    corners, normals = box_quads(centre, (bed.length_m, bed.width_m, bed.high_m))
    meshes: list[Mesh] = []
    for number, view in _CARGO_VIEWS.items():
        uv = atlas.uv("cargo " + view, view_of(corners[number], view))
        meshes.append(of_quads(corners[number][None], normals[number][None], uv[None]))
    meshes.append(box((centre[0], 0, bed.floor_m), (bed.length_m, bed.width_m, 0.06), atlas.swatch(FRAME)))
    assembly.add(join(meshes), casts=True)
    return canvases


def _livery(canvases: dict[str, Canvas], bed: LoadBed, fleet: np.random.Generator) -> None:
    """Paint stripes and the firm's name on both sides, and on the doors."""
    first, second = (Paint(LIVERIES[int(fleet.integers(3, len(LIVERIES)))], SATIN) for _ in range(2))
    words = "".join(fleet.choice(list("ABCDEFGHIKLMNOPRSTUVZ"), int(fleet.integers(4, 10))))
    typeface, kind = draw_typeface(fleet), int(fleet.integers(4))
    low, high, reach = bed.floor_m, bed.high_m, bed.length_m
    for view in ("left", "right"):
        canvas = canvases[view]
        if kind == 0:
            canvas.rectangle(bed.rear_m, low + 0.25 * high, bed.front_m, low + 0.42 * high, first)
        elif kind == 1:
            edge = bed.rear_m + 0.35 * reach
            canvas.polygon(
                [(bed.rear_m, low), (edge, low), (edge + 0.15 * reach, low + high), (bed.rear_m, low + high)], first
            )
        if kind != 3:
            canvas.text(
                words,
                (bed.middle_m, low + 0.62 * high),
                0.24 * high,
                second,
                typeface=typeface,
                mirrored=view == "left",
            )
    if kind != 3 and fleet.random() < 0.6:
        canvases["rear"].text(words, (0, low + 0.72 * high), 0.12 * high, second, typeface=typeface, mirrored=False)


def _doors(canvas: Canvas, bed: LoadBed, paint: Paint) -> None:
    """Paint rear doors with their gap, rods and the striped edge."""
    low, top, half = bed.floor_m, bed.floor_m + bed.high_m, bed.width_m / 2
    canvas.line([(0, low), (0, top)], 0.03, Paint((30, 30, 31), MATT))
    for y in (-0.62, -0.25, 0.25, 0.62):
        canvas.line([(y * half, low + 0.05), (y * half, top - 0.05)], 0.035, METAL)
        canvas.rectangle(y * half - 0.02, low + 0.9, y * half + 0.10, low + 0.98, METAL)
    for z in np.linspace(low + 0.3, top - 0.3, 4):
        for side in (-1, 1):
            canvas.rectangle(
                side * half * 0.97 - 0.06,
                float(z) - 0.06,
                side * half * 0.97 + 0.06,
                float(z) + 0.06,
                paint.darker(0.6),
            )
    for i, y in enumerate(np.linspace(-half, half, 13)[:-1]):
        canvas.rectangle(
            float(y), low, float(y) + half / 6, low + 0.09, Paint((180, 24, 28) if i % 2 else (226, 226, 222), SATIN)
        )


def _tank_wall(assembly: Assembly, bed: LoadBed, middle_z: float, radius: float) -> Mesh:
    """Return the curved wall of a tank, its painted view unrolled by angle."""
    turn = np.linspace(0, 2 * np.pi, 25)
    across, up = np.cos(turn) * bed.width_m / 2, np.sin(turn) * radius
    ends: list[AnyFloats] = []
    for x in (bed.rear_m + 0.1, bed.front_m - 0.1):
        ends.append(np.stack([np.full_like(turn, x), across, middle_z + up], axis=1))
    corners = np.stack([ends[0][:-1], ends[0][1:], ends[1][1:], ends[1][:-1]], axis=1)
    outward = np.stack([np.zeros_like(turn), np.cos(turn), np.sin(turn)], axis=1)
    normals = np.stack([outward[:-1], outward[1:], outward[1:], outward[:-1]], axis=1)
    angles = np.stack([turn[:-1], turn[1:], turn[1:], turn[:-1]], axis=1)
    return of_quads(corners, normals, assembly.atlas.uv("tank", np.stack([corners[..., 0], angles], axis=2)))
