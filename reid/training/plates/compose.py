"""Compose the pictures that the locator learns from: vehicles in every cut, pasted plates, and things that are none."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from reid.training.augmentation import CameraOptions, as_taken
from reid.training.detector.clutter import SHEETS, dead_leaves
from reid.training.plates.distractors import draw_distractor, draw_page
from reid.training.plates.pasting import Quad, any_plate, any_quad, bed, blot_out, lay
from reid.training.plates.scenes import SEEN, UNCLEAR, Scene
from reid.vehicle import Image

Matrix = npt.NDArray[np.float64]

PADDING = 114
"""The grey around a picture that does not fill the network's input."""

_TOLD_COVERED_PX = 10.0
"""A covered plate that is lower than this cannot be told from one too small to read."""

CAMERA = CameraOptions(small_chance=0.4, smallest_px=64, blur_chance=0.35, glare_chance=0.06)


@dataclass(frozen=True, slots=True)
class ComposeOptions:
    """How often each kind of picture comes, and how wide plates are in it."""

    side_px: int = 160
    vehicle_share: float = 0.55
    bare_share: float = 0.16
    loose_share: float = 0.4
    widths_px: tuple[float, float] = (12.0, 132.0)
    least_width_px: float = 8.0
    least_height_px: float = 3.0


@dataclass(frozen=True, slots=True)
class Composed:
    """A picture (side, side, 3) with the corners of `plates` (n, 4, 2) and of what may or may not count, `unclear`.

    `distractors` are where things were pasted that are no plates.
    """

    image: Image
    plates: npt.NDArray[np.float32]
    unclear: npt.NDArray[np.float32]
    distractors: npt.NDArray[np.float32]


@dataclass(slots=True)
class _Canvas:
    """A picture while things are put on it."""

    image: Image
    plates: list[Quad] = field(default_factory=list)
    unclear: list[Quad] = field(default_factory=list)
    distractors: list[Quad] = field(default_factory=list)

    def free(self, quad: Quad) -> bool:
        """Return whether a quad keeps clear of all plates."""
        return not any(_touch(quad, other) for other in (*self.plates, *self.unclear))


def compose(scenes: Sequence[Scene], options: ComposeOptions, rng: np.random.Generator) -> Composed:
    """Compose one picture from a scene or from nothing."""
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


def _vehicle(scene: Scene, options: ComposeOptions, rng: np.random.Generator) -> _Canvas:
    """Cut a vehicle out as detectors do, or look at it from nearer or further."""
    side = options.side_px
    if rng.random() < 0.55 or scene.plate != SEEN:
        box = scene.vehicle.astype(np.float64) + rng.normal(0.02, 0.05, 4) * np.tile(
            scene.vehicle[2:] - scene.vehicle[:2], 2
        )
        zoom = side / max(box[2] - box[0], box[3] - box[1]) * float(rng.uniform(0.6, 1.05))
        middle = np.asarray((box[:2] + box[2:]) / 2, np.float64)
    else:
        width = float(np.linalg.norm(scene.corners[1] - scene.corners[0]))
        zoom = min(float(np.exp(rng.uniform(*np.log(options.widths_px)))) / width, 4.0)
        middle = scene.corners.mean(axis=0, dtype=np.float64) + rng.normal(0, 0.25, 2) * side / zoom
    canvas = _seen(scene, zoom, middle, options, rng)
    if canvas.plates and rng.random() < 0.3:
        lay(canvas.image, any_plate(rng), None, canvas.plates[0])
    return canvas


def _bare(scene: Scene, options: ComposeOptions, rng: np.random.Generator) -> _Canvas:
    """Show no plate: a page of text, something flat, or a scene whose plate is painted over."""
    kind = rng.random()
    if kind < 0.15:
        return _Canvas(draw_page(rng, options.side_px, options.side_px))
    canvas = _background(scene, options, rng)
    blotted = [*canvas.plates, *canvas.unclear]
    for quad in blotted:
        blot_out(canvas.image, quad, rng)
    for _ in range(int(rng.integers(0, 4))):
        _paste_distractor(canvas, rng)
    return _Canvas(canvas.image, distractors=[*canvas.distractors, *blotted])


def _background(scene: Scene, options: ComposeOptions, rng: np.random.Generator) -> _Canvas:
    """Return something to put plates on: a piece of a scene, shapes as cluttered as nature, or soft ones."""
    side = options.side_px
    kind = rng.random()
    if kind < 0.5:
        # vehicles fill their scenes, whose sides are a little larger
        zoom = side / float((scene.vehicle[2:] - scene.vehicle[:2]).max()) * float(np.exp(rng.uniform(-0.2, 1.3)))
        low, high = scene.vehicle[:2].astype(np.float64), scene.vehicle[2:].astype(np.float64)
        middle = low + rng.uniform(0.0, 1.0, 2) * (high - low)
        return _seen(scene, zoom, middle, options, rng)
    if kind < 0.75:
        return _Canvas(_leaves(side, rng))
    coarse = rng.integers(0, 256, (int(rng.integers(1, 7)), int(rng.integers(1, 7)), 3)).astype(np.uint8)
    if rng.random() < 0.6:
        coarse = (coarse * 0.3 + coarse.mean(axis=(0, 1)) * 0.7).astype(np.uint8)
    how = cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_NEAREST
    return _Canvas(np.asarray(cv2.resize(coarse, (side, side), interpolation=how), np.uint8))


def _leaves(side_px: int, rng: np.random.Generator) -> Image:
    """Return a piece of one of the sheets of dead leaves, at some size."""
    sheet = dead_leaves(int(rng.integers(SHEETS)))
    cut = int(rng.integers(side_px // 2, min(sheet.shape[:2])))
    top, left = (int(rng.integers(side - cut + 1)) for side in sheet.shape[:2])
    piece = sheet[top : top + cut, left : left + cut]
    how = cv2.INTER_AREA if cut > side_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(piece, (side_px, side_px), interpolation=how), np.uint8)


def _seen(scene: Scene, zoom: float, middle: Matrix, options: ComposeOptions, rng: np.random.Generator) -> _Canvas:
    """Return a scene enlarged by `zoom` around `middle`, a little turned and stretched."""
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
    if scene.plate == SEEN:
        canvas.plates.append(quad)
    elif scene.plate == UNCLEAR or 0 < _height_px(quad) < _TOLD_COVERED_PX:
        canvas.unclear.append(quad)
    if border == cv2.BORDER_REFLECT_101:
        canvas.image[_beyond(image, matrix, shift, side)] = PADDING
    return canvas


def _beyond(image: Image, matrix: Matrix, shift: Matrix, side: int) -> npt.NDArray[np.bool_]:
    """Return what lies so far beyond a scene that its mirrored plate could be there."""
    height, width = image.shape[:2]
    far = np.array([[-0.12 * width, -0.12 * height], [1.12 * width, 1.12 * height]])
    corners = np.array([far[0], (far[1, 0], far[0, 1]), far[1], (far[0, 0], far[1, 1])]) @ matrix.T + shift
    inside = cv2.fillConvexPoly(np.zeros((side, side), np.uint8), np.round(corners).astype(np.int32), 1)
    return np.asarray(inside == 0, np.bool_)


def _paste_plates(canvas: _Canvas, options: ComposeOptions, rng: np.random.Generator) -> None:
    """Put one plate on the canvas, sometimes two or three; changes it."""
    for _ in range(int(rng.choice([1, 2, 3], p=[0.78, 0.17, 0.05]))):
        picture = any_plate(rng)
        quad = any_quad(picture.shape[1] / picture.shape[0], options.side_px, options.widths_px, rng)
        if canvas.free(quad):
            bed(canvas.image, quad, rng)
            lay(canvas.image, picture, None, quad)
            canvas.plates.append(quad)


def _paste_distractor(canvas: _Canvas, rng: np.random.Generator) -> None:
    """Put something that is no plate beside the plates; changes the canvas."""
    one = draw_distractor(rng)
    side = canvas.image.shape[0]
    widths_px = (max(14.0, one.least_width_px), side * 0.9)
    quad = any_quad(one.picture.shape[1] / one.picture.shape[0], side, widths_px, rng)
    if canvas.free(quad):
        lay(canvas.image, one.picture, one.cover, quad)
        canvas.distractors.append(quad)


def _framed(canvas: _Canvas, options: ComposeOptions, rng: np.random.Generator) -> Composed:
    """Let a camera take the picture; grey bars hide what a smaller cut would not show, and decide what still counts."""
    left, top, right, bottom = _window(canvas, options, rng)
    image = as_taken(canvas.image, CAMERA, rng).copy()
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
    return Composed(kept, _stack(plates), _stack(unclear), _stack(canvas.distractors))


def _window(canvas: _Canvas, options: ComposeOptions, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of what is shown: all, a bar less, or a plate and little else."""
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
    """Return whether the boxes around two quads come near each other."""
    gap = 3.0
    apart = (first.min(axis=0) > second.max(axis=0) + gap) | (second.min(axis=0) > first.max(axis=0) + gap)
    return not bool(apart.any())


def _stack(quads: list[Quad]) -> npt.NDArray[np.float32]:
    return np.stack(quads) if quads else np.zeros((0, 4, 2), np.float32)
