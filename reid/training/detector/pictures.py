"""Show a rendered street as any camera might: another cut, size, light and compression, with or without what moves."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid.detect.channels import Channels, EmptyScene, Grey, padded, stacked
from reid.training.detector.camera import CameraOptions, as_another_camera
from reid.training.detector.clutter import cluttered
from reid.training.detector.disturbances import disturbed
from reid.training.detector.look import Look
from reid.training.detector.scenes import Street
from reid.vehicle import Image

Floats = npt.NDArray[np.float64]

SHOWN_HIGH_PX = 288
"""A whole picture, as the network sees it."""


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """How often and how strongly pictures change.

    `zoom` is the smallest and largest enlargement of what the network would see; `near_share` of the cuts look at a
    vehicle. `still_share` have nothing that moves, `no_scene_share` and `no_before_share` lack one of the two.
    """

    zoom: tuple[float, float] = (0.55, 2.2)
    near_share: float = 0.8
    aspect: float = 0.12
    still_share: float = 0.3
    no_scene_share: float = 0.07
    no_before_share: float = 0.07
    cluttered_share: float = 0.5
    disturbed_share: float = 0.5
    min_height_px: float = 5.0
    min_visible: float = 0.2
    camera: CameraOptions = field(default_factory=CameraOptions)


@dataclass(frozen=True, slots=True)
class Lesson:
    """The channels of a picture; boxes (n, 4) xyxy, types (n,), and whether each is asked for, (n,)."""

    channels: Channels
    boxes: npt.NDArray[np.float32]
    types: npt.NDArray[np.int64]
    asked: npt.NDArray[np.bool_]


@lru_cache(maxsize=1024)
def street(path: Path) -> Street:
    """Return a street; its pictures stay on disk."""
    return Street.load(path)


def draw_lesson(of: Street, height: int, width: int, options: PictureOptions, rng: np.random.Generator) -> Lesson:
    """Return a part of a random moment of a street, `height` x `width`, as some camera might show it."""
    moment = int(rng.integers(of.moments))
    rows = of.boxes[of.boxes[:, 0] == moment]
    look, moved = _cut(of, moment, rows[:, 1:5].astype(np.float64), (height, width), options, rng)
    if rng.random() < options.cluttered_share:
        look = cluttered(look, _inside(moved, look.picture.shape[1], look.picture.shape[0]), rng)
    look = as_another_camera(look, options.camera, rng)
    kept = _inside(moved, look.picture.shape[1], look.picture.shape[0])
    types, visible = rows[:, 5].astype(np.int64), rows[:, 6]
    if rng.random() < options.disturbed_share:
        look = disturbed(look, kept[visible > 0.5], rng)
    channels = _with_chance(look, options, rng)
    asked = _is_asked(kept, moved, visible, options)
    there = (kept[:, 2:] > kept[:, :2] + 1).all(axis=1)
    return Lesson(padded(channels, height, width), kept[there].astype(np.float32), types[there], asked[there])


def whole_lesson(of: Street, moment: int, *, moving: bool) -> Lesson:
    """Return a whole moment, unchanged, as the network would see it at work."""
    rows = of.boxes[of.boxes[:, 0] == moment]
    pictures, empty = of.pictures[moment], of.pictures[-1]
    scale = SHOWN_HIGH_PX / pictures.shape[0]
    size = (round(pictures.shape[1] * scale), SHOWN_HIGH_PX)
    now, scene = (cv2.resize(np.asarray(part), size, interpolation=cv2.INTER_AREA) for part in (pictures, empty))
    known = EmptyScene(_colours(scene), _fourth(scene)) if moving else None
    channels = stacked(_colours(now), known, _fourth(now) if moving else None)
    options = PictureOptions()
    boxes = rows[:, 1:5].astype(np.float64) * scale
    asked = _is_asked(boxes, boxes, rows[:, 6], options)
    return Lesson(channels, boxes.astype(np.float32), rows[:, 5].astype(np.int64), asked)


def _cut(
    of: Street, moment: int, boxes: Floats, size: tuple[int, int], options: PictureOptions, rng: np.random.Generator
) -> tuple[Look, Floats]:
    """Return a part of a moment enlarged, maybe mirrored, and where its boxes went."""
    high, wide = of.pictures.shape[1:3]
    zoom = float(np.exp(rng.uniform(*np.log(options.zoom)))) * SHOWN_HIGH_PX / high
    zoom_x, zoom_y = zoom * np.exp(rng.uniform(-options.aspect, options.aspect, 2))
    part_wide, part_high = min(wide, round(size[1] / zoom_x)), min(high, round(size[0] / zoom_y))
    left, top = _corner(boxes, (part_high, part_wide), (high, wide), options, rng)
    to_size = (min(size[1], round(part_wide * zoom_x)), min(size[0], round(part_high * zoom_y)))
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    window = (slice(top, top + part_high), slice(left, left + part_wide))
    now, scene = (cv2.resize(np.asarray(of.pictures[at][window]), to_size, interpolation=how) for at in (moment, -1))
    scales = np.array([to_size[0] / part_wide, to_size[1] / part_high] * 2)
    moved = (boxes - np.array([left, top] * 2)) * scales
    if rng.random() < 0.5:
        now, scene = now[:, ::-1], scene[:, ::-1]
        moved = np.stack([to_size[0] - moved[:, 2], moved[:, 1], to_size[0] - moved[:, 0], moved[:, 3]], axis=1)
    return Look(_colours(now), _fourth(now), _colours(scene), _fourth(scene)), moved


def _corner(
    boxes: Floats, part: tuple[int, int], whole: tuple[int, int], options: PictureOptions, rng: np.random.Generator
) -> tuple[int, int]:
    """Return left and top of a part of the picture, that often shows a vehicle somewhere in it."""
    room_y, room_x = whole[0] - part[0], whole[1] - part[1]
    if len(boxes) and rng.random() < options.near_share:
        box = boxes[int(rng.integers(len(boxes)))]
        x, y = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3])
        left, top = x - part[1] * rng.uniform(0.15, 0.85), y - part[0] * rng.uniform(0.15, 0.85)
    else:
        left, top = rng.uniform(0, room_x + 1), rng.uniform(0, room_y + 1)
    return int(np.clip(left, 0, room_x)), int(np.clip(top, 0, room_y))


def _with_chance(look: Look, options: PictureOptions, rng: np.random.Generator) -> Channels:
    """Return the channels, as if nothing moved, or as if the empty scene or the frame before were not known."""
    chance = rng.random()
    still, no_scene = options.still_share, options.still_share + options.no_scene_share
    scene = None if chance < no_scene else EmptyScene(look.empty, look.wavering)
    has_before = still <= chance < no_scene or chance >= no_scene + options.no_before_share
    return stacked(look.picture, scene, look.before if has_before else None)


def _is_asked(
    kept: Floats, moved: Floats, visible: npt.NDArray[np.float32], options: PictureOptions
) -> npt.NDArray[np.bool_]:
    """Say which vehicles are large, visible and whole enough to be found."""
    sizes, whole = kept[:, 2:] - kept[:, :2], moved[:, 2:] - moved[:, :2]
    shown = sizes.clip(0).prod(axis=1) / whole.prod(axis=1).clip(1.0)
    large = (sizes[:, 1] >= options.min_height_px) & (sizes[:, 0] >= 0.6 * options.min_height_px)
    return np.asarray(large & (visible >= options.min_visible) & (shown >= 0.15))


def _inside(boxes: Floats, width: int, height: int) -> Floats:
    return np.clip(boxes, 0.0, [width, height, width, height])


def _colours(four: npt.NDArray[Any]) -> Image:
    return np.ascontiguousarray(four[..., :3])


def _fourth(four: npt.NDArray[Any]) -> Grey:
    return np.ascontiguousarray(four[..., 3])
