"""Let sun, shade and lamps fall on a plate before a camera sees it."""

import cv2
import numpy as np
import numpy.typing as npt

from reid.vehicle import Image

Floats = npt.NDArray[np.float32]

_CHANCE = 0.3


def lit(picture: Image, rng: np.random.Generator) -> Image:
    """Return the plate (h, w, 3) in an even light, or in one of those that make plates hard to read."""
    if rng.random() >= _CHANCE:
        return picture
    return _LIGHTS[int(rng.choice(len(_LIGHTS), p=_SHARES))](picture, rng)


def _shaded(picture: Image, rng: np.random.Generator) -> Image:
    """Let the hard edge of a shadow lie across the plate: of the boot's lid, a bumper, a branch."""
    light = np.ones(picture.shape[:2], np.float32)
    for _ in range(int(rng.choice([1, 1, 2]))):
        light *= np.where(_beyond_a_line(picture, rng) > 0, np.float32(rng.uniform(0.25, 0.7)), np.float32(1.0))
    if rng.random() < 0.4:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), float(rng.uniform(0.5, 4))), np.float32)
    # a camera that exposes for the shade loses what lies in the sun
    return _scaled(picture, light * np.float32(rng.uniform(1.0, 1.9)))


def _streaked(picture: Image, rng: np.random.Generator) -> Image:
    """Let the sun be mirrored along a band across the plate."""
    away = _beyond_a_line(picture, rng) / np.float32(rng.uniform(0.06, 0.3) * picture.shape[0])
    light = np.exp(-(away**2)) * np.float32(rng.uniform(60, 260))
    return np.asarray(np.clip(picture + light[..., None], 0, 255), np.uint8)


def _infrared(picture: Image, rng: np.random.Generator) -> Image:
    """Show the plate by an infrared lamp: grey, the ground glaring white and swelling over thin strokes."""
    grey = picture.astype(np.float32).mean(axis=2)
    low, high = np.percentile(grey, (5, 75))
    shown = (grey - low) / max(high - low, 20.0) * rng.uniform(200, 330) + rng.uniform(0, 70)
    bright = np.clip(shown, 0, 400).astype(np.float32)
    swollen = np.asarray(cv2.GaussianBlur(bright, (0, 0), float(rng.uniform(0.5, 2.5))), np.float32)
    share = rng.uniform(0.2, 0.6)
    together = np.clip((1 - share) * bright + share * swollen, 0, 255).astype(np.uint8)
    return np.repeat(together[..., None], 3, axis=2)


def _dazzled(picture: Image, rng: np.random.Generator) -> Image:
    """Let reflecting sheeting throw a lamp's light back from one place."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    middle, reach = (rng.uniform(0, width), rng.uniform(0, height)), rng.uniform(0.3, 1.2) * height
    light = np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / (2 * reach * reach))
    return _scaled(picture, 1 + light.astype(np.float32) * np.float32(rng.uniform(0.4, 2.0)))


def _beyond_a_line(picture: Image, rng: np.random.Generator) -> Floats:
    """Return how far each pixel lies beyond a line through the plate, in pixels; below 0 on its other side."""
    height, width = picture.shape[:2]
    angle = rng.normal(np.pi / 2, 0.35) if rng.random() < 0.6 else rng.uniform(0, np.pi)
    across = np.array([np.cos(angle), np.sin(angle)]) * rng.choice([-1, 1])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = (x - rng.uniform(0.1, 0.9) * width) * across[0] + (y - rng.uniform(0.1, 0.9) * height) * across[1]
    return np.asarray(away, np.float32)


def _scaled(picture: Image, light: Floats) -> Image:
    return np.asarray(np.clip(picture * light[..., None], 0, 255), np.uint8)


_LIGHTS = (_shaded, _streaked, _infrared, _dazzled)
_SHARES = (0.5, 0.15, 0.17, 0.18)
