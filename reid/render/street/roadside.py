"""Place objects beside a street: trees, lamp posts, signs, some between the camera and the traffic."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats
from reid.render.light.lens import Lens
from reid.render.mesh import Mesh, join, of_triangles, with_short_edges
from reid.render.solids import box, tube
from reid.render.street.street import Street
from reid.render.vehicles.assembly import Solid
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.canvas import MATT, SATIN, Paint

_LONGEST_EDGE_M = 2.0


@dataclass(frozen=True, slots=True)
class StreetObject:
    """A solid at its place beside the street; one that is `between` stands before the traffic."""

    solid: Solid
    x_m: float
    y_m: float
    turn_rad: float = 0.0
    between: bool = False


def as_solid(meshes: list[Mesh], atlas: Atlas, *, hulls: tuple[AnyFloats, ...] = ()) -> Solid:
    """Return meshes as a solid without lamps and plates."""
    mesh = with_short_edges(join(meshes), _LONGEST_EDGE_M)
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    length, width, height = (float(side) for side in high - low)
    return Solid(mesh, atlas.texture(atlas.px_per_m), len(mesh.faces), hulls, (), (), length, width, height)


def trees(seed: int, street: Street, lens: Lens) -> list[StreetObject]:
    """Draw the trees along a street; one between the camera and the traffic stands only at the picture's edge."""
    rng = np.random.default_rng([seed, 85])
    stands = []
    for number in range(int(rng.integers(8, 20))):
        side = 1 if rng.random() < 0.5 else -1
        x, y = float(rng.uniform(-4, 60)), side * (street.half_width_m + float(rng.uniform(3.0, 9.0)))
        tree, turn = _tree(rng, bush=number % 2 > 0), float(rng.uniform(0, 6))
        between = stands_between(lens, street, x, y)
        if not between or _at_edge(lens, x, y, tree.height_m):
            stands.append(StreetObject(tree, x, y, turn, between=between))
    return stands


def poles(seed: int, street: Street, lens: Lens) -> list[StreetObject]:
    """Draw lamp posts and signs; those on the camera's side of the road stand before the traffic."""
    rng = np.random.default_rng([seed, 86])
    stands = []
    for _ in range(int(rng.integers(1, 4))):
        side = 1 if rng.random() < 0.5 else -1
        x, y = float(rng.uniform(-6, 40)), side * (street.half_width_m + float(rng.uniform(0.5, 1.2)))
        solid = _lamp_post(rng, side) if rng.random() < 0.6 else _sign(rng)
        stands.append(StreetObject(solid, x, y, 0.0, between=stands_between(lens, street, x, y)))
    return stands


def stands_between(lens: Lens, street: Street, x_m: float, y_m: float) -> bool:
    """Return whether an object beside the street stands between the camera and the traffic."""
    eye_y = float(lens.eye[1])
    beside = abs(eye_y) > street.half_width_m and (eye_y > 0) == (y_m > 0)
    return beside and bool(lens.project(np.array([[x_m, y_m, 1.0]]))[0, 2] > 0)


def _at_edge(lens: Lens, x_m: float, y_m: float, height_m: float) -> bool:
    """Return whether an object is in the outer parts of the picture, or outside it."""
    across = lens.project(np.array([[x_m, y_m, height_m * 0.6]]))[0, 0] / lens.width
    return not 0.15 < across < 0.85


def _tree(rng: np.random.Generator, *, bush: bool) -> Solid:
    """Return a tree, a trunk under a crown of many small leaves, or a bush, which is a crown on the ground."""
    atlas = Atlas(8, 64, 64)
    trunk, crown = float(rng.uniform(1.6, 2.6)), float(rng.uniform(1.3, 2.6))
    if bush:
        trunk, crown = 0.0, float(rng.uniform(0.4, 0.9))
    count = 1600
    direction = rng.standard_normal((count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    lumps = rng.standard_normal((9, 3))
    lumps /= np.linalg.norm(lumps, axis=1, keepdims=True)
    bulge = 0.62 + 0.42 * np.clip((direction @ lumps.T).max(axis=1), 0, 1) ** 3
    middle = direction * (crown * bulge * rng.uniform(0.75, 1.0, count))[:, None] * [1, 1, 0.85] + [
        0,
        0,
        trunk + crown * 0.7,
    ]
    spread = rng.standard_normal((count, 3, 3)) * crown * 0.065
    corners = middle[:, None] + spread
    greens = [atlas.swatch(Paint(tone, MATT)) for tone in ((62, 84, 40), (48, 70, 34), (82, 98, 50), (38, 56, 30))]
    uv = np.array(greens)[rng.integers(0, 4, count)][:, None].repeat(3, axis=1)
    normals = np.repeat(direction[:, None], 3, axis=1)
    leaves = of_triangles(corners, normals, uv)
    bark = tube((0, 0, 0), (0, 0, trunk + crown * 0.6), (0.16, 0.09), atlas.swatch(Paint((70, 58, 48), MATT)))
    hull = (direction * crown * 0.85 * [1, 1, 0.85] + [0, 0, trunk + crown * 0.7]).astype(np.float32)
    return as_solid([leaves, bark], atlas, hulls=(hull,))


def _lamp_post(rng: np.random.Generator, side: int) -> Solid:
    """Return a lamp post whose arm reaches over the road."""
    atlas = Atlas(8, 64, 64)
    steel = atlas.swatch(Paint((120, 124, 126), SATIN))
    height = float(rng.uniform(5.5, 8.5))
    parts = [
        tube((0, 0, 0), (0, 0, height), (0.10, 0.06), steel),
        tube((0, 0, height), (0, -side * 1.8, height + 0.3), (0.05, 0.04), steel, sides=6),
        box((0, -side * 2.0, height + 0.3), (0.22, 0.6, 0.12), steel),
    ]
    return as_solid(parts, atlas, hulls=(parts[0].points,))


def _sign(rng: np.random.Generator) -> Solid:
    """Return a traffic sign on its post."""
    atlas = Atlas(8, 64, 64)
    post = tube((0, 0, 0), (0, 0, 2.9), (0.035, 0.035), atlas.swatch(Paint((130, 132, 134), SATIN)), sides=6)
    tones = ((200, 30, 34), (30, 80, 170), (236, 236, 232), (240, 200, 40))
    face = atlas.swatch(Paint(tones[int(rng.integers(4))], SATIN))
    inner = atlas.swatch(Paint((240, 240, 238), SATIN))
    turned = 1 if rng.random() < 0.5 else -1
    parts = [post, tube((-0.03 * turned, 0, 2.55), (0.03 * turned, 0, 2.55), (0.32, 0.32), face, sides=20)]
    parts.append(tube((0, 0, 2.55), (-0.04, 0, 2.55), (0.22, 0.22), inner, sides=20))
    return as_solid(parts, atlas, hulls=(post.points,))
