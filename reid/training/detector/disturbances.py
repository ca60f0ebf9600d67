"""Disturb what moves as real scenes do: waving leaves, drifting shade, people, a vehicle that the empty scene kept."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from reid.training.detector.look import Look

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.float32]


def disturbed(look: Look, boxes: Floats, rng: np.random.Generator) -> Look:
    """Return the look with one or two things in it that move and are no vehicles, or vehicles that do not move.

    `boxes` (n, 4) are the vehicles well in sight.
    """
    kinds = (_leaves, _leaves, _shade, _person, _swayed, _flicker)
    for number in rng.choice(len(kinds), size=int(rng.integers(1, 3)), replace=False).tolist():
        look = kinds[number](look, rng)
    if len(boxes) and rng.random() < 0.5:
        look = _stood_long(look, boxes[int(rng.integers(len(boxes)))], rng)
    return look


def _leaves(look: Look, rng: np.random.Generator) -> Look:
    """Move the details of some part to and fro, a little differently in each picture."""
    height, width = look.picture.shape[:2]
    mask = _blob(height, width, rng)
    reach_px = float(rng.uniform(0.7, 3.5))
    picture = _blend(look.picture, _waved(look.picture, reach_px, rng), mask)
    before = _blend(look.before, _waved(look.before, reach_px, rng), mask)
    detail = cv2.morphologyEx(look.empty, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    wavering = look.wavering + mask * detail * rng.uniform(0.1, 0.5)
    return replace(look, picture=picture, before=before, wavering=_bytes(wavering))


def _shade(look: Look, rng: np.random.Generator) -> Look:
    """Let a shadow or a beam of light lie where there was none before."""
    height, width = look.picture.shape[:2]
    mask = _polygon(height, width, rng) if rng.random() < 0.6 else _blob(height, width, rng)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.4, 4.0))), dtype=np.float32)
    gain = float(rng.choice([rng.uniform(0.45, 0.85), rng.uniform(1.15, 1.8)], p=[0.7, 0.3]))
    shift_px = rng.integers(-4, 5, 2).tolist()
    lit, earlier = 1 + mask * (gain - 1), 1 + np.roll(mask, shift_px, axis=(0, 1)) * (gain - 1)
    return replace(look, picture=_bytes(look.picture * lit[..., None]), before=_bytes(look.before * earlier))


def _person(look: Look, rng: np.random.Generator) -> Look:
    """Let somebody walk by: a narrow upright thing, no vehicle."""
    height, width = look.picture.shape[:2]
    tall = float(rng.uniform(8, 60))
    foot = np.array([rng.uniform(0, width), rng.uniform(0.3 * height, height)])
    steps = np.array([rng.normal(0, 0.06), 0.0]) * tall
    tones = rng.integers(10, 235, (3, 3))
    picture, before = look.picture.copy(), look.before.copy()
    for part, (low, high, wide) in enumerate(((0.0, 0.5, 0.09), (0.45, 0.85, 0.14), (0.85, 1.0, 0.07))):
        axes = (max(1, round(wide * tall)), max(1, round((high - low) / 2 * tall)))
        for canvas, place in ((picture, foot), (before, foot - steps)):
            middle = (round(place[0]), round(place[1] - (low + high) / 2 * tall))
            tone = [float(value) for value in tones[part]] if canvas.ndim == 3 else float(tones[part].mean())
            cv2.ellipse(canvas, middle, axes, 0, 0, 360, tone, -1, cv2.LINE_AA)
    return replace(look, picture=picture, before=before)


def _swayed(look: Look, rng: np.random.Generator) -> Look:
    """Let the mast give way: the empty scene and the frame before lie a little aside."""
    aside = np.array([[1, 0, rng.normal(0, 0.8)], [0, 1, rng.normal(0, 0.8)]])
    size = (look.picture.shape[1], look.picture.shape[0])
    empty = cv2.warpAffine(look.empty, aside, size, borderMode=cv2.BORDER_REPLICATE)
    before = cv2.warpAffine(look.before, aside * rng.uniform(-1, 1), size) if rng.random() < 0.3 else look.before
    return replace(look, empty=_bytes(empty), before=_bytes(before))


def _flicker(look: Look, rng: np.random.Generator) -> Look:
    """Let the light change as a whole, as clouds and automatic exposure do."""
    gain, earlier = np.exp(rng.normal(0, 0.12)), np.exp(rng.normal(0, 0.05))
    return replace(look, picture=_bytes(look.picture * gain), before=_bytes(look.before * gain * earlier))


def _stood_long(look: Look, box: Floats, rng: np.random.Generator) -> Look:
    """Let a vehicle have stood so long that the empty scene shows it; or let one have left that it still shows."""
    left, top, right, bottom = box.astype(int)
    here = (slice(top, bottom), slice(left, right))
    if (right - left) * (bottom - top) < 16:
        return look
    empty, before = look.empty.copy(), look.before.copy()
    if rng.random() < 0.6:
        share = float(rng.choice([1.0, rng.uniform(0.3, 1.0)]))
        empty[here] = _bytes(look.picture[here] * share + look.empty[here] * (1 - share))
        if rng.random() < 0.8:
            before[here] = cv2.cvtColor(look.picture[here], cv2.COLOR_RGB2GRAY)
        return replace(look, empty=empty, before=before)
    shift = int(rng.integers(-look.picture.shape[1] // 2, look.picture.shape[1] // 2))
    to_left = int(np.clip(left + shift, 0, look.picture.shape[1] - (right - left)))
    empty[top:bottom, to_left : to_left + right - left] = look.picture[here]
    return replace(look, empty=empty)


def _waved(picture: npt.NDArray[np.uint8], reach_px: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return the picture with each place taken from a little aside, neighbours together."""
    height, width = picture.shape[:2]
    coarse = rng.normal(0, reach_px, (2, height // 6 + 2, width // 6 + 2)).astype(np.float32)
    aside = [cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR) for part in coarse]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return _bytes(cv2.remap(picture, x + aside[0], y + aside[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _blob(height: int, width: int, rng: np.random.Generator) -> Mask:
    """Return 1 in a few round places and 0 elsewhere, with soft edges."""
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 6))):
        middle = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(6, 60)), int(rng.integers(6, 45)))
        cv2.ellipse(mask, middle, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 2.0), dtype=np.float32)


def _polygon(height: int, width: int, rng: np.random.Generator) -> Mask:
    mask = np.zeros((height, width), np.float32)
    middle = rng.uniform([0, 0], [width, height])
    corners = middle + rng.normal(0, 1, (int(rng.integers(4, 8)), 2)) * rng.uniform(8, 80) * [1.0, 0.5]
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(corners).astype(np.int32)), 1.0)
    return mask


def _blend(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], mask: Mask) -> npt.NDArray[np.uint8]:
    share = mask[..., None] if first.ndim == 3 else mask
    return _bytes(first * (1 - share) + second * share)


def _bytes(picture: object) -> npt.NDArray[np.uint8]:
    clipped: npt.NDArray[np.uint8] = np.clip(np.asarray(picture), 0, 255).astype(np.uint8)
    return clipped
