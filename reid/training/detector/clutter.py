"""Fill the surroundings of vehicles with clutter that has the statistics of natural pictures.

Rendered streets are tidy. Dead leaves, shapes of all sizes that cover each other (Lee, Mumford, Huang: "Occlusion
models for natural images", 2001), have the statistics of real trees, fences and houses, and contain no vehicle.
"""

from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Flags, Floats
from reid.training.detector.augmentation import StreetMoment

SHEETS = 40
SHEET_PX = (360, 640)
SHAPES = 4000
SMALLEST_PX, LARGEST_PX = 1.0, 50.0
COLOURFUL = 16.0
"""Spread of the colours around grey."""


def with_clutter(
    moment: StreetMoment, boxes: Floats, rng: np.random.Generator, backgrounds: Path | None = None
) -> StreetMoment:
    """Return the moment with static clutter in parts without vehicles; `boxes` are (n, 4).

    `backgrounds` is a file of real scenes without traffic, (n, h, w, 3): half of the clutter is cut from these.
    """
    height, width = moment.picture.shape[:2]
    where = _clutter_mask(height, width, boxes, rng)
    if not where.any():
        return moment
    sheet = None if backgrounds is None or rng.random() < 0.5 else _background(backgrounds, rng)
    clutter = _sheet_part(height, width, sheet, rng)
    picture, empty, before = moment.picture.copy(), moment.empty.copy(), moment.before.copy()
    picture[where], empty[where] = clutter[where], clutter[where]
    before[where] = cv2.cvtColor(clutter, cv2.COLOR_RGB2GRAY)[where]
    wavering = np.where(where, rng.integers(0, 4), moment.wavering).astype(np.uint8)
    return replace(moment, picture=picture, empty=empty, before=before, wavering=wavering)


@lru_cache(maxsize=SHEETS)
def dead_leaves(number: int) -> npt.NDArray[np.uint8]:
    """Return one of SHEETS dead-leaves pictures (h, w, 3); larger shapes are rarer."""
    rng = np.random.default_rng([71, number])
    height, width = SHEET_PX
    sheet = np.full((height, width, 3), 90, np.uint8)
    family = rng.uniform(15, 210, (6, 1)) + rng.normal(0, COLOURFUL, (6, 3)) + rng.normal(0, COLOURFUL, 3)
    straight = float(rng.uniform(0, 1))
    smallest = float(np.exp(rng.uniform(np.log(SMALLEST_PX), np.log(3 * SMALLEST_PX))))
    for _ in range(SHAPES):
        # sizes fall off with the third power: as many shapes cover each place at every size
        size = smallest / np.sqrt(1 - rng.random() * (1 - (smallest / LARGEST_PX) ** 2))
        tone = np.clip(family[int(rng.integers(len(family)))] * rng.uniform(0.6, 1.3) + rng.normal(0, 4, 3), 0, 255)
        middle = rng.uniform([0, 0], [width, height])
        _shape(sheet, middle, size, [float(value) for value in tone], rng, straight=rng.random() < straight)
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), float(rng.uniform(0.5, 1.2))), dtype=np.uint8)


def _shape(
    sheet: npt.NDArray[np.uint8],
    middle: Floats,
    size: float,
    tone: list[float],
    rng: np.random.Generator,
    *,
    straight: bool,
) -> None:
    """Draw a nearly upright box or a rotated ellipse; changes the sheet."""
    long, angle = float(rng.uniform(1.0, 4.0)), float(rng.uniform(0, 180))
    sides = (size * long**0.5, size / long**0.5)
    if straight:
        angle = float(rng.choice([0.0, 90.0])) + float(rng.normal(0, 6))
        corners = cv2.boxPoints((middle.tolist(), (2 * sides[0], 2 * sides[1]), angle))
        cv2.fillConvexPoly(sheet, np.rint(corners).astype(np.int32), tone, cv2.LINE_AA)
    else:
        place = (round(float(middle[0])), round(float(middle[1])))
        axes = (max(1, round(sides[0])), max(1, round(sides[1])))
        cv2.ellipse(sheet, place, axes, angle, 0, 360, tone, -1, cv2.LINE_AA)


def _clutter_mask(height: int, width: int, boxes: Floats, rng: np.random.Generator) -> Flags:
    """Return where clutter goes: everywhere or in parts, but not over vehicles, nor over some random empty places."""
    where = np.zeros((height, width), np.uint8)
    if rng.random() < 0.3:
        where[...] = 1
    else:
        for _ in range(int(rng.integers(1, 5))):
            middle, reach = rng.uniform([0, 0], [width, height]), rng.uniform(0.1, 0.6) * width
            corners = middle + rng.normal(0, 0.5, (int(rng.integers(4, 9)), 2)) * reach
            cv2.fillConvexPoly(where, cv2.convexHull(np.rint(corners).astype(np.int32)), 1)
    for box in [*boxes, *_holes(height, width, rng)]:
        margin = np.abs(rng.normal(0, 0.15, 4)) * np.tile(box[2:] - box[:2], 2) + 2
        left, top = np.maximum(box[:2] - margin[:2], 0).astype(int)
        right, bottom = (box[2:] + margin[2:]).astype(int)
        where[top:bottom, left:right] = 0
    return where.astype(np.bool_)


def _holes(height: int, width: int, rng: np.random.Generator) -> list[Floats]:
    """Return random boxes without clutter or vehicle, so that a hole does not give a vehicle away."""
    holes = []
    for _ in range(int(rng.integers(0, 5))):
        size = np.exp(rng.uniform(np.log(8), np.log(120))) * np.array([1.3, 1.0])
        corner = rng.uniform([0, 0], [width, height])
        holes.append(np.concatenate([corner, corner + size]))
    return holes


def _background(path: Path, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    scenes = _backgrounds(path)
    return np.asarray(scenes[int(rng.integers(len(scenes)))])


@cache
def _backgrounds(path: Path) -> npt.NDArray[np.uint8]:
    scenes: npt.NDArray[np.uint8] = np.load(path, mmap_mode="r", allow_pickle=False)
    return scenes


def _sheet_part(
    height: int, width: int, scene: npt.NDArray[np.uint8] | None, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Return a part of a random sheet, flipped and enlarged, or of a real scene, which stays upright."""
    sheet = dead_leaves(int(rng.integers(SHEETS))) if scene is None else scene
    share = float(rng.uniform(0.4, 1.0))
    part = (round(sheet.shape[0] * share), round(sheet.shape[1] * share))
    top, left = int(rng.integers(sheet.shape[0] - part[0] + 1)), int(rng.integers(sheet.shape[1] - part[1] + 1))
    down = int(rng.choice([-1, 1])) if scene is None else 1
    cut = np.ascontiguousarray(sheet[top : top + part[0], left : left + part[1]][::down, :: int(rng.choice([-1, 1]))])
    return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
