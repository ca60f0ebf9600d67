"""Draw rain and wet roads: streaks before the camera, and reflections of vehicles on the ground."""

from dataclasses import replace

import cv2
import numpy as np

from reid.render.light.lens import Lens
from reid.render.light.sensor import Sensor
from reid.render.light.shading import Scenery, Surface
from reid.render.mesh import Mesh
from reid.render.vehicles.layers import Layer, draw_layer, widened
from reid.vehicle import Image

_TILES = 4
_LEAST_WETNESS = 0.5
"""Less wetness only darkens a road."""

_COARSE = 4
"""Reflections are drawn at a quarter of the resolution, because they are blurred anyway."""

_SPREAD_M = (0.04, 0.22)
"""Blur of reflections on a rough road, across and down."""

_HIDES = 0.8
"""Share of the sky's reflection that a vehicle's reflection replaces."""


class Rain:
    """Adds falling rain to frames; `strength` 0 adds nothing."""

    def __init__(self, strength: float, width: int, height: int, seed: int) -> None:
        self._seed = seed
        rng = np.random.default_rng([seed, 95])
        self._tiles = [_streaks(strength, width, height, rng) for _ in range(_TILES if strength > 0 else 0)]

    def add(self, frame: Image, number: int, corner: tuple[int, int] = (0, 0)) -> None:
        """Add the rain of frame `number`, or of its part from this (x, y) corner; changes the frame."""
        if self._tiles:
            tile = self._tiles[int(np.random.default_rng([self._seed, 96, number]).integers(len(self._tiles)))]
            x, y = corner
            cv2.add(frame, tile[y : y + frame.shape[0], x : x + frame.shape[1]], dst=frame)


def is_mirroring(wetness: float) -> bool:
    """Return whether a road is wet enough for reflections."""
    return wetness >= _LEAST_WETNESS


def mirrored_share(lens: Lens, x_m: float, y_m: float) -> float:
    """Return the share of an object's 8-bit light that wet ground reflects: more at flatter angles."""
    away = float(np.hypot(x_m - lens.eye[0], y_m - lens.eye[1]))
    steepness = float(lens.eye[2]) / float(np.hypot(away, lens.eye[2]))
    return float((0.02 + 0.98 * (1 - steepness) ** 5) ** (1 / 2.2)) * 0.75


def draw_reflection(picture: Image, mesh: Mesh, surface: Surface, lens: Lens, scenery: Scenery, sensor: Sensor) -> None:
    """Draw the reflection of a mesh on the ground; changes the picture."""
    under = lens.under_ground()
    seen_from_below = replace(mesh, faces=mesh.faces[:, ::-1])
    layer = draw_layer(seen_from_below, surface, under, replace(scenery, eye=under.eye), sensor, scale=1 / _COARSE)
    if layer is None:
        return
    middle = mesh.points.mean(axis=0)
    px_per_m = lens.focal_px / max(float(np.linalg.norm(middle - lens.eye)), 1.0)
    share = mirrored_share(lens, float(middle[0]), float(middle[1])) * scenery.light.wetness
    _lay(picture, layer, (_SPREAD_M[0] * px_per_m, _SPREAD_M[1] * px_per_m), share)


def _streaks(strength: float, width: int, height: int, rng: np.random.Generator) -> Image:
    """Return the light of streaks on black."""
    tile = np.zeros((height, width), np.uint8)
    slant = float(rng.uniform(-0.15, 0.15))
    for _ in range(int(260 * strength)):
        x, y, length = rng.uniform(0, width), rng.uniform(-20, height), rng.uniform(0.012, 0.06) * height
        end = (round(x + slant * length), round(y + length))
        cv2.line(tile, (round(x), round(y)), end, int(rng.integers(14, 46)), 1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(tile, (3, 3), 0.7)
    return np.asarray(cv2.merge([soft, soft, soft]), np.uint8)


def _lay(picture: Image, layer: Layer, spread_px: tuple[float, float], share: float) -> None:
    """Add a share of a layer's light to a picture, blurred across and down; changes the picture."""
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
