"""Augment moments of a street: another camera, and moving things that are no vehicles."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Floats, Floats32
from reid.vehicle import Grey, Image

_GREY = np.array([[0.299, 0.587, 0.114]] * 3)


@dataclass(frozen=True, slots=True)
class StreetMoment:
    """The picture, the grey frame before it, the empty scene and its variation, all of one size."""

    picture: Image
    before: Grey
    empty: Image
    wavering: Grey


@dataclass(frozen=True, slots=True)
class MomentAugmentOptions:
    """How often a camera is grey, out of focus, noisy, or compresses strongly."""

    grey_share: float = 0.06
    blur_share: float = 0.3
    noise_share: float = 0.35
    jpeg_share: float = 0.5


def with_camera_effects(moment: StreetMoment, options: MomentAugmentOptions, rng: np.random.Generator) -> StreetMoment:
    """Return the moment with another exposure, contrast, white balance and saturation, then degraded."""
    level = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.uniform(-0.4, 0.4))
    gain = np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.08, 3))
    lift = rng.uniform(-0.06, 0.12)
    curve = np.clip((level * (1 - lift) + lift) * gain, 0, 1)
    keep = 0.0 if rng.random() < options.grey_share else rng.uniform(0.4, 1.3)
    mix = keep * np.eye(3) + (1 - keep) * _GREY
    table = np.rint(curve * 255).astype(np.uint8)[None]
    picture, empty = (cv2.transform(cv2.LUT(part, table), mix) for part in (moment.picture, moment.empty))
    before = cv2.LUT(moment.before, np.rint(curve @ _GREY[0] * 255).astype(np.uint8))
    steepness = float(np.clip(np.median(np.gradient(curve.mean(axis=1))) * 255, 0.5, 2.0))
    wavering = np.asarray(cv2.convertScaleAbs(moment.wavering, alpha=steepness), dtype=np.uint8)
    return _degraded(StreetMoment(_as_uint8(picture), _as_uint8(before), _as_uint8(empty), wavering), options, rng)


def with_disturbances(moment: StreetMoment, boxes: Floats, rng: np.random.Generator) -> StreetMoment:
    """Return the moment with one or two moving things that are no vehicles, and sometimes a stationary vehicle.

    `boxes` (n, 4) are the clearly visible vehicles.
    """
    kinds = (_leaves, _leaves, _shade, _person, _swayed, _flicker)
    for number in rng.choice(len(kinds), size=int(rng.integers(1, 3)), replace=False).tolist():
        moment = kinds[number](moment, rng)
    if len(boxes) and rng.random() < 0.5:
        moment = _stationary_vehicle(moment, boxes[int(rng.integers(len(boxes)))], rng)
    return moment


def _degraded(moment: StreetMoment, options: MomentAugmentOptions, rng: np.random.Generator) -> StreetMoment:
    """Blur, add noise to and compress the pictures as one camera would."""
    picture, before, empty = moment.picture, moment.before, moment.empty
    if rng.random() < options.blur_share:
        spread = float(rng.uniform(0.4, 1.6))
        picture, before, empty = (
            _as_uint8(cv2.GaussianBlur(part, (0, 0), spread)) for part in (picture, before, empty)
        )
    if rng.random() < options.noise_share:
        strength = float(rng.uniform(1, 9))
        picture, before = _grainy(picture, strength, rng), _grainy(before, strength, rng)
    if rng.random() < options.jpeg_share:
        quality = int(rng.integers(30, 92))
        picture, before, empty = (_compressed(part, quality) for part in (picture, before, empty))
    return StreetMoment(picture, before, empty, moment.wavering)


def _grainy(picture: npt.NDArray[np.uint8], strength: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    grain = rng.integers(-128, 128, picture.shape, dtype=np.int8).astype(np.float32) * (strength / 74)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def _compressed(picture: npt.NDArray[np.uint8], quality: int) -> npt.NDArray[np.uint8]:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        return picture
    return _as_uint8(cv2.imdecode(data, cv2.IMREAD_COLOR if picture.ndim == 3 else cv2.IMREAD_GRAYSCALE))


def _as_uint8(picture: object) -> npt.NDArray[np.uint8]:
    return np.asarray(picture, dtype=np.uint8)


def _leaves(moment: StreetMoment, rng: np.random.Generator) -> StreetMoment:
    """Move details of a part back and forth, differently in each picture, like leaves in the wind."""
    height, width = moment.picture.shape[:2]
    mask = _blob(height, width, rng)
    reach_px = float(rng.uniform(0.7, 3.5))
    picture = _blend(moment.picture, _waved(moment.picture, reach_px, rng), mask)
    before = _blend(moment.before, _waved(moment.before, reach_px, rng), mask)
    detail = cv2.morphologyEx(moment.empty, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    wavering = moment.wavering + mask * detail * rng.uniform(0.1, 0.5)
    return replace(moment, picture=picture, before=before, wavering=_clipped(wavering))


def _shade(moment: StreetMoment, rng: np.random.Generator) -> StreetMoment:
    """Add a moving shadow or beam of light."""
    height, width = moment.picture.shape[:2]
    mask = _polygon(height, width, rng) if rng.random() < 0.6 else _blob(height, width, rng)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.4, 4.0))), dtype=np.float32)
    gain = float(rng.choice([rng.uniform(0.45, 0.85), rng.uniform(1.15, 1.8)], p=[0.7, 0.3]))
    shift_px = rng.integers(-4, 5, 2).tolist()
    lit, earlier = 1 + mask * (gain - 1), 1 + np.roll(mask, shift_px, axis=(0, 1)) * (gain - 1)
    return replace(moment, picture=_clipped(moment.picture * lit[..., None]), before=_clipped(moment.before * earlier))


def _person(moment: StreetMoment, rng: np.random.Generator) -> StreetMoment:
    """Add a pedestrian."""
    height, width = moment.picture.shape[:2]
    tall = float(rng.uniform(8, 60))
    foot = np.array([rng.uniform(0, width), rng.uniform(0.3 * height, height)])
    steps = np.array([rng.normal(0, 0.06), 0.0]) * tall
    tones = rng.integers(10, 235, (3, 3))
    picture, before = moment.picture.copy(), moment.before.copy()
    for part, (low, high, wide) in enumerate(((0.0, 0.5, 0.09), (0.45, 0.85, 0.14), (0.85, 1.0, 0.07))):
        axes = (max(1, round(wide * tall)), max(1, round((high - low) / 2 * tall)))
        for canvas, place in ((picture, foot), (before, foot - steps)):
            middle = (round(place[0]), round(place[1] - (low + high) / 2 * tall))
            tone = [float(value) for value in tones[part]] if canvas.ndim == 3 else float(tones[part].mean())
            cv2.ellipse(canvas, middle, axes, 0, 0, 360, tone, -1, cv2.LINE_AA)
    return replace(moment, picture=picture, before=before)


def _swayed(moment: StreetMoment, rng: np.random.Generator) -> StreetMoment:
    """Shift the empty scene, and sometimes the frame before, as a swaying mast does."""
    aside = np.array([[1, 0, rng.normal(0, 0.8)], [0, 1, rng.normal(0, 0.8)]])
    size = (moment.picture.shape[1], moment.picture.shape[0])
    empty = cv2.warpAffine(moment.empty, aside, size, borderMode=cv2.BORDER_REPLICATE)
    before = cv2.warpAffine(moment.before, aside * rng.uniform(-1, 1), size) if rng.random() < 0.3 else moment.before
    return replace(moment, empty=_clipped(empty), before=_clipped(before))


def _flicker(moment: StreetMoment, rng: np.random.Generator) -> StreetMoment:
    """Change the brightness of the whole picture, as clouds and automatic exposure do."""
    gain, earlier = np.exp(rng.normal(0, 0.12)), np.exp(rng.normal(0, 0.05))
    return replace(moment, picture=_clipped(moment.picture * gain), before=_clipped(moment.before * gain * earlier))


def _stationary_vehicle(moment: StreetMoment, box: Floats, rng: np.random.Generator) -> StreetMoment:
    """Put a vehicle into the empty scene: one that has stood still for long, or one that has left."""
    left, top, right, bottom = box.astype(int)
    here = (slice(top, bottom), slice(left, right))
    if (right - left) * (bottom - top) < 16:
        return moment
    empty, before = moment.empty.copy(), moment.before.copy()
    if rng.random() < 0.6:
        share = float(rng.choice([1.0, rng.uniform(0.3, 1.0)]))
        empty[here] = _clipped(moment.picture[here] * share + moment.empty[here] * (1 - share))
        if rng.random() < 0.8:
            before[here] = cv2.cvtColor(moment.picture[here], cv2.COLOR_RGB2GRAY)
        return replace(moment, empty=empty, before=before)
    shift = int(rng.integers(-moment.picture.shape[1] // 2, moment.picture.shape[1] // 2))
    to_left = int(np.clip(left + shift, 0, moment.picture.shape[1] - (right - left)))
    empty[top:bottom, to_left : to_left + right - left] = moment.picture[here]
    return replace(moment, empty=empty)


def _waved(picture: npt.NDArray[np.uint8], reach_px: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return the picture warped by a smooth random displacement."""
    height, width = picture.shape[:2]
    coarse = rng.normal(0, reach_px, (2, height // 6 + 2, width // 6 + 2)).astype(np.float32)
    aside = [cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR) for part in coarse]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return _clipped(cv2.remap(picture, x + aside[0], y + aside[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _blob(height: int, width: int, rng: np.random.Generator) -> Floats32:
    """Return a mask of a few ellipses with soft edges."""
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 6))):
        middle = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(6, 60)), int(rng.integers(6, 45)))
        cv2.ellipse(mask, middle, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 2.0), dtype=np.float32)


def _polygon(height: int, width: int, rng: np.random.Generator) -> Floats32:
    mask = np.zeros((height, width), np.float32)
    middle = rng.uniform([0, 0], [width, height])
    corners = middle + rng.normal(0, 1, (int(rng.integers(4, 8)), 2)) * rng.uniform(8, 80) * [1.0, 0.5]
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(corners).astype(np.int32)), 1.0)
    return mask


def _blend(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], mask: Floats32) -> npt.NDArray[np.uint8]:
    share = mask[..., None] if first.ndim == 3 else mask
    return _clipped(first * (1 - share) + second * share)


def _clipped(picture: object) -> npt.NDArray[np.uint8]:
    clipped: npt.NDArray[np.uint8] = np.clip(np.asarray(picture), 0, 255).astype(np.uint8)
    return clipped
