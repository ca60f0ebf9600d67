"""Draw the shadows of vehicles and the beams of their headlamps on the ground."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import AnyFloats
from reid.render.light.lens import Lens
from reid.render.light.weather import Light
from reid.render.mesh import turning
from reid.render.vehicles.assembly import Solid
from reid.render.vehicles.layers import window_around
from reid.vehicle import Image

_CONTACT = 0.62
_FARTHEST_PX = 6000
_PIECES = 8
_BEAM_M = (1.5, 16.0)
_BEAM = (np.arange(256) * np.array([[0.13], [0.12], [0.10]], np.float32)).astype(np.uint8)
"""Red, green and blue for each share of the beam, (3, 256)."""


def cast_shadow(picture: Image, solid: Solid, x_m: float, y_m: float, yaw_rad: float, lens: Lens, light: Light) -> None:
    """Darken the ground under and beside a solid; changes the picture."""
    turn, shift = turning(yaw_rad), np.array([x_m, y_m, 0], np.float32)
    slope = light.sun_direction / max(float(light.sun_direction[2]), light.lowest_sun)
    sun_hulls = []
    for hull in solid.hulls:
        points = hull @ turn.T + shift
        sun_hulls.append(points - slope * points[:, 2:])
    length, width = solid.length_m / 2 * 0.98, solid.width_m / 2 * 0.92
    corners = np.array([(-length, -width, 0), (length, -width, 0), (length, width, 0), (-length, width, 0)], np.float32)
    footprint = corners @ turn.T + shift
    px_per_m = lens.focal_px / max(float(np.linalg.norm(shift - lens.eye)), 1.0)
    _darken(picture, sun_hulls, lens, light.ground_share, 0.05 * px_per_m)
    _darken(picture, [footprint * np.array([1, 1, 0])], lens, 1 - _CONTACT, 0.16 * px_per_m)


def cast_headlamp_beam(
    picture: Image, solid: Solid, x_m: float, y_m: float, yaw_rad: float, lens: Lens, light: Light
) -> None:
    """Light the ground before a vehicle's headlamps; changes the picture."""
    near, far = solid.length_m / 2 + _BEAM_M[0], solid.length_m / 2 + _BEAM_M[1]
    shape = np.array([(near, -0.9), (far * 0.7, -2.3), (far, -1.5), (far, 1.5), (far * 0.7, 2.3), (near, 0.9)])
    places = np.concatenate([shape, np.zeros((len(shape), 1))], axis=1) @ turning(yaw_rad).T + np.array([x_m, y_m, 0])
    found = _mask([places], lens, 0.7 * lens.focal_px / max(float(np.linalg.norm(places.mean(axis=0) - lens.eye)), 1.0))
    if found is None:
        return
    rows, columns, mask = found
    part = picture[rows, columns]
    beam, glare = (cv2.merge([cv2.LUT(mask, table) for table in tables]) for tables in (_BEAM, _BEAM // 4))
    lit = cv2.multiply(part, beam, scale=1 / 40)
    part[:] = cv2.add(cv2.add(part, lit), glare)


def _darken(picture: Image, hulls: Sequence[AnyFloats], lens: Lens, light_left: float, blur_px: float) -> None:
    """Darken the ground hulls of a picture to a share of their light."""
    if light_left > 0.97:
        return
    found = _mask(hulls, lens, blur_px)
    if found is None:
        return
    rows, columns, mask = found
    left_8bit = max(light_left, 0.0) ** (1 / 2.2)
    table = np.round(255 - np.arange(256) * (1 - left_8bit)).astype(np.uint8)
    share = cv2.LUT(mask, table)
    part = picture[rows, columns]
    part[:] = cv2.multiply(part, cv2.merge([share, share, share]), scale=1 / 255)


def _mask(hulls: Sequence[AnyFloats], lens: Lens, blur_px: float) -> tuple[slice, slice, npt.NDArray[np.uint8]] | None:
    """Return the soft-edged mask (0..255) of convex hulls of ground points, and its rows and columns in the picture."""
    outlines = [outline for hull in hulls if (outline := _outline(hull, lens)) is not None]
    if not outlines:
        return None
    margin = max(2, int(3.2 * blur_px) + 1)
    window = window_around(np.concatenate(outlines), lens.width, lens.height)
    if window is None:
        return None
    x0, y0 = max(0, window.x - margin), max(0, window.y - margin)
    x1, y1 = min(lens.width, window.x + window.width + margin), min(lens.height, window.y + window.height + margin)
    coarse = max(1, int(blur_px / 2))
    mask = np.zeros((-(-(y1 - y0) // coarse), -(-(x1 - x0) // coarse)), np.uint8)
    for outline in outlines:
        places = (outline - (x0, y0)) / coarse - 0.5
        cv2.fillPoly(mask, [np.round(places * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, blur_px / coarse))
    if coarse > 1:
        soft = cv2.resize(soft, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    return slice(y0, y1), slice(x0, x1), np.asarray(soft, np.uint8)


def _outline(hull: AnyFloats, lens: Lens) -> AnyFloats | None:
    """Return the outline (n, 2) in the picture of the convex hull of ground points, bent by the lens.

    None if fewer than three of them are before the camera.
    """
    screen = lens.project_straight(hull)
    before = screen[screen[:, 2] > 0, :2]
    if len(before) < 3:
        return None
    rim = np.asarray(cv2.convexHull(np.clip(before, -_FARTHEST_PX, _FARTHEST_PX)), np.float32)[:, 0]
    if lens.barrel:
        share = (np.arange(_PIECES, dtype=np.float32) / np.float32(_PIECES))[:, None]
        pieces = rim[:, None] * (1 - share) + np.roll(rim, -1, axis=0)[:, None] * share
        return lens.bent(pieces.reshape(-1, 2))
    return rim
