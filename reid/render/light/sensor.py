"""Turn light into what a camera records: exposure, white balance, tone curve, softness and noise."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from reid.render.mesh import Floats

Picture: TypeAlias = npt.NDArray[np.uint8]

_STEPS = 4096
_BRIGHTEST = 4.0
_TILE_MARGIN = 64
_CONTRAST = 0.05


@dataclass(frozen=True, slots=True)
class Sensor:
    """A camera's electronics: `noise` is the grain's spread in 8-bit steps; lens blur and wind shake are in pixels.

    The shutter is open for `shutter_s`; 0 freezes what moves.
    """

    exposure: float
    balance: Floats
    saturation: float
    noise: float
    softness_px: float
    sharpening: float
    shake_px: float
    shutter_s: float


def draw_sensor(seed: int, exposure: float, *, dark: bool, shakes: bool = False, shutter_s: float = 0.0) -> Sensor:
    """Draw a camera's electronics; in the dark the gain makes noise."""
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


def develop(light: Floats, sensor: Sensor) -> Picture:
    """Return linear RGB (..., 3) as 8-bit sRGB with a soft shoulder for what is too bright."""
    grey = np.array([[0.3], [0.59], [0.11]]) * np.ones(3)
    mixing = (grey + (np.eye(3) - grey) * sensor.saturation) * sensor.balance * sensor.exposure
    steps = light @ (mixing * _STEPS / _BRIGHTEST).astype(np.float32)
    np.clip(steps, 0, _STEPS - 1, out=steps)
    return np.take(_CURVE, steps.astype(np.uint16))


def focus(picture: Picture, sensor: Sensor) -> Picture:
    """Return a picture as soft as the lens makes it, then as crisp as the camera makes that."""
    soft = cv2.GaussianBlur(picture, (5, 5), max(sensor.softness_px, 0.3))
    softer = cv2.GaussianBlur(soft, (5, 5), 1.2)
    return np.asarray(cv2.addWeighted(soft, 1 + sensor.sharpening, softer, -sensor.sharpening, 0), np.uint8)


def _curve() -> Picture:
    """Return the 8-bit value of each step of light: sRGB with a soft shoulder and the contrast that cameras add."""
    light = (np.arange(_STEPS) + 0.5) / _STEPS * _BRIGHTEST
    grey = (light * (1 + light * 0.06) / (1 + light * 0.35)) ** (1 / 2.2)
    grey = np.where(grey < 1, grey - _CONTRAST * np.sin(2 * np.pi * np.minimum(grey, 1)), grey)
    curve: Picture = np.clip(np.round(grey * 255), 0, 255).astype(np.uint8)
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

    def add(self, frame: Picture, number: int) -> None:
        """Add its noise to a frame; `number` chooses it; changes the frame."""
        down, right = np.random.default_rng([self._seed, 93, number]).integers(0, _TILE_MARGIN, 2)
        part = (slice(down, down + frame.shape[0]), slice(right, right + frame.shape[1]))
        cv2.add(frame, self._above[part], dst=frame)
        cv2.subtract(frame, self._below[part], dst=frame)
