"""Light of vehicle lamps: the brightness of each lamp number, and the haloes of bright lamps in the lens."""

from functools import lru_cache

import cv2
import numpy as np

from reid.arrays import AnyFloats
from reid.render.light.lens import Lens
from reid.render.light.weather import Light
from reid.render.vehicles.assembly import Lamp
from reid.render.vehicles.canvas import BRAKE, HEAD, LAMP_COUNT, SIGN, TAIL, WINDOW
from reid.vehicle import Image

_COLOUR = {HEAD: (255, 246, 222), TAIL: (210, 34, 22)}
_LARGEST_PX = 160
_STREAK = 0.45
"""Brightness of a lamp's reflection in a wet road, as a share of the lamp's."""


def lamp_light(light: Light, *, braking: bool) -> AnyFloats | None:
    """Return the light (LAMP_COUNT, 3) of each lamp number, None when none is lit."""
    if not (light.lamps_lit or braking):
        return None
    table = np.zeros((LAMP_COUNT, 3), np.float32)
    if light.lamps_lit:
        table[HEAD], table[TAIL], table[SIGN], table[WINDOW] = (
            (2.6, 2.5, 2.2),
            (0.42, 0.02, 0.02),
            (0.7, 0.5, 0.2),
            (0.10, 0.09, 0.06),
        )
        table[BRAKE] = table[TAIL]
    if braking:
        table[BRAKE] = (1.9, 0.16, 0.12)
    return table


def add_halo(
    picture: Image, lamp: Lamp, place: AnyFloats, towards: AnyFloats, lens: Lens, light: Light, *, braking: bool
) -> None:
    """Add the halo of a lamp at `place` that shines along `towards`; changes the picture."""
    halo = _halo(lamp, place, towards, lens, light, braking=braking)
    if halo is not None:
        radius, strength = halo
        _add(picture, _disc(radius, radius), lens.project(place[None])[0], _COLOUR[lamp.kind], strength)


def add_mirrored_halo(
    picture: Image, lamp: Lamp, place: AnyFloats, towards: AnyFloats, lens: Lens, light: Light, *, braking: bool
) -> None:
    """Add the streak of a halo's reflection in a wet road; changes the picture."""
    halo = _halo(lamp, place, towards, lens, light, braking=braking)
    if halo is not None:
        radius, strength = halo
        below = place * np.array([1, 1, -1], np.float32)
        streak = _disc(max(3, round(radius * 0.45)), min(round(radius * 1.6), _LARGEST_PX))
        _add(picture, streak, lens.project(below[None])[0], _COLOUR[lamp.kind], strength * _STREAK * light.wetness)


def _halo(
    lamp: Lamp, place: AnyFloats, towards: AnyFloats, lens: Lens, light: Light, *, braking: bool
) -> tuple[int, float] | None:
    """Return the radius in pixels of a lamp's halo and its strength, None if it shines elsewhere."""
    view = lens.eye - place
    distance = float(np.linalg.norm(view))
    facing = float(view @ towards) / max(distance, 1e-3)
    if facing < 0.25:
        return None
    strength = facing**2 * {HEAD: 1.0, TAIL: 0.5 if braking else 0.22}[lamp.kind]
    radius = lens.focal_px * {HEAD: 0.55, TAIL: 0.30}[lamp.kind] / distance + 4
    dark = 1.0 if light.weather in ("night", "dusk") else 0.5
    return int(np.clip(radius, 4, _LARGEST_PX)), strength * dark


@lru_cache(maxsize=320)
def _disc(across_px: int, down_px: int) -> AnyFloats:
    """Return an oval halo of two radii with its share of the light 0..1, faint at the rim."""
    across, down = (np.arange(-radius, radius + 1, dtype=np.float32) / radius for radius in (across_px, down_px))
    far = np.hypot(down[:, None], across[None])
    shares: AnyFloats = (np.clip(1 - far, 0, 1) ** 2 * 0.35 + np.exp(-((far / 0.22) ** 2)) * 0.65).astype(np.float32)
    return shares


def _add(picture: Image, disc: AnyFloats, screen: AnyFloats, colour: tuple[int, int, int], strength: float) -> None:
    """Add a halo around a place (3,) of the screen: pixel x, pixel y and 1 / depth."""
    if screen[2] <= 0:
        return
    x, y = round(float(screen[0])), round(float(screen[1]))
    down, across = disc.shape[0] // 2, disc.shape[1] // 2
    top, left = max(0, y - down), max(0, x - across)
    bottom, right = min(picture.shape[0], y + down + 1), min(picture.shape[1], x + across + 1)
    if top >= bottom or left >= right:
        return
    cut = disc[top - y + down : bottom - y + down, left - x + across : right - x + across]
    halo = (cut[..., None] * (np.array(colour, np.float32) * np.float32(strength))).astype(np.uint8)
    part = picture[top:bottom, left:right]
    part[:] = cv2.add(part, halo)
