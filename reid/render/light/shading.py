"""Shade the visible pixels of a mesh: diffuse light, reflections, sun glints and lit lamps.

Light, reflected direction and Fresnel share are computed at the vertices and interpolated; the atlas, the environment
map and the highlights are looked up for each pixel (deferred shading).
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import AnyFloats
from reid.render.light.weather import MIRROR_SIZE_PX, Light
from reid.render.mesh import Mesh
from reid.render.rasteriser import Cover
from reid.vehicle import Image

_LINEAR = (np.arange(256, dtype=np.float32) / 255) ** np.float32(2.2)
_LOOKUP_WIDTH = 256


@dataclass(frozen=True, slots=True)
class Texture:
    """A mipmapped atlas, RGB and gloss (h, w, 4), and the lamp number (h, w) of each texel of the first level."""

    levels: tuple[Image, ...]
    lamps: Image
    px_per_m: float
    fine_px_per_m: float

    def level(self, px_per_m: float, *, fine: bool = False) -> int:
        """Return the mipmap level for a scale in pixels per metre."""
        ratio = (self.fine_px_per_m if fine else self.px_per_m) / max(px_per_m, 1e-3)
        return int(np.clip(round(np.log2(max(ratio, 0.5))), 0, len(self.levels) - 1))


@dataclass(frozen=True, slots=True)
class Scenery:
    """What lights a mesh besides its own lamps: the light, the environment map and the eye."""

    light: Light
    mirrored: AnyFloats
    eye: AnyFloats


# Reflected share seen from straight in front, by gloss: matt, paint, glass, chrome.
_MIRRORED_SHARE = np.interp(np.arange(256), [0, 30, 110, 200, 255], [0, 0.008, 0.042, 0.060, 0.6]).astype(np.float32)
_EDGE_SHARE = np.interp(np.arange(256), [0, 30, 110, 200, 255], [0, 0.10, 0.65, 0.85, 0.4]).astype(np.float32)
_GLINT = np.interp(np.arange(256), [0, 60, 110, 200, 255], [0, 0.0, 0.6, 1.3, 2.0]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Surface:
    """The texture of a mesh: faces from `fine_from` on (plates) lie on finer parts of the atlas.

    `glow` (LAMP_COUNT, 3) is the light each lamp number gives, None when all are dark.
    """

    texture: Texture
    fine_from: int
    glow: AnyFloats | None = None


def shade(mesh: Mesh, cover: Cover, surface: Surface, scenery: Scenery, px_per_m: float) -> AnyFloats:
    """Return the linear RGB (n, 3) of the visible pixels of a mesh, drawn at `px_per_m`."""
    spread = _spread(_at_vertices(mesh, scenery), mesh, cover)
    matt, mirrored, edge, glint, uv = spread[:3], spread[3:6], spread[6], spread[7], spread[8:]
    texels = _texels(surface, cover, uv.T, px_per_m)
    gloss = texels[:, 3]
    share = np.take(_MIRRORED_SHARE, gloss) + np.take(_EDGE_SHARE, gloss) * edge
    lit: AnyFloats = np.take(_LINEAR, texels[:, :3].T)
    lit *= matt
    lit *= 1 - share
    lit += _mirror(scenery.mirrored, mirrored).T * share
    lit += (np.take(_GLINT, gloss) * glint) * scenery.light.sun[:, None]
    if surface.glow is not None:
        lamps = surface.texture.lamps
        rows = np.clip(uv[1].astype(np.int32), 0, lamps.shape[0] - 1)
        columns = np.clip(uv[0].astype(np.int32), 0, lamps.shape[1] - 1)
        lit += surface.glow[lamps[rows, columns]].T
    return lit.T


def _texels(surface: Surface, cover: Cover, uv: AnyFloats, px_per_m: float) -> Image:
    """Return the atlas' RGB and gloss (n, 4), each from the mipmap level that fits."""
    texture = surface.texture
    level = texture.level(px_per_m)
    texels = _look_up(texture.levels[level], uv / 2**level - 0.5)
    fine = np.flatnonzero(cover.faces >= surface.fine_from)
    if fine.size:
        level = texture.level(px_per_m, fine=True)
        texels[fine] = _look_up(texture.levels[level], uv[fine] / 2**level - 0.5)
    return texels


def _at_vertices(mesh: Mesh, scenery: Scenery) -> AnyFloats:
    """Return (v, 10) of each vertex: diffuse light RGB, reflected direction, edge share, glint and uv."""
    light, normals = scenery.light, mesh.normals
    view = scenery.eye - mesh.points
    view = view / np.linalg.norm(view, axis=1, keepdims=True)
    towards = np.clip((normals * view).sum(axis=1, keepdims=True), 0.02, 1)
    mirrored = 2 * towards * normals - view
    sunlit = np.clip(normals @ light.sun_direction, 0, 1)[:, None]
    upward = 0.5 + 0.5 * normals[:, 2:]
    bounce = (1 - upward) * 0.30
    open_sky = np.clip(0.35 + mesh.points[:, 2:] * 0.8, 0, 1)
    matt = light.sun * sunlit + light.ambient * (0.12 + 0.88 * upward + bounce) * open_sky
    edge = (1 - towards) ** 5
    glint = np.clip(mirrored @ light.sun_direction, 0, 1)[:, None] ** 40
    return np.concatenate([matt, mirrored, edge, glint, mesh.uv], axis=1).astype(np.float32)


def _spread(values: AnyFloats, mesh: Mesh, cover: Cover) -> AnyFloats:
    """Interpolate vertex values (v, k) over the visible pixels (k, n)."""
    corners = np.ascontiguousarray(mesh.faces[cover.faces].T)
    spread = np.empty((values.shape[1], len(cover.faces)), np.float32)
    share = np.empty(len(cover.faces), np.float32)
    for own, found in zip(np.ascontiguousarray(values.T), spread, strict=True):
        np.take(own, corners[0], out=found, mode="clip")
        found *= cover.weights[0]
        for corner in (1, 2):
            np.take(own, corners[corner], out=share, mode="clip")
            share *= cover.weights[corner]
            found += share
    return spread


def _mirror(surroundings: AnyFloats, directions: AnyFloats) -> AnyFloats:
    """Look up the environment map in directions (3, n), which need no unit length."""
    half = MIRROR_SIZE_PX / 2
    x, y, z = directions
    scale = np.float32(half) / (np.abs(x) + np.abs(y) + np.abs(z) + np.float32(1e-6))
    x = x * scale + np.float32(half - 0.5)
    y = y * scale + np.where(z < 0, np.float32(half - 0.5 + MIRROR_SIZE_PX), np.float32(half - 0.5))
    return _look_up(surroundings, np.stack([x, y], axis=1))


def _look_up(picture: npt.NDArray[Any], at: AnyFloats) -> npt.NDArray[Any]:
    """Return interpolated picture values (n, channels) at (n, 2) x, y; OpenCV needs a two-dimensional map."""
    count = len(at)
    rows = -(-count // _LOOKUP_WIDTH)
    places = np.zeros((rows * _LOOKUP_WIDTH, 2), np.float32)
    places[:count] = at
    x, y = (places[:, axis].reshape(rows, _LOOKUP_WIDTH) for axis in (0, 1))
    found = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found).reshape(rows * _LOOKUP_WIDTH, -1)[:count]
