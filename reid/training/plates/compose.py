"""Compose training pictures of the plate locator: vehicle crops, pasted plates and distractors."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from reid.arrays import Flags, Floats, Floats32
from reid.plates.rectify import Quad
from reid.training.augmentation import AugmentOptions, with_camera_effects
from reid.training.detector.clutter import SHEETS, dead_leaves
from reid.training.plates.distractors import draw_distractor, draw_page
from reid.training.plates.pasting import draw_any_plate, draw_quad, paint_holder, paint_over, paste
from reid.training.plates.scenes import UNCLEAR, VISIBLE, PlateScene
from reid.vehicle import Image

PADDING = 114
"""The grey that pads a picture to the size of the network's input."""

_CLEARLY_COVERED_PX = 10.0
"""A covered plate lower than this looks like a plate too small to read."""

PICTURE_AUGMENTATION = AugmentOptions(small_chance=0.4, smallest_px=64, blur_chance=0.35, glare_chance=0.06)


@dataclass(frozen=True, slots=True)
class ComposeOptions:
    """Shares of the kinds of pictures, and the range of plate widths."""

    side_px: int = 160
    vehicle_share: float = 0.55
    bare_share: float = 0.16
    loose_share: float = 0.4
    widths_px: tuple[float, float] = (12.0, 132.0)
    least_width_px: float = 8.0
    least_height_px: float = 3.0


@dataclass(frozen=True, slots=True)
class ComposedPicture:
    """A picture (side, side, 3) with the corners (n, 4, 2) of its `plates` and of its `unclear` plates, not counted.

    `distractors` are the corners of pasted things that are no plates.
    """

    image: Image
    plates: Floats32
    unclear: Floats32
    distractors: Floats32


@dataclass(slots=True)
class _Canvas:
    """A picture while it is composed."""

    image: Image
    plates: list[Quad] = field(default_factory=list)
    unclear: list[Quad] = field(default_factory=list)
    distractors: list[Quad] = field(default_factory=list)

    def free(self, quad: Quad) -> bool:
        """Return whether a quad touches no plate."""
        return not any(_touch(quad, other) for other in (*self.plates, *self.unclear))


def compose(scenes: Sequence[PlateScene], options: ComposeOptions, rng: np.random.Generator) -> ComposedPicture:
    """Compose one picture from a random scene or background."""
    kind = rng.random()
    scene = scenes[int(rng.integers(len(scenes)))]
    if kind < options.vehicle_share:
        canvas = _vehicle(scene, options, rng)
    elif kind < options.vehicle_share + options.bare_share:
        canvas = _bare(scene, options, rng)
    else:
        canvas = _background(scene, options, rng)
        _paste_plates(canvas, options, rng)
    for _ in range(int(rng.choice([0, 1, 2, 4], p=[0.4, 0.3, 0.2, 0.1]))):
        _paste_distractor(canvas, rng)
    return _framed(canvas, options, rng)


def _vehicle(scene: PlateScene, options: ComposeOptions, rng: np.random.Generator) -> _Canvas:
    """Return a vehicle cropped as detectors do, or zoomed in on its plate."""
    side = options.side_px
    if rng.random() < 0.55 or scene.plate != VISIBLE:
        box = scene.vehicle.astype(np.float64) + rng.normal(0.02, 0.05, 4) * np.tile(
            scene.vehicle[2:] - scene.vehicle[:2], 2
        )
        zoom = side / max(box[2] - box[0], box[3] - box[1]) * float(rng.uniform(0.6, 1.05))
        middle = np.asarray((box[:2] + box[2:]) / 2, np.float64)
    else:
        width = float(np.linalg.norm(scene.corners[1] - scene.corners[0]))
        zoom = min(float(np.exp(rng.uniform(*np.log(options.widths_px)))) / width, 4.0)
        middle = scene.corners.mean(axis=0, dtype=np.float64) + rng.normal(0, 0.25, 2) * side / zoom
    canvas = _scene_view(scene, zoom, middle, options, rng)
    if canvas.plates and rng.random() < 0.3:
        paste(canvas.image, draw_any_plate(rng), None, canvas.plates[0])
    return canvas


def _bare(scene: PlateScene, options: ComposeOptions, rng: np.random.Generator) -> _Canvas:
    """Return a picture without a plate: a page of text, a background, or a scene whose plate is painted over."""
    kind = rng.random()
    if kind < 0.15:
        return _Canvas(draw_page(rng, options.side_px, options.side_px))
    canvas = _background(scene, options, rng)
    blotted = [*canvas.plates, *canvas.unclear]
    for quad in blotted:
        paint_over(canvas.image, quad, rng)
    for _ in range(int(rng.integers(0, 4))):
        _paste_distractor(canvas, rng)
    return _Canvas(canvas.image, distractors=[*canvas.distractors, *blotted])


def _background(scene: PlateScene, options: ComposeOptions, rng: np.random.Generator) -> _Canvas:
    """Return a background for plates: a part of a scene, dead leaves, or a few coarse colours."""
    side = options.side_px
    kind = rng.random()
    if kind < 0.5:
        # vehicles fill their scenes, whose sides are a little larger
        zoom = side / float((scene.vehicle[2:] - scene.vehicle[:2]).max()) * float(np.exp(rng.uniform(-0.2, 1.3)))
        low, high = scene.vehicle[:2].astype(np.float64), scene.vehicle[2:].astype(np.float64)
        middle = low + rng.uniform(0.0, 1.0, 2) * (high - low)
        return _scene_view(scene, zoom, middle, options, rng)
    if kind < 0.75:
        return _Canvas(_leaves(side, rng))
    coarse = rng.integers(0, 256, (int(rng.integers(1, 7)), int(rng.integers(1, 7)), 3)).astype(np.uint8)
    if rng.random() < 0.6:
        coarse = (coarse * 0.3 + coarse.mean(axis=(0, 1)) * 0.7).astype(np.uint8)
    how = cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_NEAREST
    return _Canvas(np.asarray(cv2.resize(coarse, (side, side), interpolation=how), np.uint8))


def _leaves(side_px: int, rng: np.random.Generator) -> Image:
    """Return a random crop of a dead-leaves picture."""
    sheet = dead_leaves(int(rng.integers(SHEETS)))
    cut = int(rng.integers(side_px // 2, min(sheet.shape[:2])))
    top, left = (int(rng.integers(side - cut + 1)) for side in sheet.shape[:2])
    piece = sheet[top : top + cut, left : left + cut]
    how = cv2.INTER_AREA if cut > side_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(piece, (side_px, side_px), interpolation=how), np.uint8)


def _scene_view(
    scene: PlateScene, zoom: float, middle: Floats, options: ComposeOptions, rng: np.random.Generator
) -> _Canvas:
    """Return a scene enlarged by `zoom` around `middle`, slightly rotated and stretched."""
    side = options.side_px
    angle = np.deg2rad(rng.normal(0, 5) if rng.random() < 0.85 else rng.uniform(-30, 30))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    stretch = np.diag(np.exp(rng.normal(0, 0.08, 2))) @ np.array([[1, rng.normal(0, 0.04)], [0, 1]])
    matrix = turn @ stretch * zoom
    shift = np.array([side / 2, side / 2]) - matrix @ middle
    image = scene.image
    shrunk = image
    if zoom < 0.6:
        size = (max(1, round(image.shape[1] * zoom * 1.3)), max(1, round(image.shape[0] * zoom * 1.3)))
        shrunk = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    scale = np.array([shrunk.shape[1] / image.shape[1], shrunk.shape[0] / image.shape[0]])
    border = cv2.BORDER_REFLECT_101 if rng.random() < 0.6 else cv2.BORDER_CONSTANT
    place = np.concatenate([matrix / scale, (shift + (matrix / scale).sum(axis=1) * 0.5 - 0.5)[:, None]], axis=1)
    drawn = cv2.warpAffine(shrunk, place, (side, side), borderMode=border, borderValue=(PADDING,) * 3)
    canvas = _Canvas(np.asarray(drawn, np.uint8))
    quad = (scene.corners @ matrix.T + shift).astype(np.float32)
    if scene.plate == VISIBLE:
        canvas.plates.append(quad)
    elif scene.plate == UNCLEAR or 0 < _height_px(quad) < _CLEARLY_COVERED_PX:
        canvas.unclear.append(quad)
    if border == cv2.BORDER_REFLECT_101:
        canvas.image[_beyond(image, matrix, shift, side)] = PADDING
    return canvas


def _beyond(image: Image, matrix: Floats, shift: Floats, side: int) -> Flags:
    """Return which pixels lie so far outside a scene that the mirrored border could show its plate again."""
    height, width = image.shape[:2]
    far = np.array([[-0.12 * width, -0.12 * height], [1.12 * width, 1.12 * height]])
    corners = np.array([far[0], (far[1, 0], far[0, 1]), far[1], (far[0, 0], far[1, 1])]) @ matrix.T + shift
    inside = cv2.fillConvexPoly(np.zeros((side, side), np.uint8), np.round(corners).astype(np.int32), 1)
    return np.asarray(inside == 0, np.bool_)


def _paste_plates(canvas: _Canvas, options: ComposeOptions, rng: np.random.Generator) -> None:
    """Paste one plate, sometimes two or three, onto the canvas; changes it."""
    for _ in range(int(rng.choice([1, 2, 3], p=[0.78, 0.17, 0.05]))):
        picture = draw_any_plate(rng)
        quad = draw_quad(picture.shape[1] / picture.shape[0], options.side_px, options.widths_px, rng)
        if canvas.free(quad):
            paint_holder(canvas.image, quad, rng)
            paste(canvas.image, picture, None, quad)
            canvas.plates.append(quad)


def _paste_distractor(canvas: _Canvas, rng: np.random.Generator) -> None:
    """Paste a distractor beside the plates; changes the canvas."""
    one = draw_distractor(rng)
    side = canvas.image.shape[0]
    widths_px = (max(14.0, one.least_width_px), side * 0.9)
    quad = draw_quad(one.picture.shape[1] / one.picture.shape[0], side, widths_px, rng)
    if canvas.free(quad):
        paste(canvas.image, one.picture, one.cover, quad)
        canvas.distractors.append(quad)


def _framed(canvas: _Canvas, options: ComposeOptions, rng: np.random.Generator) -> ComposedPicture:
    """Add camera effects, pad with grey outside a random window, and decide which plates still count."""
    left, top, right, bottom = _window(canvas, options, rng)
    image = with_camera_effects(canvas.image, PICTURE_AUGMENTATION, rng).copy()
    kept = np.full_like(image, PADDING)
    kept[top:bottom, left:right] = image[top:bottom, left:right]
    plates: list[Quad] = []
    unclear = list(canvas.unclear)
    for quad in canvas.plates:
        outside = np.maximum([left, top] - quad.min(axis=0), quad.max(axis=0) - [right, bottom]).max()
        high = min(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1]))
        wide = min(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
        large = wide >= options.least_width_px and high >= options.least_height_px
        (plates if large and outside <= 0.12 * high else unclear).append(quad)
    return ComposedPicture(kept, _stack(plates), _stack(unclear), _stack(canvas.distractors))


def _window(canvas: _Canvas, options: ComposeOptions, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the visible window: all, all but bars, or little more than a plate."""
    side = options.side_px
    kind = rng.random()
    if kind < options.loose_share and len(canvas.plates) == 1 and np.ptp(canvas.plates[0][:, 0]) > side / 4:
        low, high = canvas.plates[0].min(axis=0), canvas.plates[0].max(axis=0)
        room = (high - low) * rng.uniform(0.0, 0.45, (2, 2))
        x0, y0 = np.clip(low - room[0], 0, side - 4)
        x1, y1 = np.clip(high + room[1], 4, side)
        return int(x0), int(y0), max(int(x1) + 1, int(x0) + 4), max(int(y1) + 1, int(y0) + 4)
    if kind > 0.6:
        bar = round(float(rng.uniform(0, 0.3)) * side)
        return (bar, 0, side - bar, side) if rng.random() < 0.5 else (0, bar, side, side - bar)
    return 0, 0, side, side


def _height_px(quad: Quad) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def _touch(first: Quad, second: Quad) -> bool:
    """Return whether the boxes around two quads are near each other."""
    gap = 3.0
    apart = (first.min(axis=0) > second.max(axis=0) + gap) | (second.min(axis=0) > first.max(axis=0) + gap)
    return not bool(apart.any())


def _stack(quads: list[Quad]) -> Floats32:
    return np.stack(quads) if quads else np.zeros((0, 4, 2), np.float32)
