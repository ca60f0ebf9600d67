"""Collect the parts of one vehicle while it is built: atlas, meshes, lamps, plates and shadow hulls."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats
from reid.render.light.shading import Texture
from reid.render.mesh import Mesh, join, of_quads, with_short_edges
from reid.render.number_plates.plates import draw
from reid.render.vehicles.atlas import Atlas
from reid.render.vehicles.bodies import Vehicle
from reid.render.vehicles.canvas import HEAD, MATT, TAIL, Paint

_LONGEST_EDGE_M = 3.0


@dataclass(frozen=True, slots=True)
class Lamp:
    """A lamp that can glow: its `place` (3,) on the vehicle and its kind, HEAD or TAIL."""

    place: AnyFloats
    kind: int


@dataclass(frozen=True, slots=True)
class Solid:
    """A built vehicle, its front along +x, the ground at z = 0.

    `hulls` are point clouds whose convex hulls cast its shadow; faces from `plate_faces` on are plates; `plates` are
    the corners (4, 3) of its plates: bottom left, bottom right, top right, top left as seen from the front of each.
    """

    mesh: Mesh
    texture: Texture
    plate_faces: int
    hulls: tuple[AnyFloats, ...]
    lamps: tuple[Lamp, ...]
    plates: tuple[AnyFloats, ...]
    length_m: float
    width_m: float
    height_m: float
    details: frozenset[str] = frozenset()
    """What was built of what no mark tells: "passenger", "ladder", and "load" where there was room for it."""


class Assembly:
    """Collects parts; `solid` welds them together."""

    def __init__(self, vehicle: Vehicle, atlas: Atlas) -> None:
        self.vehicle = vehicle
        self.atlas = atlas
        self.paint = Paint(vehicle.rgb, vehicle.gloss)
        self._meshes: list[Mesh] = []
        self._hulls: list[AnyFloats] = []
        self._lamps: list[Lamp] = []
        self._plates: list[AnyFloats] = []
        self._plate_meshes: list[Mesh] = []
        self._details: set[str] = set()

    def add(self, mesh: Mesh, *, casts: bool = False) -> None:
        """Add a part; with `casts` its convex hull casts a shadow."""
        self._meshes.append(mesh)
        if casts:
            self._hulls.append(mesh.points[:: max(1, len(mesh.points) // 160)])

    def note(self, detail: str) -> None:
        """Note what was built, for the labels of pictures."""
        self._details.add(detail)

    def cast(self, points: AnyFloats) -> None:
        """Let the convex hull of points (n, 3) cast a shadow."""
        self._hulls.append(points)

    def lamp(self, x_m: float, y_m: float, z_m: float, kind: int) -> None:
        """Add a lamp that can be seen glowing from afar."""
        self._lamps.append(Lamp(np.array([x_m, y_m, z_m], np.float32), kind))

    def lamp_pair(self, x_m: float, y_m: float, z_m: float, *, front: bool) -> None:
        """Add a lamp on either side."""
        for side in (-1, 1):
            self.lamp(x_m, side * y_m, z_m, HEAD if front else TAIL)

    def plate(self, x_m: float, z_m: float, *, front: bool, lean: float = 0.0) -> None:
        """Hang the vehicle's plate at its front or rear, `lean` radians off the upright, unless it is absent."""
        design = self.vehicle.plate
        if design.state == "absent" or (front and design.size_m[1] > 0.14):
            return
        (width, height), sign = design.size_m, 1.0 if front else -1.0
        right, up = np.array([0, sign, 0]), np.array([-sign * np.sin(lean), 0, np.cos(lean)])
        middle = np.array([x_m + sign * 0.012, 0, z_m])
        corners = np.array(
            [middle + i * right * width / 2 + j * up * height / 2 for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        )
        view = "plate front" if front else "plate rear"
        picture = draw(design, rear=not front, px_per_m=self._plate_scale)
        canvas = self.atlas.view(
            view, 0, 0, width, height, paint=Paint(design.ground, MATT), px_per_m=self._plate_scale
        )
        margin = canvas.margin_px
        canvas.rgb[margin : margin + picture.shape[0], margin : margin + picture.shape[1]] = picture
        flat = np.array([[0, 0], [width, 0], [width, height], [0, height]])
        normals = np.broadcast_to(np.cross(right, up), (4, 3))
        self._plate_meshes.append(of_quads(corners[None], normals[None], self.atlas.uv(view, flat)[None]))
        self._plates.append(corners.astype(np.float32))

    @property
    def _plate_scale(self) -> float:
        """Return the scale of plates, limited to four times the body's because they share the mipmap levels."""
        return min(500.0, self.atlas.px_per_m * 4)

    def solid(self) -> Solid:
        """Return the built vehicle."""
        body = with_short_edges(join(self._meshes), _LONGEST_EDGE_M)
        mesh = join([body, *self._plate_meshes])
        low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
        length, width = (float(2 * max(-low[axis], high[axis])) for axis in (0, 1))
        parts = (tuple(self._hulls), tuple(self._lamps), tuple(self._plates))
        texture = self.atlas.texture(self._plate_scale)
        size_m = (length, width, float(high[2]))
        return Solid(mesh, texture, len(body.faces), *parts, *size_m, frozenset(self._details))
