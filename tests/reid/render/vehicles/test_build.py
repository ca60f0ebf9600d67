"""Every body has its size, outward normals, and texture coordinates inside the atlas."""

import numpy as np
import pytest

from reid.render.vehicles.assembly import Solid
from reid.render.vehicles.bodies import TYPE_OF_BODY, make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.render.vehicles.canvas import BRAKE, HEAD, TAIL

LENGTHS_M = {"car": (3.4, 5.8), "van": (4.6, 6.6), "truck": (5.4, 17), "bus": (8, 12.8), "motorcycle": (1.6, 2.6)}


def built(body: str, seed: int = 3, marks: tuple[str, ...] | None = ()) -> Solid:
    return build(make_vehicle(seed, make_model(seed, body), marks=marks))


@pytest.mark.parametrize("body", TYPE_OF_BODY)
def test_every_body_is_of_its_size(body: str) -> None:
    solid = built(body)
    low, high = LENGTHS_M[TYPE_OF_BODY[body]]
    assert low < solid.length_m < high
    assert -0.05 < solid.mesh.points[:, 2].min() < 0.05, "it stands on the ground"
    assert np.isfinite(solid.mesh.points).all()


@pytest.mark.parametrize("body", TYPE_OF_BODY)
def test_uv_lies_in_the_atlas(body: str) -> None:
    solid = built(body)
    height, width = solid.texture.lamps.shape
    assert solid.mesh.uv.min() >= 0
    assert (solid.mesh.uv <= [width, height]).all()


@pytest.mark.parametrize("body", TYPE_OF_BODY)
def test_normals_are_unit_and_faces_are_oriented_along_them(body: str) -> None:
    mesh = built(body).mesh
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-3)
    corners = mesh.points[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((across * mesh.normals[mesh.faces].mean(axis=1)).sum(axis=1) >= 0).all()


@pytest.mark.parametrize("body", ["hatch", "bus", "articulated", "scooter"])
def test_lamps_and_plates_are_there(body: str) -> None:
    vehicle = make_vehicle(3, make_model(3, body), marks=())
    solid = build(vehicle)
    assert {lamp.kind for lamp in solid.lamps} == {HEAD, TAIL}
    assert BRAKE in solid.texture.lamps
    assert len(solid.plates) >= 1
    assert len(solid.mesh.faces) - solid.plate_faces == 2 * len(solid.plates)


def test_a_mark_changes_the_picture() -> None:
    plain, marked = built("sedan"), built("sedan", marks=("lettering", "roof box"))
    assert len(marked.mesh.points) > len(plain.mesh.points)
    shared = plain.texture.levels[0].shape[0]
    assert (plain.texture.levels[0] != marked.texture.levels[0][:shared]).any()


def test_the_same_vehicle_is_built_the_same() -> None:
    vehicle = make_vehicle(8, make_model(8, "estate"))
    build.cache_clear()
    one = build(vehicle)
    build.cache_clear()
    other = build(vehicle)
    assert (one.mesh.points == other.mesh.points).all()
    assert (one.texture.levels[0] == other.texture.levels[0]).all()
