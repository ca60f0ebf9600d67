"""Describe the light of a weather and hour: sun, sky, haze and wetness, and the environment map for reflections."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats
from reid.errors import SeeingError

MIRROR_SIZE_PX = 64
"""Side of each half (sky, ground) of the environment map."""

DAY_WEATHERS = ("sun", "cloud", "low sun")


@dataclass(frozen=True, slots=True)
class Light:
    """Linear RGB light of one place and hour. `sun` shines along -`sun_direction`; `haze_per_m` dims with distance.

    `shutter_s` is the exposure time for this light. Shadows are no longer than of a sun whose height has the sine
    `lowest_sun`.
    """

    weather: str
    sun_direction: AnyFloats
    sun: AnyFloats
    ambient: AnyFloats
    sky_low: AnyFloats
    sky_high: AnyFloats
    haze: AnyFloats
    haze_per_m: float
    exposure: float
    shutter_s: float
    lamps_lit: bool
    wetness: float
    rain: float
    lowest_sun: float = 0.16

    @property
    def ground_share(self) -> float:
        """Return the brightness of shaded ground as a share of sunlit ground."""
        full = self.ambient + self.sun * max(float(self.sun_direction[2]), 0.05)
        return float((self.ambient / full).mean())

    def clear_share(self, distance_m: AnyFloats | float) -> AnyFloats:
        """Return the share of light that passes the haze over a distance."""
        return np.asarray(np.exp(-self.haze_per_m * np.asarray(distance_m, np.float32)), np.float32)


@dataclass(frozen=True, slots=True)
class Weather:
    """A kind of weather, from which lights are drawn: sun height in degrees, colours in linear RGB.

    `wet_share` is the share of hours with a road still wet from earlier rain.
    """

    sun_height_deg: tuple[float, float]
    sun: tuple[float, float, float]
    ambient: tuple[float, float, float]
    sky_low: tuple[float, float, float]
    sky_high: tuple[float, float, float]
    shutter_s: tuple[float, float]
    haze_per_m: float = 0.0012
    exposure: float = 1.0
    lamps_lit: bool = False
    wetness: float = 0.0
    wet_share: float = 0.0
    rain: float = 0.0
    lowest_sun: float = 0.16


WEATHERS = {
    "sun": Weather((28, 62), (1.30, 1.20, 1.04), (0.40, 0.46, 0.55), (0.78, 0.85, 0.92), (0.26, 0.44, 0.78),
    (1 / 1000, 1 / 400), exposure=1.05),
    "cloud": Weather((40, 65), (0.16, 0.16, 0.16), (0.78, 0.80, 0.82), (0.86, 0.87, 0.88), (0.70, 0.72, 0.75),
    (1 / 400, 1 / 150), exposure=1.32),
    "low sun": Weather((9, 18), (1.25, 0.92, 0.58), (0.40, 0.43, 0.52), (1.05, 0.85, 0.62), (0.34, 0.44, 0.66),
    (1 / 500, 1 / 200), exposure=1.2),
    "dusk": Weather(
        (30, 50), (0.10, 0.08, 0.08), (0.34, 0.35, 0.44), (0.62, 0.50, 0.48), (0.26, 0.30, 0.44),
        (1 / 100, 1 / 40), exposure=1.5, lamps_lit=True, wet_share=0.2,
    ),
    "night": Weather(
        (70, 85), (0.16, 0.115, 0.06), (0.060, 0.052, 0.046), (0.05, 0.045, 0.05), (0.012, 0.013, 0.022),
        (1 / 50, 1 / 25), exposure=2.6, lamps_lit=True, wet_share=0.3,
    ),
    "rain": Weather(
        (40, 65), (0.06, 0.06, 0.06), (0.52, 0.55, 0.58), (0.62, 0.65, 0.68), (0.50, 0.53, 0.57),
        (1 / 150, 1 / 60), haze_per_m=0.0028, exposure=1.45, lamps_lit=True, wetness=1.0, rain=1.0,
    ),
    "fog": Weather(
        (40, 65), (0.04, 0.04, 0.04), (0.66, 0.68, 0.70), (0.74, 0.75, 0.76), (0.70, 0.71, 0.73),
        (1 / 200, 1 / 80), haze_per_m=0.020, exposure=1.25, lamps_lit=True, wetness=0.3,
    ),
}  # fmt: skip


def make_light(seed: int, weather: str, kinds: Mapping[str, Weather] = WEATHERS) -> Light:
    """Draw the light of one place and hour, in a weather of `kinds`."""
    if weather not in kinds:
        raise SeeingError(f"weather {weather!r} is not known: choose one of {', '.join(kinds)}")
    kind, rng = kinds[weather], np.random.default_rng([seed, 11])
    height, around = np.radians(rng.uniform(*kind.sun_height_deg)), rng.uniform(0, 2 * np.pi)
    direction = [np.cos(around) * np.cos(height), np.sin(around) * np.cos(height), np.sin(height)]
    sun, sky = rng.uniform(0.88, 1.12), rng.uniform(0.92, 1.08)
    low, high = _rgb(kind.sky_low, sky), _rgb(kind.sky_high, sky)
    haze_per_m, rain = kind.haze_per_m * rng.uniform(0.7, 1.3), kind.rain * rng.uniform(0.5, 1.0)
    shutter_s = float(rng.uniform(*kind.shutter_s))
    wetness = 1.0 if rng.random() < kind.wet_share else kind.wetness
    return Light(
        weather, np.array(direction, np.float32), _rgb(kind.sun, sun), _rgb(kind.ambient, sky), low, high,
        haze=low * np.float32(0.8) + high * np.float32(0.15), haze_per_m=haze_per_m, exposure=kind.exposure,
        shutter_s=shutter_s, lamps_lit=kind.lamps_lit, wetness=wetness, rain=rain,
        lowest_sun=kind.lowest_sun,
    )  # fmt: skip


def sky_colour(light: Light, directions: AnyFloats) -> AnyFloats:
    """Return the linear RGB of the sky in (..., 3) unit directions."""
    rise = np.clip(directions[..., 2:], 0, 1) ** np.float32(0.6)
    colour: AnyFloats = light.sky_low * (1 - rise) + light.sky_high * rise
    return colour


def environment_map(light: Light, seed: int) -> AnyFloats:
    """Return the environment map (2 * MIRROR_SIZE_PX, MIRROR_SIZE_PX, 3): the sky half above the ground half.

    It is octahedral: a direction (x, y, z) lies at (x, y) / (|x| + |y| + |z|) of its half, which needs no trigonometry.
    """
    rng = np.random.default_rng([seed, 12])
    side = (np.arange(MIRROR_SIZE_PX, dtype=np.float32) + 0.5) / MIRROR_SIZE_PX * 2 - 1
    x, y = np.meshgrid(side, side)
    z = np.maximum(1 - np.abs(x) - np.abs(y), 0)
    directions = np.stack([x, y, z], axis=2)
    directions /= np.linalg.norm(directions, axis=2, keepdims=True) + 1e-6
    sky = sky_colour(light, directions)
    around = ((np.arctan2(y, x) / (2 * np.pi) + 0.5) * 40).astype(int) % 40
    roofline = rng.uniform(0.04, 0.34, 40)[around]
    walls = light.ambient * rng.uniform(0.2, 0.65, 40)[around][..., None]
    sky = np.where((directions[..., 2] < roofline)[..., None], walls, sky)
    asphalt = light.ambient * 0.16 + light.sun * 0.15 * max(float(light.sun_direction[2]), 0.05)
    ground = np.broadcast_to(asphalt * (1 + 1.2 * light.wetness), sky.shape)
    return np.concatenate([sky, ground]).astype(np.float32)


def _rgb(colour: tuple[float, float, float], gain: float) -> AnyFloats:
    """Return a colour as a float32 array, made brighter by `gain`."""
    return np.array(colour, np.float32) * np.float32(gain)
