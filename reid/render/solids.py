"""Make boxes, tubes and ellipsoids of one colour, the simple parts of vehicles and streets."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from reid.arrays import AnyFloats
from reid.render.mesh import Mesh, join, of_quads

_SIDES = (
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((-1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((0, 1, 0), (1, 0, 0), (0, 0, 1)),
    ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    ((0, 0, -1), (1, 0, 0), (0, 1, 0)),
)
_CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def box_quads(
    centre_m: Sequence[float], size_m: Sequence[float], narrowing: float = 0.0
) -> tuple[AnyFloats, AnyFloats]:
    """Return a box's six faces (6, 4, 3) and their normals; the top is smaller by the share `narrowing`."""
    half = np.array(size_m, float) / 2
    corners = np.array(
        [[np.add(n, np.multiply(a, i) + np.multiply(b, j)) for i, j in _CORNERS] for n, a, b in _SIDES], float
    )
    corners[..., :2] *= np.where(corners[..., 2:] > 0, 1 - narrowing, 1.0)
    normals = np.repeat(np.array([side[0] for side in _SIDES], float)[:, None], 4, axis=1)
    return corners * half + np.array(centre_m, float), normals


def box(centre_m: Sequence[float], size_m: Sequence[float], swatch: AnyFloats, *, narrowing: float = 0.0) -> Mesh:
    """Return a box of one colour; `swatch` is the (2,) atlas pixel of that colour."""
    corners, normals = box_quads(centre_m, size_m, narrowing)
    return of_quads(corners, normals, np.broadcast_to(swatch, (*corners.shape[:2], 2)))


def tube(
    start_m: Sequence[float], end_m: Sequence[float], radii_m: Sequence[float], swatch: AnyFloats, *, sides: int = 8
) -> Mesh:
    """Return a straight tube of one colour with closed ends; `radii_m` is at start and end."""
    start, end = np.array(start_m, float), np.array(end_m, float)
    along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
    across = np.cross(along, [0.0, 0.0, 1.0] if abs(along[2]) < 0.9 else [1.0, 0.0, 0.0])
    across /= np.linalg.norm(across)
    angles = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.cos(angles)[:, None] * across + np.sin(angles)[:, None] * np.cross(along, across)
    first, last = start + ring * radii_m[0], end + ring * radii_m[1]
    walls = np.stack([first[:-1], first[1:], last[1:], last[:-1]], axis=1)
    wall_normals = np.stack([ring[:-1], ring[1:], ring[1:], ring[:-1]], axis=1)
    caps, cap_normals = _caps(start, end, first, last, along)
    corners, normals = np.concatenate([walls, caps]), np.concatenate([wall_normals, cap_normals])
    return of_quads(corners, normals, np.broadcast_to(swatch, (*corners.shape[:2], 2)))


def _caps(
    start: AnyFloats, end: AnyFloats, first: AnyFloats, last: AnyFloats, along: AnyFloats
) -> tuple[AnyFloats, AnyFloats]:
    """Return both ends of a tube as quads with one corner twice."""
    ends = []
    for centre, rim in ((start, first), (end, last)):
        middle = np.repeat(centre[None], len(rim) - 1, axis=0)
        ends.append(np.stack([middle, rim[:-1], rim[1:], rim[1:]], axis=1))
    normals = [np.broadcast_to(sign * along, ends[0].shape) for sign in (-1.0, 1.0)]
    return np.concatenate(ends), np.concatenate(normals)


def ellipsoid(
    centre_m: Sequence[float], radii_m: Sequence[float], swatch: AnyFloats, *, lean_rad: float = 0.0, rings: int = 7
) -> Mesh:
    """Return an ellipsoid of one colour; it leans forward by `lean_rad`."""
    heights, turns = np.meshgrid(
        np.linspace(-np.pi / 2, np.pi / 2, rings), np.linspace(0, 2 * np.pi, 2 * rings - 1), indexing="ij"
    )
    sphere = np.stack([np.cos(heights) * np.cos(turns), np.cos(heights) * np.sin(turns), np.sin(heights)], axis=2)
    c, s = np.cos(lean_rad), np.sin(lean_rad)
    lean = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    points = (sphere * np.array(radii_m)) @ lean.T + np.array(centre_m, float)
    normals = sphere / np.array(radii_m)
    normals = normals / np.linalg.norm(normals, axis=2, keepdims=True) @ lean.T

    def cells(grid: AnyFloats) -> AnyFloats:
        return np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=2).reshape(-1, 4, 3)

    corners = cells(points)
    return of_quads(corners, cells(normals), np.broadcast_to(swatch, (*corners.shape[:2], 2)))


def limb(joints_m: Sequence[Sequence[float]], radii_m: Sequence[float], swatch: AnyFloats) -> Mesh:
    """Return a bent limb: tubes between joints, thinner towards its end."""
    parts = []
    for number, (start, end) in enumerate(pairwise(joints_m)):
        parts.append(tube(start, end, (radii_m[number], radii_m[number + 1]), swatch, sides=7))
    return join(parts)
