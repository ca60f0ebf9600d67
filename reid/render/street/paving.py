"""Paint the ground of a street: asphalt with its wear, markings, kerbs, pavements and verges."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats
from reid.render import noise
from reid.render.light.weather import Light, sky_colour
from reid.render.street.street import Street

_GRASS, _SLABS, _EARTH = (0.10, 0.15, 0.05), (0.33, 0.32, 0.30), (0.24, 0.20, 0.15)
_KERB = (0.40, 0.39, 0.37)
_SNOW = (0.74, 0.78, 0.84)
_KERBSTONE_M = 1.0


@dataclass(frozen=True, slots=True)
class Ground:
    """The appearance of one street's ground, in linear light.

    The kerb's stones alternate between its colours; with `joint_m` the road is of slabs that long, without lane lines.
    `snow` is the share of light that lying snow covers beside the tyre tracks.
    """

    asphalt: float
    marking: float
    pavement_m: float
    verge: tuple[float, float, float]
    dash_m: float
    patches: AnyFloats
    yellow: bool
    tone: tuple[float, float, float] = (1.0, 1.0, 1.03)
    slabs: tuple[float, float, float] = _SLABS
    kerb: tuple[tuple[float, float, float], ...] = (_KERB,)
    joint_m: float = 0.0
    snow: float = 0.0


def draw_ground(seed: int) -> Ground:
    """Draw the appearance of a street's ground."""
    rng = np.random.default_rng([seed, 83])
    verges = (_GRASS, _GRASS, _GRASS, _SLABS, _EARTH)
    patches = np.stack(
        [rng.uniform(-30, 60, 14), rng.uniform(-8, 8, 14), rng.uniform(0.6, 5, 14), rng.uniform(0.4, 1.6, 14)], axis=1
    )
    return Ground(
        float(rng.uniform(0.13, 0.27)), float(rng.uniform(0.45, 0.75)), float(rng.uniform(1.8, 4.0)),
        verges[int(rng.integers(len(verges)))], float(rng.uniform(2.0, 4.0)), patches, bool(rng.random() < 0.3),
    )  # fmt: skip


def albedo(ground: Ground, street: Street, x: AnyFloats, y: AnyFloats, distance: AnyFloats) -> AnyFloats:
    """Return the colour (h, w, 3) of the ground at x and y; fine grain fades with distance."""
    near = np.clip(1 - distance / 45, 0, 1)
    grain = (
        noise.at(x * 41 + 999, y * 41 + 999) * 0.10 * near
        + noise.at(x * 4, y * 9 + 70) * 0.045
        + noise.at(x * 0.9, y * 1.7) * 0.025
    )
    colour = np.full((*x.shape, 3), ground.asphalt, np.float32) * np.array(ground.tone, np.float32)
    colour *= _wear(ground, street, x, y)[..., None] * (1 + grain[..., None])
    marks = _markings(ground, street, x, y, distance) * (0.82 + 0.25 * noise.at(x * 23, y * 23)) * 0.95
    paint = np.array([0.62, 0.46, 0.10] if ground.yellow else [1, 1, 1], np.float32) * np.float32(ground.marking)
    colour += (paint - colour) * np.clip(marks, 0, 1)[..., None]
    colour = _beside_road(colour, ground, street, x, y, near)
    return (_snowed(colour, ground, street, x, y) if ground.snow else colour).astype(np.float32)


def lit_ground(colour: AnyFloats, light: Light, rays: AnyFloats, distance: AnyFloats) -> AnyFloats:
    """Return lit ground of a colour; wet ground mirrors the sky at shallow angles."""
    lit = (
        colour
        * (1 - 0.58 * light.wetness)
        * (light.ambient * 0.95 + light.sun * max(float(light.sun_direction[2]), 0.05))
    )
    if light.wetness:
        up = rays * np.array([1, 1, -1], np.float32)
        shallow = (1 - np.clip(up[..., 2:], 0, 1)) ** 5
        lit = lit + sky_colour(light, up) * shallow * np.float32(0.55 * light.wetness)
    clear = light.clear_share(np.minimum(distance, 2000))[..., None]
    veiled: AnyFloats = lit * clear + light.haze * (1 - clear)
    return veiled


def _wear(ground: Ground, street: Street, x: AnyFloats, y: AnyFloats) -> AnyFloats:
    """Return how dark the asphalt is: tyre tracks, patches and seams."""
    across = np.abs(np.mod(np.abs(y) - 0.0, street.lane_width_m) - street.lane_width_m / 2)
    worn = 1 - 0.07 * np.exp(-(((across - 0.78) / 0.28) ** 2)) - 0.05 * np.exp(-((across / 0.3) ** 2))
    for px, py, length, width in ground.patches:
        inside = (np.abs(x - px) < length) & (np.abs(y - py) < width)
        worn = worn * np.where(inside, 0.86 + 0.2 * (length - int(length)), 1.0)
    seam = np.abs(noise.at(x * 2.2 + 31, y * 2.2 + 77)) < 0.035
    worn = np.where(seam, worn * 0.75, worn)
    if ground.joint_m:
        worn = np.where((np.mod(x, ground.joint_m) < 0.06) | (np.abs(y) < 0.03), worn * 0.7, worn)
    return worn


def _snowed(colour: AnyFloats, ground: Ground, street: Street, x: AnyFloats, y: AnyFloats) -> AnyFloats:
    """Return the colour under snow, which tyres have thinned."""
    across = np.abs(np.mod(np.abs(y), street.lane_width_m) - street.lane_width_m / 2)
    tracks = np.exp(-(((across - 0.78) / 0.30) ** 2)) * (np.abs(y) < street.half_width_m - 0.4)
    patchy = np.clip(1.0 + 0.5 * noise.at(x * 0.8 + 13, y * 1.3) + 0.3 * noise.at(x * 7, y * 7), 0, 1)
    share = (ground.snow * patchy * (1 - 0.72 * tracks))[..., None]
    snow = np.array(_SNOW, np.float32) * (1 + 0.05 * noise.at(x * 13 + 40, y * 13))[..., None]
    covered: AnyFloats = colour + (snow - colour) * share
    return covered


def _markings(ground: Ground, street: Street, x: AnyFloats, y: AnyFloats, distance: AnyFloats) -> AnyFloats:
    """Return which share of each place is painted."""
    half = 0.07 + distance * 0.0006
    edge = np.abs(np.abs(y) - street.half_width_m + 0.35) < half
    dashed = np.mod(x, ground.dash_m * 2.2) < ground.dash_m
    middle = np.abs(y) < half if not ground.yellow else np.abs(np.abs(y) - 0.14) < half * 0.8
    lanes = np.zeros_like(middle)
    for lane in range(1, street.lanes_each_way):
        lanes |= (np.abs(np.abs(y) - lane * street.lane_width_m) < half) & dashed
    whole = ground.yellow or street.lanes_each_way > 1
    if ground.joint_m:
        return edge.astype(np.float32)
    return (edge | lanes | (middle & (dashed | whole))).astype(np.float32)


def _beside_road(
    colour: AnyFloats, ground: Ground, street: Street, x: AnyFloats, y: AnyFloats, near: AnyFloats
) -> AnyFloats:
    """Return the colour with kerbs, pavements and verges beside the road."""
    off = np.abs(y) - street.half_width_m
    joints = (np.mod(x, 0.9) < 0.05) | (np.mod(y, 0.9) < 0.05)
    slabs = (
        np.array(ground.slabs, np.float32)
        * (1 + 0.10 * noise.at(np.floor(x / 0.9) * 37, np.floor(y / 0.9) * 53))[..., None]
    )
    slabs = (
        slabs * np.where(joints & (near > 0.2), 0.82, 1.0)[..., None] * (1 + 0.06 * noise.at(x * 9, y * 9))[..., None]
    )
    mottle = 1 + (0.22 * noise.at(x * 17 + 5, y * 17) * (0.3 + 0.7 * near) + 0.07 * noise.at(x * 1.3, y * 1.3))
    verge = np.array(ground.verge, np.float32) * mottle[..., None]
    stones = np.array(ground.kerb, np.float32)
    kerb = stones[(x // _KERBSTONE_M).astype(int) % len(stones)] * (1 - 0.4 * ((off > 0) & (off < 0.05)))[..., None]
    colour = np.where((off > 0)[..., None], slabs, colour)
    colour = np.where((off > ground.pavement_m)[..., None], verge, colour)
    return np.where(((off > 0) & (off < 0.18))[..., None], kerb, colour)
