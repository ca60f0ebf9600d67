"""Let lamps glow: what each lamp number gives, and the haloes that bright lamps throw into the lens."""

from functools import lru_cache

import cv2
import numpy as np

from reid.render.light.lens import Lens
from reid.render.light.sensor import Picture
from reid.render.light.weather import Light
from reid.render.mesh import Floats
from reid.render.vehicles.assembly import Lamp
from reid.render.vehicles.canvas import BRAKE, HEAD, LAMP_COUNT, SIGN, TAIL, WINDOW

_HEAD_LIGHT, _TAIL_LIGHT = (255, 246, 222), (210, 34, 22)


def glow(light: Light, *, braking: bool) -> Floats | None:
    """Return the light (LAMP_COUNT, 3) that each lamp number gives, None when none is lit."""
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
    picture: Picture, lamp: Lamp, place: Floats, towards: Floats, lens: Lens, light: Light, *, braking: bool
) -> None:
    """Add the halo of a lamp at `place` that shines along `towards`; changes the picture."""
    view = lens.eye - place
    distance = float(np.linalg.norm(view))
    facing = float(view @ towards) / max(distance, 1e-3)
    if facing < 0.25:
        return
    strength = facing**2 * {HEAD: 1.0, TAIL: 0.5 if braking else 0.22}[lamp.kind]
    radius = lens.focal_px * {HEAD: 0.55, TAIL: 0.30}[lamp.kind] / distance + 4
    x, y, inverse = lens.project(place[None])[0]
    if inverse > 0:
        colour = _HEAD_LIGHT if lamp.kind == HEAD else _TAIL_LIGHT
        dark = 1.0 if light.weather in ("night", "dusk") else 0.5
        _add(picture, _disc(int(np.clip(radius, 4, 160))), round(float(x)), round(float(y)), colour, strength * dark)


@lru_cache(maxsize=160)
def _disc(radius_px: int) -> Floats:
    """Return a round halo with its share of the light 0..1, faint at the rim."""
    side = np.arange(-radius_px, radius_px + 1, dtype=np.float32) / radius_px
    far = np.hypot(side[:, None], side[None])
    shares: Floats = (np.clip(1 - far, 0, 1) ** 2 * 0.35 + np.exp(-((far / 0.22) ** 2)) * 0.65).astype(np.float32)
    return shares


def _add(picture: Picture, disc: Floats, x: int, y: int, colour: tuple[int, int, int], strength: float) -> None:
    """Add a halo around a pixel."""
    radius = disc.shape[0] // 2
    top, left = max(0, y - radius), max(0, x - radius)
    bottom, right = min(picture.shape[0], y + radius + 1), min(picture.shape[1], x + radius + 1)
    if top >= bottom or left >= right:
        return
    cut = disc[top - y + radius : bottom - y + radius, left - x + radius : right - x + radius]
    halo = (cut[..., None] * (np.array(colour, np.float32) * np.float32(strength))).astype(np.uint8)
    part = picture[top:bottom, left:right]
    part[:] = cv2.add(part, halo)
