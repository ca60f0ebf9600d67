"""Loft a body over a model's side lines: cross-sections from rear to front, closed at both ends."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats, Flags
from reid.render.mesh import Mesh, join, of_quads, of_triangles
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.bodies import VehicleModel
from reid.render.vehicles.shapes import Line

VIEWS = ("left", "right", "top", "front", "rear")
_CREASE_COSINE = 0.72
_FIRST_ROOF_CELL = 7


@dataclass(frozen=True, slots=True)
class Outline:
    """A body's lines at its stations (n,), rear to front, in metres of the vehicle."""

    u: AnyFloats
    x: AnyFloats
    half_width: AnyFloats
    floor: AnyFloats
    shoulder: AnyFloats
    roof: AnyFloats


def height_at(line: Line, u: AnyFloats | float) -> AnyFloats:
    """Return a line's height at `u`, as a share of the vehicle's height."""
    return np.asarray(np.interp(u, [point[0] for point in line], [point[1] for point in line]))


def outline(model: VehicleModel, rear_m: float) -> Outline:
    """Return the lines of a model whose rear end lies at `rear_m` along the vehicle."""
    arches = [axle + model.wheel_m * 1.2 / model.length_m * np.linspace(-1, 1, 9) for axle in model.axles]
    corners = np.array([point[0] for point in model.roof])
    u = np.concatenate([np.linspace(0, 1, 20), [0.006, 0.02, 0.98, 0.994], *arches, corners, corners + 0.02])
    u = np.unique(np.clip(u, 0, 1))
    u = u[np.concatenate([[True], np.diff(u) > 0.005])]
    u[-1] = 1.0
    shoulder = height_at(model.shoulder, u) * model.height_m
    roof = np.where((u > corners[0]) & (u < corners[-1]), height_at(model.roof, u) * model.height_m, shoulder)
    to_end = np.minimum(u, 1 - u)
    rounding = np.clip(1 - to_end / 0.10, 0, 1) ** 2.2
    half_width = model.width_m / 2 * (1 - model.taper * rounding - 0.02 * np.abs(u - 0.5))
    floor = model.clearance_m + np.clip(1 - to_end / 0.06, 0, 1) * 0.05
    for axle in model.axles:
        along, reach = (u - axle) * model.length_m, model.wheel_m * 1.16
        arch = model.wheel_m + np.sqrt(np.maximum(reach**2 - along**2, 0)) * 0.95
        floor = np.where(np.abs(along) < reach, np.maximum(floor, arch), floor)
    return Outline(u, rear_m + u * model.length_m, half_width, floor, shoulder, np.maximum(roof, shoulder))


def view_of(places: AnyFloats, view: str) -> AnyFloats:
    """Return places (..., 3) as (..., 2) metres on the canvas of a view."""
    x, y, z = places[..., 0], places[..., 1], places[..., 2]
    across = {"left": x, "right": x, "top": x, "front": y, "rear": -y}[view]
    return np.stack([across, y if view == "top" else z], axis=-1)


def skin(model: VehicleModel, lines: Outline, atlas: Atlas, part: str) -> Mesh:
    """Return the mesh of a body; its views in the atlas are named `part` + one of VIEWS."""
    grid = _grid(model, lines)
    quads, normals, flat, of_roof = _quads(grid, model.height_m)
    meshes = []
    for view, chosen in zip(VIEWS, _views(flat, of_roof), strict=True):
        if chosen.any():
            corners = quads[chosen]
            meshes.append(of_quads(corners, normals[chosen], atlas.uv(part + view, view_of(corners, view))))
    return join([*meshes, *_ends(grid, atlas, part)])


def _grid(model: VehicleModel, lines: Outline) -> AnyFloats:
    """Return skin points (stations, ring, 3): each ring runs from the left sill over the roof to the right sill."""
    width, floor, shoulder, roof = lines.half_width, lines.floor, lines.shoulder, lines.roof
    glass = roof - shoulder
    cabin = np.clip(glass / (0.3 * model.height_m), 0, 1)
    crown = model.crown + 0.02 * (1 - cabin)
    top_width = width * (1 - model.lean * cabin - 0.06 * (1 - cabin))
    sill = np.minimum(floor + 0.12, shoulder - 0.08)
    rise = shoulder - sill
    half = [
        (width * 0.965, floor),
        (width * 0.992, sill),
        (width, sill + rise * 0.35),
        (width * 0.995, sill + rise * 0.72),
        (width * 0.977, shoulder - 0.05),
        (width * 0.945, shoulder),
        (width * 0.945 + (top_width - width * 0.945) * 0.48, shoulder + glass * 0.5),
        (top_width, roof - 0.07 * cabin),
        (top_width * 0.965, roof - 0.022 * cabin + 0.005 * (1 - cabin)),
        (top_width * 0.85, roof + crown * 0.35),
        (top_width * 0.5, roof + crown * 0.8),
        (top_width * 0.0, roof + crown),
    ]
    y = np.stack([point[0] for point in half], axis=1)
    z = np.stack([point[1] for point in half], axis=1)
    y, z = np.concatenate([y, -y[:, -2::-1]], axis=1), np.concatenate([z, z[:, -2::-1]], axis=1)
    return np.stack([np.repeat(lines.x[:, None], y.shape[1], axis=1), y, z], axis=2)


def _quads(grid: AnyFloats, height_m: float) -> tuple[AnyFloats, AnyFloats, AnyFloats, Flags]:
    """Return the grid's quads (q, 4, 3), corner normals (smooth but for creases), flat normals, and which are roof."""
    smooth = -np.cross(np.gradient(grid, axis=0), np.gradient(grid, axis=1))
    smooth /= np.linalg.norm(smooth, axis=2, keepdims=True) + 1e-9
    quads, corner_normals = _four_corners(grid), _four_corners(smooth)
    flat = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
    area = np.linalg.norm(flat, axis=1, keepdims=True)
    flat = flat / (area + 1e-9)
    middle = quads.mean(axis=1) - np.array([0, 0, 0.45 * height_m])
    if (np.sign((flat[:, 1:] * middle[:, 1:]).sum(axis=1)) * area[:, 0]).sum() < 0:
        flat = -flat
    if np.einsum("qcd,qd->qc", corner_normals, flat).mean() < 0:
        corner_normals = -corner_normals
    creased = np.einsum("qcd,qd->qc", corner_normals, flat) < _CREASE_COSINE
    corner_normals = np.where(creased[..., None], flat[:, None], corner_normals)
    kept = area[:, 0] > 1e-5
    across = np.tile(np.arange(grid.shape[1] - 1), grid.shape[0] - 1)
    of_roof = (across >= _FIRST_ROOF_CELL) & (across < grid.shape[1] - 1 - _FIRST_ROOF_CELL)
    return quads[kept], corner_normals[kept], flat[kept], of_roof[kept]


def _four_corners(grid: AnyFloats) -> AnyFloats:
    """Return the four corners of each cell of a grid, (cells, 4, k)."""
    corners = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=2)
    return corners.reshape(-1, 4, grid.shape[2])


def _views(flat: AnyFloats, of_roof: Flags) -> list[Flags]:
    """Return for each of VIEWS its quads, chosen by their direction; a roof is never a side."""
    x, y, z = flat.T
    side = (np.abs(y) > 0.62) & ~of_roof
    up = ~side & ((z > 0.6) | (np.abs(y) > np.abs(x)))
    return [side & (y > 0), side & (y <= 0), up, ~side & ~up & (x > 0), ~side & ~up & (x <= 0)]


def _ends(grid: AnyFloats, atlas: Atlas, part: str) -> list[Mesh]:
    """Return the closed front and rear end, with normals that bend outwards towards the corners."""
    meshes = []
    for ring, sign, view in ((grid[0], -1.0, "rear"), (grid[-1], 1.0, "front")):
        middle = np.array([ring[0, 0], 0.0, (ring[:, 2].min() + ring[:, 2].max()) / 2])
        rim = np.concatenate([ring, ring[:1]])
        corners = np.stack([np.repeat(middle[None], len(ring), axis=0), rim[:-1], rim[1:]], axis=1)
        normals = np.zeros_like(corners)
        normals[..., 0] = sign
        normals[..., 1] = np.clip(corners[..., 1] / np.abs(ring[:, 1]).max() * 0.35, -0.5, 0.5)
        normals /= np.linalg.norm(normals, axis=2, keepdims=True)
        meshes.append(of_triangles(corners, normals, atlas.uv(part + view, view_of(corners, view))))
    return meshes
