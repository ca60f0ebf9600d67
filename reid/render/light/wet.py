"""Mirror vehicles and their lamps in a wet road: what a camera under the ground would see, dimmed and drawn out."""

from dataclasses import replace

import cv2
import numpy as np

from reid.render.light.lens import Lens
from reid.render.light.sensor import Picture, Sensor
from reid.render.light.shading import Scenery, Surface
from reid.render.mesh import Mesh
from reid.render.vehicles.layers import Layer, draw_layer, widened

_LEAST_WETNESS = 0.5
"""Less than this only darkens a road."""
_COARSE = 4
"""It is spread so far that it is enough to draw every fourth pixel of it."""
_SPREAD_M = (0.04, 0.22)
"""How far a rough road spreads what it mirrors, across and down."""
_HIDES = 0.8
"""How much of the sky's mirror image gives way to that of a vehicle."""


def mirrors(wetness: float) -> bool:
    """Return whether a road is wet enough to mirror what stands on it."""
    return wetness >= _LEAST_WETNESS


def mirrored_share(lens: Lens, x_m: float, y_m: float) -> float:
    """Return which share of the 8-bit light of a thing wet ground mirrors: more, the flatter it is looked at."""
    away = float(np.hypot(x_m - lens.eye[0], y_m - lens.eye[1]))
    steepness = float(lens.eye[2]) / float(np.hypot(away, lens.eye[2]))
    return float((0.02 + 0.98 * (1 - steepness) ** 5) ** (1 / 2.2)) * 0.75


def mirror(picture: Picture, mesh: Mesh, surface: Surface, lens: Lens, scenery: Scenery, sensor: Sensor) -> None:
    """Lay the mirror image of a mesh that stands in the world on the ground; changes the picture."""
    under = lens.under_ground()
    seen_from_below = replace(mesh, faces=mesh.faces[:, ::-1])
    layer = draw_layer(seen_from_below, surface, under, replace(scenery, eye=under.eye), sensor, scale=1 / _COARSE)
    if layer is None:
        return
    middle = mesh.points.mean(axis=0)
    px_per_m = lens.focal_px / max(float(np.linalg.norm(middle - lens.eye)), 1.0)
    share = mirrored_share(lens, float(middle[0]), float(middle[1])) * scenery.light.wetness
    _lay(picture, layer, (_SPREAD_M[0] * px_per_m, _SPREAD_M[1] * px_per_m), share)


def _lay(picture: Picture, layer: Layer, spread_px: tuple[float, float], share: float) -> None:
    """Add a share of a layer's light to a picture, spread out across and down; changes the picture."""
    wide = widened(layer, int(2 * max(spread_px)) + 1, picture.shape[1], picture.shape[0])
    size = (wide.window.width, wide.window.height)
    across, down = (max(spread / _COARSE, 0.4) for spread in spread_px)
    coarse = [max(1, round(side / _COARSE)) for side in size]
    small = [cv2.resize(part, coarse) for part in (wide.rgb, wide.coverage)]
    rgb, coverage = (cv2.resize(cv2.GaussianBlur(part, (0, 0), sigmaX=across, sigmaY=down), size) for part in small)
    left = cv2.convertScaleAbs(coverage, alpha=-_HIDES * share, beta=255)
    part = picture[wide.window.slices]
    behind = cv2.multiply(part, cv2.merge([left, left, left]), scale=1 / 255)
    part[:] = cv2.addWeighted(behind, 1.0, rgb, share, 0)
