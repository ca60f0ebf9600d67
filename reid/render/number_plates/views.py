"""Draw camera views of plates: small, tilted, blurred, badly lit, noisy and compressed."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.arrays import Floats, Floats32
from reid.vehicle import Image

_MUD = ((90, 75, 60), (60, 55, 50), (130, 120, 105))


@dataclass(frozen=True, slots=True)
class Wear:
    """The dirt of a plate; all its views show the same spots."""

    spots: int
    seed: int
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Severity:
    """How degraded views are; motion, defocus (px at 16 and 20 px of height) and noise are spreads."""

    motion: float
    defocus: float
    night: float
    noise: float
    jpeg: tuple[float, float]


SEVERITIES = (
    Severity(0.3, 0.10, 0.05, 2.0, (70, 95)),
    Severity(0.8, 0.25, 0.15, 5.0, (45, 85)),
    Severity(1.6, 0.45, 0.25, 9.0, (30, 75)),
    Severity(2.6, 0.70, 0.35, 14.0, (18, 60)),
)
"""From good (0) to hopeless (3)."""


@dataclass(frozen=True, slots=True)
class PlateView:
    """A small picture of a plate with a margin.

    `corners` (4, 2) are those of the plate: top left, top right, bottom right, bottom left, in pixels from the
    picture's edge (a pixel's centre is at .5).
    """

    image: Image
    corners: Floats32


def draw_wear(rng: np.random.Generator) -> Wear:
    """Draw the dirt of a plate; half of them are clean."""
    spots = int(rng.choice((0, 0, 0, 1, 3, 6)))
    return Wear(spots, int(rng.integers(10**8)), _MUD[int(rng.integers(len(_MUD)))])


def worn(picture: Image, wear: Wear) -> Image:
    """Return the drawn plate (h, w, 3) with its dirt."""
    if wear.spots == 0:
        return picture
    height, width = picture.shape[:2]
    rng = np.random.default_rng(wear.seed)
    mask = np.zeros((height, width), np.float32)
    for _ in range(wear.spots):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        radii = (int(rng.integers(3, max(4, height // 3))), int(rng.integers(2, max(3, height // 5))))
        cv2.ellipse(mask, centre, radii, float(rng.integers(180)), 0, 360, float(rng.uniform(0.3, 0.9)), -1)
    share = cv2.GaussianBlur(mask, (0, 0), 3 * height / 64)[..., None]
    return np.asarray(picture * (1 - share) + share * np.array(wear.colour, np.float32), np.uint8)


def view(picture: Image, rng: np.random.Generator, height_px: float, severity: int) -> PlateView:
    """Return the plate (h, w, 3) as a camera shows it `height_px` high; `severity` is an index of SEVERITIES."""
    camera = SEVERITIES[severity]
    finer = 3 if height_px < 32 else 2
    quad, size = _placed(picture.shape[1] / picture.shape[0] * height_px, height_px, rng)
    scene = _projected(picture, quad, size, finer, rng)
    seen = _sampled(_moved(scene, camera, height_px, finer, rng), size, camera, height_px, finer, rng)
    night = bool(rng.random() < camera.night)
    lit = _lit(seen, night, rng)
    return PlateView(_recorded(lit, camera, night, rng), quad.astype(np.float32))


def _placed(width: float, height: float, rng: np.random.Generator) -> tuple[Floats, tuple[int, int]]:
    """Return the plate's corners (4, 2) in the picture, and the picture's width and height."""
    padding = rng.uniform(0.02, 0.22)
    width *= rng.uniform(0.72, 1.05)
    whole_width, whole_height = width * (1 + padding), height * (1 + 2 * padding)
    quad = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    quad[[0, 3], 1] *= 1 + rng.normal(0, 0.05)
    quad[[1, 2], 1] *= 1 + rng.normal(0, 0.05)
    turn = rng.normal(0, 0.03)
    quad = quad @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    quad[:, 1] += quad[:, 0] * rng.normal(0, 0.04)
    shift = np.array([rng.uniform(-0.25, 0.25) * padding * width, rng.uniform(-0.6, 0.6) * padding * height])
    quad += np.array([whole_width, whole_height]) / 2 + shift
    return quad, (max(6, round(whole_width)), max(4, round(whole_height)))


def _projected(picture: Image, quad: Floats, size: tuple[int, int], finer: int, rng: np.random.Generator) -> Floats32:
    """Return the plate on a ground of one colour, `finer` times finer than the camera's pixels."""
    tall = float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2 * finer
    if picture.shape[0] > tall * 1.3:  # shrunk by area first: the projection alone would skip pixels
        small = (max(2, round(picture.shape[1] * tall / picture.shape[0])), max(2, round(tall)))
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = picture.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - np.float32(0.5)
    to_scene = cv2.getPerspectiveTransform(source, (quad * finer - 0.5).astype(np.float32))
    ground = np.clip(rng.normal(90, 55) + rng.normal(0, 14, 3), 5, 250)
    whole = (size[0] * finer, size[1] * finer)
    placed = cv2.warpPerspective(picture, to_scene, whole, borderMode=cv2.BORDER_CONSTANT, borderValue=ground.tolist())
    return np.asarray(placed, np.float32)


def _moved(scene: Floats32, camera: Severity, height_px: float, finer: int, rng: np.random.Generator) -> Floats32:
    """Return the scene with motion blur."""
    smear_px = abs(rng.normal(0, camera.motion)) * max(1.0, height_px / 16)
    if smear_px <= 0.5:
        return scene
    length = int(smear_px * finer) | 1
    angle = rng.normal(0, 0.5) if rng.random() < 0.6 else rng.normal(1.57, 0.4)
    middle = length // 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * middle
    kernel = np.zeros((length, length), np.float32)
    cv2.line(kernel, _whole(middle - reach), _whole(middle + reach), 1.0, 1)
    return np.asarray(cv2.filter2D(scene, -1, kernel / kernel.sum()), np.float32)


def _sampled(
    scene: Floats32, size: tuple[int, int], camera: Severity, height_px: float, finer: int, rng: np.random.Generator
) -> Floats32:
    """Return the scene blurred by the lens, in the camera's pixels."""
    softness = 0.35 + abs(rng.normal(0, camera.defocus)) * max(1.0, height_px / 20)
    soft = cv2.GaussianBlur(scene, (0, 0), finer * softness)
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_AREA), np.float32)


def _lit(picture: Floats32, night: bool, rng: np.random.Generator) -> Floats32:
    """Return the picture with random colour cast, exposure, gradient, gamma, and sometimes a shadow's edge."""
    height, width = picture.shape[:2]
    if night and rng.random() < 0.5:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    gain = rng.uniform(0.25, 1.5) if night else rng.uniform(0.55, 1.2)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    light = 1 + np.float32(rng.normal(0, 0.15)) * across + np.float32(rng.normal(0, 0.15)) * down
    if rng.random() < 0.15:
        edge = rng.uniform(0, width) + np.arange(height)[:, None] * rng.normal(0, 0.7)
        light = light * np.where(np.arange(width)[None, :] < edge, rng.uniform(0.45, 0.8), 1.0)
    cast = (gain / 255 * (1 + rng.normal(0, 0.06, 3))).astype(np.float32)
    shown = np.maximum(picture * cast * light[..., None].astype(np.float32), 0)
    return np.asarray(255 * shown ** np.float32(rng.uniform(0.8, 1.25)) + np.float32(rng.normal(6, 8)), np.float32)


def _recorded(picture: Floats32, camera: Severity, night: bool, rng: np.random.Generator) -> Image:
    """Return the picture with the sensor's noise, and mostly compressed."""
    noise = rng.standard_normal(picture.shape, np.float32)
    noise *= abs(rng.normal(0, camera.noise)) * (1.5 if night else 1.0)
    if rng.random() < 0.5:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.6), np.float32) * np.float32(1.5)
    if rng.random() < 0.5:
        noise = noise * np.float32(0.3) + noise.mean(axis=2, keepdims=True)
    image = np.asarray(np.clip(picture + noise, 0, 255), np.uint8)
    if rng.random() >= 0.85:
        return image
    quality = int(rng.uniform(*camera.jpeg))
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1), np.uint8)


def _whole(point: Floats) -> tuple[int, int]:
    return int(point[0]), int(point[1])
