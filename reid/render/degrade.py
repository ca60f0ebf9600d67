"""Degrade crops as real cameras do: clutter, occlusion, shade, low resolution, blur and compression."""

import cv2
import numpy as np

from reid.render import noise
from reid.render.light.sensor import Sensor
from reid.vehicle import Image


def clutter(picture: Image, rng: np.random.Generator) -> Image:
    """Return a background with random rectangles, sometimes replaced altogether, so that it carries no information."""
    height, width = picture.shape[:2]
    picture = picture.copy()
    if rng.random() < 0.25:
        tones = rng.uniform(20, 210, (2, 3))
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        scale, shift = float(rng.uniform(0.3, 2.0)), float(rng.uniform(0, 400))
        share = np.clip(0.5 + 0.3 * noise.at(x * scale + shift, y * scale), 0, 1)[..., None]
        picture = (tones[0] * (1 - share) + tones[1] * share).astype(np.uint8)
    for _ in range(int(rng.choice([0, 0, 1, 2, 3]))):
        tone = [float(value) for value in rng.uniform(20, 225, 3)]
        x0, y0 = round(rng.uniform(-0.2, 1.0) * width), round(rng.uniform(-0.3, 0.6) * height)
        size = (round(rng.uniform(0.05, 0.5) * width), round(rng.uniform(0.05, 0.5) * height))
        cv2.rectangle(picture, (x0, y0), (x0 + size[0], y0 + size[1]), tone, -1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.5, 1.5))), np.uint8)


def degrade(
    picture: Image, sensor: Sensor, resolution_px: float, rng: np.random.Generator, *, size_px: int = 160
) -> Image:
    """Return a crop as a camera sends it, resized to a square of `size_px`."""
    sent = as_sent(picture, sensor, resolution_px, rng)
    return np.asarray(cv2.resize(sent, (size_px, size_px), interpolation=cv2.INTER_LINEAR), np.uint8)


def as_sent(picture: Image, sensor: Sensor, resolution_px: float, rng: np.random.Generator) -> Image:
    """Return a crop as a camera sends it, about `resolution_px` on its longer side."""
    picture = _shaded(picture, rng)
    longest = max(picture.shape[:2])
    share = min(1.0, resolution_px * float(rng.uniform(0.75, 1.3)) / longest)
    size = (max(8, round(picture.shape[1] * share)), max(8, round(picture.shape[0] * share)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.25:
        small = cv2.filter2D(small, -1, _streak(int(rng.choice([3, 5])), float(rng.uniform(-0.5, 0.5))))
    if rng.random() < 0.35:
        small = cv2.addWeighted(small, 1.6, cv2.GaussianBlur(small, (0, 0), 1.1), -0.6, 0)
    gain, lift = float(rng.uniform(0.75, 1.3)), float(rng.normal(0, 8))
    cast = gain * (1 + rng.normal(0, 0.03, 3))
    grainy = small * cast + lift + rng.standard_normal((*small.shape[:2], 3)) * sensor.noise
    if sensor.noise > 3.5 and rng.random() < 0.3:
        grainy = np.repeat(grainy.mean(axis=2, keepdims=True), 3, axis=2)
    bitten = np.clip(grainy, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", bitten, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 92))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _shaded(picture: Image, rng: np.random.Generator) -> Image:
    """Return the picture with an occasional shadow, pole or veil of haze."""
    height, width = picture.shape[:2]
    picture = picture.copy()
    if rng.random() < 0.18:
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        scale, shift = float(rng.uniform(0.2, 1.0)), float(rng.uniform(0, 400))
        shade = (noise.at(x * scale + shift, y * scale) > rng.uniform(-0.3, 1.2)).astype(np.float32)
        soft = cv2.GaussianBlur(shade, (0, 0), 1.5)[..., None]
        picture = (picture * (1 - np.asarray(soft) * rng.uniform(0.15, 0.4))).astype(np.uint8)
    if rng.random() < 0.08:
        x0, tone = int(rng.integers(width)), float(rng.uniform(20, 150))
        cv2.rectangle(
            picture, (x0, 0), (x0 + max(1, round(width * rng.uniform(0.01, 0.06))), height), (tone, tone, tone), -1
        )
    if rng.random() < 0.12:
        veil = float(rng.uniform(0.05, 0.25))
        picture = (picture * (1 - veil) + 190 * veil).astype(np.uint8)
    return picture


def _streak(length: int, slope: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return the kernel of a straight motion blur."""
    kernel = np.zeros((length, length), np.float32)
    middle = length // 2
    rise = round(slope * middle)
    cv2.line(kernel, (0, middle + rise), (length - 1, middle - rise), 1.0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)
