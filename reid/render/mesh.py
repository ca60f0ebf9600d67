"""Triangle meshes with normals and atlas coordinates, of which vehicles and streets are made."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats, AnyInts, Flags


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles: `points` and `normals` (v, 3), `uv` (v, 2) in atlas pixels, `faces` (f, 3) into them."""

    points: AnyFloats
    normals: AnyFloats
    uv: AnyFloats
    faces: AnyInts

    def moved(self, x_m: float, y_m: float, yaw_rad: float = 0.0, z_m: float = 0.0) -> "Mesh":
        """Return the mesh turned about the vertical by `yaw_rad`, then shifted."""
        turn = turning(yaw_rad)
        points = self.points @ turn.T + np.array([x_m, y_m, z_m], np.float32)
        return Mesh(points, self.normals @ turn.T, self.uv, self.faces)


def turning(yaw_rad: float) -> AnyFloats:
    """Return the (3, 3) rotation about the vertical, counter-clockwise from above."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)


def join(meshes: Sequence[Mesh]) -> Mesh:
    """Return all meshes as one."""
    offsets = np.cumsum([0] + [len(mesh.points) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.points for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uv for mesh in meshes]),
        np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]),
    )


def with_short_edges(mesh: Mesh, longest_m: float) -> Mesh:
    """Return the mesh with its triangles halved until no edge is longer, so that lens distortion can bend it.

    Edges are cut in their middle, so that neighbours still meet without a gap.
    """
    while True:
        corners = mesh.points[mesh.faces]
        lengths = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
        long = lengths.max(axis=1) > longest_m
        if not long.any():
            return mesh
        mesh = _halved(mesh, long, lengths.argmax(axis=1))


def _halved(mesh: Mesh, long: Flags, edge: AnyInts) -> Mesh:
    """Return the mesh with each `long` face cut in two across its `edge` (0 to 2, from that corner to the next)."""
    first = edge[long][:, None]
    a, b, c = np.moveaxis(np.take_along_axis(mesh.faces[long], (first + np.arange(3)) % 3, axis=1), 1, 0)
    middle = np.arange(len(a), dtype=np.int32) + len(mesh.points)
    halves = np.concatenate([np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)])
    points, normals, uv = (
        np.concatenate([values, (values[a] + values[b]) / 2]).astype(np.float32)
        for values in (mesh.points, mesh.normals, mesh.uv)
    )
    # The mean of two different unit normals is shorter than one.
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Mesh(points, normals, uv, np.concatenate([mesh.faces[~long], halves]).astype(np.int32))


def of_quads(corners: AnyFloats, normals: AnyFloats, uv: AnyFloats) -> Mesh:
    """Return quads (q, 4, 3) with corner normals and uv as a welded mesh with faces oriented along their normals."""
    count = len(corners)
    base = 4 * np.arange(count)[:, None]
    faces = np.concatenate([base + np.array([0, 1, 2]), base + np.array([0, 2, 3])])
    return _from_corners(corners, normals, uv, faces)


def of_triangles(corners: AnyFloats, normals: AnyFloats, uv: AnyFloats) -> Mesh:
    """Return triangles (t, 3, 3) with corner normals and uv as a welded mesh, faces oriented along their normals."""
    faces = np.arange(3 * len(corners)).reshape(-1, 3)
    return _from_corners(corners, normals, uv, faces)


def _from_corners(corners: AnyFloats, normals: AnyFloats, uv: AnyFloats, faces: AnyInts) -> Mesh:
    """Return a welded mesh of faces over separate corners."""
    points, directions = corners.reshape(-1, 3).astype(np.float32), normals.reshape(-1, 3).astype(np.float32)
    return _outward(_welded(Mesh(points, directions, uv.reshape(-1, 2).astype(np.float32), faces)))


def _welded(mesh: Mesh) -> Mesh:
    """Return the mesh with equal vertices merged, so that each is lit once."""
    rows = np.concatenate([mesh.points * 1e3, mesh.normals * 1e2, mesh.uv * 1e1], axis=1)
    _, first, place = np.unique(np.round(rows).astype(np.int64), axis=0, return_index=True, return_inverse=True)
    return Mesh(mesh.points[first], mesh.normals[first], mesh.uv[first], place.reshape(-1)[mesh.faces].astype(np.int32))


def _outward(mesh: Mesh) -> Mesh:
    """Return the mesh without empty faces, and with each face's corners ordered by its normals."""
    corners = mesh.points[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inward = (across * mesh.normals[mesh.faces].mean(axis=1)).sum(axis=1) < 0
    faces = np.where(inward[:, None], mesh.faces[:, ::-1], mesh.faces)
    return Mesh(mesh.points, mesh.normals, mesh.uv, faces[np.linalg.norm(across, axis=1) > 1e-7])
