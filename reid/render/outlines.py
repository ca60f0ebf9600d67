"""Find where vehicles are in a camera's picture without drawing them: by their convex outlines."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from reid.arrays import AnyFloats
from reid.render.light.lens import Lens
from reid.render.mesh import turning
from reid.render.truth import DrawnVehicle, plate_corners, plate_height_px
from reid.render.vehicles.bodies import Vehicle
from reid.render.vehicles.build import build
from reid.render.vehicles.layers import Layer, bounds
from reid.vehicle import Image

_DIRECTIONS = 160
_LEAST_PLATE_AREA = 4.0
_NO_PICTURE: Image = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class VehicleShape:
    """The outermost points (n, 3) of a built vehicle, and the corners (4, 3) of each of its plates."""

    points: AnyFloats
    plates: tuple[AnyFloats, ...]


@lru_cache(maxsize=4096)
def shape_of(vehicle: Vehicle) -> VehicleShape:
    """Return the shape of a vehicle; recent ones are cached, and take little room."""
    solid = build(vehicle)
    outermost = np.unique((solid.mesh.points @ _directions().T).argmax(axis=0))
    return VehicleShape(solid.mesh.points[outermost], solid.plates)


def outlined(
    index: int, vehicle: Vehicle, pose: tuple[float, float, float], lens: Lens, heading_deg: float
) -> DrawnVehicle | None:
    """Return a vehicle at a pose (x, y, turn) as a filled outline; None if it is not in the picture."""
    shape, (x, y, turn) = shape_of(vehicle), pose
    placed = shape.points @ turning(turn).T + np.array([x, y, 0], np.float32)
    layer = _filled(lens.project(placed), lens)
    if layer is None:
        return None
    corners = plate_corners(shape, x, y, turn, lens)
    plate = None if corners is None or not _is_shown(corners, lens) else plate_height_px(corners)
    return DrawnVehicle(index, layer, plate, heading_deg)


def _filled(screen: AnyFloats, lens: Lens) -> Layer | None:
    """Return the convex hull of projected points (n, 3) as a layer without colours."""
    window = bounds(screen, lens.width, lens.height)
    before = screen[:, 2] > 0
    if window is None or np.count_nonzero(before) < 3:
        return None
    corner = np.array([window.x, window.y], np.float32)
    hull = cv2.convexHull((screen[before, :2] - corner).astype(np.float32))
    coverage = np.zeros((window.height, window.width), np.uint8)
    cv2.fillConvexPoly(coverage, np.floor(hull).astype(np.int32), 255)
    return Layer(window, _NO_PICTURE, coverage, 0) if coverage.any() else None


def _is_shown(corners: AnyFloats, lens: Lens) -> bool:
    """Return whether a plate's middle is in the picture and it covers a few pixels."""
    x, y = corners.mean(axis=0)
    return bool(0 <= x < lens.width and 0 <= y < lens.height and cv2.contourArea(corners) >= _LEAST_PLATE_AREA)


@lru_cache(maxsize=1)
def _directions() -> AnyFloats:
    """Return evenly spread directions (n, 3): a spiral on the sphere."""
    number = np.arange(_DIRECTIONS) + 0.5
    height, turn = 1 - 2 * number / _DIRECTIONS, np.pi * (1 + 5**0.5) * number
    flat = np.sqrt(1 - height**2)
    directions: AnyFloats = np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1).astype(np.float32)
    return directions
