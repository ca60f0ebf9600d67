"""Augment vehicle pictures as another camera would show them: crop, light, lens, sensor and compression."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.training.appearance.datasets import MARGIN_PX
from reid.vehicle import Image

_GREY = np.array([[0.299, 0.587, 0.114]] * 3)


@dataclass(frozen=True, slots=True)
class AugmentOptions:
    """How often and how strongly a picture changes; a chance of 0 turns that augmentation off.

    `exposure`, `cast`, `gamma` and `contrast` are the spread of the logarithm of each.
    """

    side_px: int = 128
    shift: float = 0.06
    zoom: float = 0.12
    turn_deg: float = 4.0
    occlusion_chance: float = 0.30
    shadow_chance: float = 0.0
    exposure: float = 0.22
    cast: float = 0.07
    gamma: float = 0.35
    contrast: float = 0.0
    lift: tuple[float, float] = (-0.06, 0.10)
    saturation: tuple[float, float] = (0.55, 1.25)
    grey_chance: float = 0.06
    glare_chance: float = 0.08
    blur_chance: float = 0.35
    small_chance: float = 0.55
    smallest_px: int = 16
    sharp_chance: float = 0.0
    noise_chance: float = 0.4
    jpeg_chance: float = 0.4


STRONG_AUGMENTATION = AugmentOptions(
    shift=0.08,
    zoom=0.18,
    shadow_chance=0.15,
    exposure=0.27,
    cast=0.085,
    gamma=0.45,
    contrast=0.25,
    saturation=(0.4, 1.25),
    glare_chance=0.1,
    sharp_chance=0.25,
)
"""The range of cameras never seen before, for most of the training."""

MILD_AUGMENTATION = AugmentOptions(
    occlusion_chance=0.15,
    shadow_chance=0.08,
    contrast=0.12,
    grey_chance=0.03,
    glare_chance=0.04,
    blur_chance=0.2,
    small_chance=0.35,
    smallest_px=24,
    sharp_chance=0.12,
    noise_chance=0.25,
)
"""The range of usual cameras, for the last steps: the network should be at its best with these."""


def augmented(picture: Image, options: AugmentOptions, rng: np.random.Generator) -> tuple[Image, bool]:
    """Return the augmented picture (side_px, side_px, 3), and whether it is mirrored."""
    mirrored = bool(rng.random() < 0.5)
    changed = _jitter_crop(picture, options, mirrored, rng)
    if rng.random() < options.occlusion_chance:
        changed = _occlude(changed, rng)
    if rng.random() < options.shadow_chance:
        changed = _cast_shadow(changed, rng)
    return with_camera_effects(changed, options, rng), mirrored


def with_camera_effects(picture: Image, options: AugmentOptions, rng: np.random.Generator) -> Image:
    """Return the picture (side, side, 3) with another light, lens, sensor and compression; its geometry stays."""
    lit = _jitter_colour(picture, options, rng)
    soft = _blur(lit, rng) if rng.random() < options.blur_chance else lit
    return _degrade(soft, options, rng)


def _jitter_crop(picture: Image, options: AugmentOptions, mirrored: bool, rng: np.random.Generator) -> Image:
    """Crop the box as imprecisely as detectors do, rotated a little; the picture's border is replicated outside it."""
    side = picture.shape[0]
    to_middle = np.array([[1, 0, -side / 2], [0, 1, -side / 2], [0, 0, 1]])
    angle = np.deg2rad(rng.uniform(-options.turn_deg, options.turn_deg))
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    zoom_x, zoom_y = np.exp(rng.uniform(-options.zoom, options.zoom, 2)) * options.side_px / (side - 2 * MARGIN_PX)
    shift_x, shift_y = (0.5 + rng.uniform(-options.shift, options.shift, 2)) * options.side_px
    place = np.array([[-zoom_x if mirrored else zoom_x, 0, shift_x], [0, zoom_y, shift_y]])
    size = (options.side_px, options.side_px)
    cut = cv2.warpAffine(
        picture, place @ turn @ to_middle, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, dtype=np.uint8)


def _occlude(picture: Image, rng: np.random.Generator) -> Image:
    """Cover a part of the vehicle with a flat rectangle, like a pole, a wall or another vehicle."""
    side = picture.shape[0]
    width, height = rng.integers(side // 12, side // 2, 2)
    left, top = rng.integers(-width // 2, side - width // 2), rng.integers(-height // 2, side - height // 2)
    covered = picture.copy()
    colour = rng.integers(0, 256, 3) if rng.random() < 0.5 else picture[rng.integers(side), rng.integers(side)]
    covered[max(0, top) : top + height, max(0, left) : left + width] = colour
    return covered


def _cast_shadow(picture: Image, rng: np.random.Generator) -> Image:
    """Darken one side of a line through the picture, with a soft edge."""
    side = picture.shape[0]
    angle, darkest = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.8)
    rows, columns = np.mgrid[:side, :side] / side - 0.5
    inside = (columns * np.cos(angle) + rows * np.sin(angle) + rng.uniform(-0.3, 0.3)) * rng.uniform(4, 40)
    light = 1 - (1 - darkest) * np.clip(inside + 0.5, 0, 1)
    return np.asarray(picture * light[..., None], dtype=np.uint8)


def _jitter_colour(picture: Image, options: AugmentOptions, rng: np.random.Generator) -> Image:
    """Change exposure, contrast, white balance and saturation, with one lookup table and one matrix."""
    level = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.uniform(-options.gamma, options.gamma))
    level = (level - 0.5) * np.exp(rng.uniform(-options.contrast, options.contrast)) + 0.5
    gain = np.exp(rng.normal(0, options.exposure)) * np.exp(rng.normal(0, options.cast, 3))
    if rng.random() < options.glare_chance:
        gain = gain * rng.uniform(1.5, 2.2)
    lift = rng.uniform(*options.lift)
    table = np.clip((level * (1 - lift) + lift) * gain, 0, 1)
    lit = cv2.LUT(picture, np.rint(table * 255).astype(np.uint8)[None])
    keep = 0.0 if rng.random() < options.grey_chance else rng.uniform(*options.saturation)
    return np.asarray(cv2.transform(lit, keep * np.eye(3) + (1 - keep) * _GREY), dtype=np.uint8)


def _blur(picture: Image, rng: np.random.Generator) -> Image:
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.8)), dtype=np.uint8)
    length = int(rng.choice([3, 5, 7, 9]))
    kernel = np.zeros((length, length), np.float32)
    reach = np.array([np.cos(angle := rng.uniform(0, np.pi)), np.sin(angle)]) * (length // 2)
    middle = length // 2
    cv2.line(kernel, _rounded(middle - reach), _rounded(middle + reach), 1.0, 1)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), dtype=np.uint8)


def _degrade(picture: Image, options: AugmentOptions, rng: np.random.Generator) -> Image:
    """Reduce the resolution, sharpen, add noise and compress, then enlarge to the old size."""
    side = picture.shape[0]
    small = picture
    if rng.random() < options.small_chance:
        kept = round(float(np.exp(rng.uniform(np.log(options.smallest_px), np.log(side)))))
        small = np.asarray(cv2.resize(picture, (kept, kept), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if rng.random() < options.sharp_chance:
        small = _sharpen(small, rng)
    if rng.random() < options.noise_chance:
        noise = rng.normal(0, rng.uniform(1, 12), small.shape).astype(np.float32)
        small = np.clip(small + noise, 0, 255).astype(np.uint8)
    if rng.random() < options.jpeg_chance:
        done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
        small = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8) if done else small
    if small.shape[0] == side:
        return small
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _sharpen(picture: Image, rng: np.random.Generator) -> Image:
    """Sharpen with visible halos along edges, as cameras do."""
    amount, blurred = rng.uniform(0.3, 2.0), cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.6, 1.6))
    return np.asarray(cv2.addWeighted(picture, 1 + amount, blurred, -amount, 0), dtype=np.uint8)


def _rounded(point: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[int, int]:
    x, y = (int(value) for value in np.rint(point))
    return x, y
