import numpy as np
import pytest

from reid.render.mesh import Mesh, join, with_short_edges
from reid.render.solids import box


def _area(mesh: Mesh) -> float:
    a, b, c = np.moveaxis(mesh.points[mesh.faces], 1, 0)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def _edges(mesh: Mesh) -> list[tuple[tuple[float, ...], ...]]:
    corners = np.round(mesh.points[mesh.faces], 4)
    return [tuple(sorted((tuple(face[i]), tuple(face[i - 1])))) for face in corners.tolist() for i in range(3)]


def test_long_faces_are_halved_without_gaps() -> None:
    trailer = box((0, 0, 2), (13, 2.5, 3), np.zeros(2))
    fine = with_short_edges(trailer, 2.0)
    corners = fine.points[fine.faces]
    assert np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max() <= 2.0
    assert _area(fine) == pytest.approx(_area(trailer), rel=1e-5)
    assert {_edges(fine).count(edge) for edge in set(_edges(fine))} == {2}, "every edge is shared by two faces"


def test_faces_keep_the_side_they_show() -> None:
    trailer = box((0, 0, 2), (13, 2.5, 3), np.zeros(2))
    fine = with_short_edges(trailer, 1.0)
    a, b, c = np.moveaxis(fine.points[fine.faces], 1, 0)
    outward = (np.cross(b - a, c - a) * fine.normals[fine.faces].mean(axis=1)).sum(axis=1)
    assert (outward > 0).all()


def test_short_faces_stay_as_they_are() -> None:
    small = join([box((0, 0, 0), (1, 1, 1), np.zeros(2)), box((3, 0, 0), (1, 1, 1), np.zeros(2))])
    assert with_short_edges(small, 2.0) is small
