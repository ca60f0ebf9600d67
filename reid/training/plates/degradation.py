"""Degrade plate pictures: difficult light on the plate, and effects of unusual cameras, hours and places."""

import cv2
import numpy as np

from reid.arrays import Floats, Floats32
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.vehicle import Image

_LIGHT_CHANCE = 0.3
_LIGHT_SHARES = (0.5, 0.15, 0.17, 0.18)
_DEGRADATION_SHARES = (0.24, 0.14, 0.09, 0.09, 0.08, 0.06, 0.12, 0.06, 0.06, 0.06)
HARSH_CHANCE = 0.35


def relit(picture: Image, rng: np.random.Generator) -> Image:
    """Return the plate (h, w, 3) in even light, or in light that makes it hard to read."""
    if rng.random() >= _LIGHT_CHANCE:
        return picture
    return _LIGHTS[int(rng.choice(len(_LIGHTS), p=_LIGHT_SHARES))](picture, rng)


def _dazzled(picture: Image, rng: np.random.Generator) -> Image:
    """Add a lamp's reflection from one place of the reflective sheeting."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    middle, reach = (rng.uniform(0, width), rng.uniform(0, height)), rng.uniform(0.3, 1.2) * height
    light = np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / (2 * reach * reach))
    return _lit_by(picture, 1 + light.astype(np.float32) * np.float32(rng.uniform(0.4, 2.0)))


def _infrared(picture: Image, rng: np.random.Generator) -> Image:
    """Light the plate with an infrared lamp: grey, with a glaring ground that blooms over thin strokes."""
    grey = picture.astype(np.float32).mean(axis=2)
    low, high = np.percentile(grey, (5, 75))
    shown = (grey - low) / max(high - low, 20.0) * rng.uniform(200, 330) + rng.uniform(0, 70)
    bright = np.clip(shown, 0, 400).astype(np.float32)
    swollen = np.asarray(cv2.GaussianBlur(bright, (0, 0), float(rng.uniform(0.5, 2.5))), np.float32)
    share = rng.uniform(0.2, 0.6)
    together = np.clip((1 - share) * bright + share * swollen, 0, 255).astype(np.uint8)
    return np.repeat(together[..., None], 3, axis=2)


def _shaded(picture: Image, rng: np.random.Generator) -> Image:
    """Cast one or two shadows with hard edges across the plate."""
    light = np.ones(picture.shape[:2], np.float32)
    for _ in range(int(rng.choice([1, 1, 2]))):
        light *= np.where(_beyond_a_line(picture, rng) > 0, np.float32(rng.uniform(0.25, 0.7)), np.float32(1.0))
    if rng.random() < 0.4:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), float(rng.uniform(0.5, 4))), np.float32)
    # a camera that exposes for the shadow over-exposes the sunlit part
    return _lit_by(picture, light * np.float32(rng.uniform(1.0, 1.9)))


def _streaked(picture: Image, rng: np.random.Generator) -> Image:
    """Add the sun's reflection as a band across the plate."""
    away = _beyond_a_line(picture, rng) / np.float32(rng.uniform(0.06, 0.3) * picture.shape[0])
    light = np.exp(-(away**2)) * np.float32(rng.uniform(60, 260))
    return np.asarray(np.clip(picture + light[..., None], 0, 255), np.uint8)


_LIGHTS = (_shaded, _streaked, _infrared, _dazzled)


def degraded(picture: Image, rng: np.random.Generator) -> Image:
    """Return the picture (HEIGHT_PX, WIDTH_PX, 3) with one random degradation."""
    return _DEGRADATIONS[int(rng.choice(len(_DEGRADATIONS), p=_DEGRADATION_SHARES))](picture, rng)


def _by_night(picture: Image, rng: np.random.Generator) -> Image:
    """Darken the picture and add noise, sometimes without colour."""
    dim = picture * rng.uniform(0.08, 0.35)
    noise = cv2.GaussianBlur(rng.normal(0, rng.uniform(0.5, 3.0), picture.shape).astype(np.float32), (0, 0), 1.0)
    if rng.random() < 0.5:
        dim = np.repeat(dim.mean(axis=2, keepdims=True), 3, axis=2)
    return np.asarray(np.clip(dim + noise, 0, 255), np.uint8)


def _cast(picture: Image, rng: np.random.Generator) -> Image:
    return _scaled(picture, np.exp(rng.normal(0, 0.35, 3)))


def _compressed(picture: Image, rng: np.random.Generator) -> Image:
    """Compress strongly, with blocks and coarse colour."""
    quality = int(rng.integers(6, 35))
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _enlarged(picture: Image, rng: np.random.Generator) -> Image:
    """Shrink and enlarge the picture with coarse interpolation."""
    share = float(rng.uniform(0.3, 0.7))
    size = max(8, round(WIDTH_PX * share)), max(6, round(HEIGHT_PX * share))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if rng.random() < 0.5 else cv2.INTER_NEAREST)
    how = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_LANCZOS4)[int(rng.integers(3))]
    return np.asarray(cv2.resize(small, (WIDTH_PX, HEIGHT_PX), interpolation=how), np.uint8)


def _glaring(picture: Image, rng: np.random.Generator) -> Image:
    """Add glare from a lamp or the sun on a part of the plate."""
    y, x = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    place_x, place_y = rng.uniform(0, WIDTH_PX), rng.uniform(0, HEIGHT_PX)
    reach = rng.uniform(6, 30)
    light = np.exp(-((x - place_x) ** 2 + (y - place_y) ** 2) / (2 * reach * reach)) * rng.uniform(100, 350)
    return np.asarray(np.clip(picture + light[..., None], 0, 255), np.uint8)


def _grey(picture: Image, rng: np.random.Generator) -> Image:
    weights = rng.dirichlet((2.0, 4.0, 2.0))
    return np.asarray(cv2.transform(picture, np.tile(weights, (3, 1))), np.uint8)


def _occluded(picture: Image, rng: np.random.Generator) -> Image:
    """Cover one side with a flat colour, like a tow bar, the picture's edge or another vehicle."""
    hidden = picture.copy()
    share = rng.uniform(0.08, 0.5)
    colour = rng.integers(0, 256, 3)
    side = int(rng.integers(4))
    if side == 0:
        hidden[:, : round(WIDTH_PX * share)] = colour
    elif side == 1:
        hidden[:, round(WIDTH_PX * (1 - share)) :] = colour
    elif side == 2:
        hidden[: round(HEIGHT_PX * share * 0.6)] = colour
    else:
        hidden[round(HEIGHT_PX * (1 - share * 0.6)) :] = colour
    return hidden


def _over_exposed(picture: Image, rng: np.random.Generator) -> Image:
    return _scaled(picture, np.full(3, rng.uniform(1.3, 2.4)))


def _sharpened(picture: Image, rng: np.random.Generator) -> Image:
    """Sharpen with visible halos, as cameras do."""
    soft = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.8, 2.5))).astype(np.float32)
    gain = np.float32(rng.uniform(0.5, 2.5))
    return np.asarray(np.clip(picture + gain * (picture - soft), 0, 255), np.uint8)


def _smoothed(picture: Image, rng: np.random.Generator) -> Image:
    """Smooth the picture, as a camera's noise reduction does."""
    if rng.random() < 0.5:
        return np.asarray(cv2.medianBlur(picture, 3 if rng.random() < 0.7 else 5), np.uint8)
    return np.asarray(cv2.bilateralFilter(picture, 5, float(rng.uniform(30, 120)), float(rng.uniform(1, 4))), np.uint8)


_DEGRADATIONS = (
    _cast, _grey, _over_exposed, _by_night, _glaring, _occluded, _sharpened, _smoothed, _compressed, _enlarged
)  # fmt: skip


def _beyond_a_line(picture: Image, rng: np.random.Generator) -> Floats32:
    """Return the signed distance of each pixel from a random line through the plate, in pixels."""
    height, width = picture.shape[:2]
    angle = rng.normal(np.pi / 2, 0.35) if rng.random() < 0.6 else rng.uniform(0, np.pi)
    across = np.array([np.cos(angle), np.sin(angle)]) * rng.choice([-1, 1])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = (x - rng.uniform(0.1, 0.9) * width) * across[0] + (y - rng.uniform(0.1, 0.9) * height) * across[1]
    return np.asarray(away, np.float32)


def _lit_by(picture: Image, light: Floats32) -> Image:
    return np.asarray(np.clip(picture * light[..., None], 0, 255), np.uint8)


def _scaled(picture: Image, gains: Floats) -> Image:
    return np.asarray(np.clip(picture * gains.astype(np.float32), 0, 255), np.uint8)
