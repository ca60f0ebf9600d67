"""Model a camera's sensor: exposure, white balance, tone curve, sharpness, noise, and shake by the wind."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.arrays import AnyFloats
from reid.vehicle import Image

_STEPS = 4096
_BRIGHTEST = 4.0
_TILE_MARGIN = 64
_CONTRAST = 0.05
_SWINGS_HZ = (0.37, 0.83, 1.9)


@dataclass(frozen=True, slots=True)
class Sensor:
    """A camera's sensor: `noise` is its spread in 8-bit steps; lens blur and shake are in pixels.

    The shutter is open for `shutter_s`; 0 freezes what moves.
    """

    exposure: float
    balance: AnyFloats
    saturation: float
    noise: float
    softness_px: float
    sharpening: float
    shake_px: float
    shutter_s: float


def draw_sensor(seed: int, exposure: float, *, dark: bool, shakes: bool = False, shutter_s: float = 0.0) -> Sensor:
    """Draw a camera's sensor; in the dark its gain adds noise."""
    rng = np.random.default_rng([seed, 91])
    return Sensor(
        exposure * float(rng.uniform(0.94, 1.07)),
        (1 + rng.normal(0, 0.013, 3)).astype(np.float32),
        float(rng.uniform(0.90, 1.08)),
        float(rng.uniform(0.8, 2.6)) + (3.0 if dark else 0.0),
        float(rng.uniform(0.5, 0.8)),
        float(rng.uniform(0.3, 0.9)),
        float(rng.choice([0.4, 0.8, 1.2])) if shakes else 0.0,
        shutter_s,
    )


def develop(light: AnyFloats, sensor: Sensor) -> Image:
    """Return linear RGB (..., 3) as 8-bit sRGB with a soft shoulder for highlights."""
    grey = np.array([[0.3], [0.59], [0.11]]) * np.ones(3)
    mixing = (grey + (np.eye(3) - grey) * sensor.saturation) * sensor.balance * sensor.exposure
    steps = light @ (mixing * _STEPS / _BRIGHTEST).astype(np.float32)
    np.clip(steps, 0, _STEPS - 1, out=steps)
    return np.take(_CURVE, steps.astype(np.uint16))


def focus(picture: Image, sensor: Sensor) -> Image:
    """Return a picture blurred by the lens, then sharpened by the camera."""
    soft = cv2.GaussianBlur(picture, (5, 5), max(sensor.softness_px, 0.3))
    softer = cv2.GaussianBlur(soft, (5, 5), 1.2)
    return np.asarray(cv2.addWeighted(soft, 1 + sensor.sharpening, softer, -sensor.sharpening, 0), np.uint8)


def _curve() -> Image:
    """Return the 8-bit value of each step of light: sRGB with a soft shoulder and the contrast that cameras add."""
    light = (np.arange(_STEPS) + 0.5) / _STEPS * _BRIGHTEST
    grey = (light * (1 + light * 0.06) / (1 + light * 0.35)) ** (1 / 2.2)
    grey = np.where(grey < 1, grey - _CONTRAST * np.sin(2 * np.pi * np.minimum(grey, 1)), grey)
    curve: Image = np.clip(np.round(grey * 255), 0, 255).astype(np.uint8)
    return curve


_CURVE = _curve()


class Grain:
    """Adds a sensor's noise to 8-bit frames: one large tile, cut elsewhere for each frame."""

    def __init__(self, sensor: Sensor, width: int, height: int, seed: int) -> None:
        rng = np.random.default_rng([seed, 92])
        shape = (height + _TILE_MARGIN, width + _TILE_MARGIN)
        grey = rng.standard_normal(shape, dtype=np.float32)
        colour = rng.standard_normal((*shape, 3), dtype=np.float32)
        tile = (cv2.GaussianBlur(grey, (0, 0), 0.6)[..., None] * 1.5 + colour * 0.5) * np.float32(sensor.noise)
        self._above = np.clip(tile, 0, 255).astype(np.uint8)
        self._below = np.clip(-tile, 0, 255).astype(np.uint8)
        self._seed = seed

    def add(self, frame: Image, number: int, corner: tuple[int, int] = (0, 0)) -> None:
        """Add the noise of frame `number`, or of its part from this (x, y) corner; changes the frame."""
        moved = np.random.default_rng([self._seed, 93, number]).integers(0, _TILE_MARGIN, 2)
        down, right = int(moved[0]) + corner[1], int(moved[1]) + corner[0]
        part = (slice(down, down + frame.shape[0]), slice(right, right + frame.shape[1]))
        cv2.add(frame, self._above[part], dst=frame)
        cv2.subtract(frame, self._below[part], dst=frame)


def sway(seed: int, strength_px: float, time_s: float) -> tuple[float, float]:
    """Return the shift of the picture by the wind, right and down in pixels; `strength_px` is its spread."""
    if not strength_px:
        return 0.0, 0.0
    phases = np.random.default_rng([seed, 94]).uniform(0, 2 * np.pi, (2, len(_SWINGS_HZ)))
    swings = np.sin(2 * np.pi * np.array(_SWINGS_HZ) * time_s + phases).sum(axis=1)
    right, down = swings * strength_px * np.sqrt(2 / len(_SWINGS_HZ)) * (0.8, 0.6)
    return float(right), float(down)


def shifted_view(picture: Image, right_px: float, down_px: float, margin_px: int, *, smooth: bool = True) -> Image:
    """Return a picture without its margin, shifted by parts of a pixel, or by whole ones unless `smooth`."""
    height, width = picture.shape[0] - 2 * margin_px, picture.shape[1] - 2 * margin_px
    if not smooth or not (right_px or down_px):
        y, x = margin_px - round(down_px), margin_px - round(right_px)
        return picture[y : y + height, x : x + width]
    move = np.array([[1, 0, right_px - margin_px], [0, 1, down_px - margin_px]], np.float32)
    return np.asarray(cv2.warpAffine(picture, move, (width, height), flags=cv2.INTER_LINEAR), np.uint8)
