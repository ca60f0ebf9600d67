"""Vary the shapes of drawn characters: the pen and its terminals, serifs, slant, waist, stencil gaps, deformation."""

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from reid.arrays import Floats, Floats32, Mask
from reid.plates.spelling import PROVINCES
from reid.render.number_plates import glyphs
from reid.render.number_plates.glyphs import Typeface


@dataclass(frozen=True, slots=True)
class Pen:
    """The tip that draws our strokes, a superellipse as wide as an upright stroke is.

    `contrast` is the width of level strokes by that of upright ones; `square` goes from a round tip (2) to a box, and
    with it from round terminals to cut ones; `turn` rotates the tip, in radians.
    """

    contrast: float = 1.0
    square: float = 2.0
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class LetterShape:
    """What a typeface has besides strokes and fonts; lengths are shares of the height of a character.

    Without a pen our strokes are those of the simulated cities. `serif` is how far serifs stand out, `faceted` makes
    bowls of straight lines, `slant` is how far the top leans right, `waist` how far crossbars lie lower, `stencil` the
    width of the gaps in closed characters, `wobble` the spread of the deformation, of which `wobble_seed` is the seed.
    """

    pen: Pen | None = None
    serif: float = 0.0
    faceted: bool = False
    slant: float = 0.0
    waist: float = 0.0
    stencil: float = 0.0
    wobble: float = 0.0
    wobble_seed: int = 0


PLAIN = LetterShape()

_PEN_SHARE, _TURNED_SHARE, _SERIF_SHARE, _FACETED_SHARE = 0.65, 0.2, 0.2, 0.25
_SLANT_SHARE, _WAIST_SHARE, _STENCIL_SHARE, _WOBBLE_SHARE = 0.3, 0.4, 0.12, 0.5
_CLOSED = "04689ABDOPQR"
_FINER = 2
"""Strokes are drawn this many times finer, then shrunk."""

_FACET_DEG = 45.0
_LEVEL = 0.3
"""A stroke that rises less than this by its length across ends in no serif."""

_HEAVIEST = 0.2
"""The width of level strokes at most, so that an E stays open."""

_TIP = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_SUBPIXELS = 4
_WOBBLE_CELLS = (4, 3, 2)
_CUT_TIP, _REVERSED, _LEANS_BACK = 5.0, 1.15, -0.06


def draw_shape(rng: np.random.Generator) -> LetterShape:
    """Draw a shape such as typefaces of plates may have; never one of the held-out shapes."""
    pen = None
    if rng.random() < _PEN_SHARE:
        contrast = float(rng.uniform(0.5, 1.0) if rng.random() < 0.7 else rng.uniform(1.0, 1.5))
        square = float(2.0 if rng.random() < 0.2 else rng.uniform(2.5, 14.0))
        pen = Pen(contrast, square, float(rng.uniform(-0.6, 0.6)) if rng.random() < _TURNED_SHARE else 0.0)
    shape = LetterShape(
        pen,
        serif=float(rng.uniform(0.03, 0.11)) if rng.random() < _SERIF_SHARE else 0.0,
        faceted=bool(rng.random() < _FACETED_SHARE),
        slant=float(np.clip(rng.normal(0.05, 0.1), -0.2, 0.25)) if rng.random() < _SLANT_SHARE else 0.0,
        waist=float(rng.uniform(-0.09, 0.09)) if rng.random() < _WAIST_SHARE else 0.0,
        stencil=float(rng.uniform(0.03, 0.06)) if rng.random() < _STENCIL_SHARE else 0.0,
        wobble=float(rng.uniform(0.004, 0.022)) if rng.random() < _WOBBLE_SHARE else 0.0,
        wobble_seed=int(rng.integers(2**31)),
    )
    return replace(shape, slant=-shape.slant) if is_held_out(shape) else shape


def draw_held_out_shape(rng: np.random.Generator) -> LetterShape:
    """Draw a shape that training leaves out: cut terminals, heavy level strokes, leaning back."""
    pen = Pen(float(rng.uniform(1.2, 1.6)), float(rng.uniform(6.0, 14.0)))
    serif = float(rng.uniform(0.03, 0.09)) if rng.random() < _SERIF_SHARE else 0.0
    waist = float(rng.uniform(-0.08, 0.08))
    return LetterShape(pen, serif, bool(rng.random() < 0.5), float(rng.uniform(-0.2, -0.08)), waist)


def is_held_out(shape: LetterShape) -> bool:
    """Return whether a shape is of the family that stands for typefaces no training covers."""
    pen = shape.pen
    return pen is not None and pen.square > _CUT_TIP and pen.contrast > _REVERSED and shape.slant < _LEANS_BACK


def pen_mask(sign: str, typeface: Typeface, shape: LetterShape, height_px: int) -> Mask:
    """Return the (height_px, w) coverage, 0..255, of a character in our own strokes, drawn with the shape's pen."""
    pen = shape.pen or Pen()
    tall = height_px * _FINER
    tip = _tip(pen, typeface.weight * tall * (0.7 if sign in PROVINCES else 1.0), tall)
    inset = tip.max(axis=0)
    overhang = round(shape.serif * tall)
    wide = max(round(glyphs.width_share(sign, typeface) * tall), round(2 * inset[0]) + 1)
    room = np.array([max(wide - 2 * inset[0], 0.0), tall - 2 * inset[1]])
    mask = np.zeros((tall, wide + 2 * overhang), np.uint8)
    for stroke in glyphs.strokes(sign, typeface):
        unit = np.array(list(glyphs.flattened(stroke, typeface, _FACET_DEG if shape.faceted else None)))
        points = unit * room + inset + (overhang, 0) - 0.5
        _draw_line(mask, points, tip)
        for end, before in ((points[0], points[1]), (points[-1], points[-2])):
            if overhang and _ends_in_serif(end, before, inset[1], tall):
                _draw_line(mask, np.outer([-overhang, overhang], [1, 0]) + end, tip)
    size = (max(1, mask.shape[1] // _FINER), height_px)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


def deformed(mask: Mask, sign: str, shape: LetterShape) -> Mask:
    """Return a character with the gaps, the waist and the deformation of a shape, cut to its inked rows."""
    if shape.stencil and sign in _CLOSED:
        mask = _with_gap(mask, shape)
    if not shape.waist and not shape.wobble:
        return mask
    pad = round(2 * shape.wobble * len(mask))
    mask = np.pad(mask, pad)
    height, width = mask.shape
    rng = np.random.default_rng([shape.wobble_seed, ord(sign)])
    coarse = rng.normal(0, shape.wobble * height, _WOBBLE_CELLS).astype(np.float32)
    moved = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.indices(mask.shape, np.float32)
    lower = shape.waist * height * np.sin(np.pi * (rows + 0.5) / height)
    drawn = cv2.remap(
        mask, columns + moved[..., 0], (rows + moved[..., 1] - lower).astype(np.float32), cv2.INTER_LINEAR
    )
    inked = np.flatnonzero(drawn.max(axis=1) > 127)
    return np.asarray(drawn[inked[0] : inked[-1] + 1], np.uint8)


def slanted(ink: Mask, slant: float, middle: float) -> Mask:
    """Return a line of text whose top leans right by `slant` of its height; the row `middle` stays in place."""
    if not slant:
        return ink
    lean = np.array([[1, -slant, slant * middle], [0, 1, 0]], np.float64)
    return np.asarray(cv2.warpAffine(ink, lean, ink.shape[::-1], flags=cv2.INTER_LINEAR), np.uint8)


def _tip(pen: Pen, thick: float, tall: int) -> Floats:
    """Return the outline (n, 2) of a tip around its middle, in pixels; `thick` is the width of upright strokes."""
    level = min(pen.contrast * thick, _HEAVIEST * tall)
    x, y = np.cos(_TIP), np.sin(_TIP)
    outline = np.stack([np.sign(x) * np.abs(x) ** (2 / pen.square), np.sign(y) * np.abs(y) ** (2 / pen.square)], axis=1)
    outline *= (thick / 2, level / 2)
    turn = np.array([[np.cos(pen.turn), -np.sin(pen.turn)], [np.sin(pen.turn), np.cos(pen.turn)]])
    return np.asarray(outline @ turn.T, np.float64)


def _draw_line(mask: Mask, points: Floats, tip: Floats) -> None:
    """Draw a pen's way along straight lines; changes the mask."""
    for start, stop in pairwise(points):
        swept: Floats32 = np.concatenate([start + tip, stop + tip]).astype(np.float32)
        outline = np.round(cv2.convexHull(swept) * 2**_SUBPIXELS).astype(np.int32)
        cv2.fillConvexPoly(mask, outline, 255, cv2.LINE_AA, _SUBPIXELS)


def _ends_in_serif(end: Floats, before: Floats, inset: float, tall: int) -> bool:
    """Return whether a stroke ends at the foot or the head of its character, and not along it."""
    at_edge = min(end[1] - inset, tall - inset - end[1]) < 0.03 * tall
    across, down = np.abs(end - before)
    return bool(at_edge and down > _LEVEL * across)


def _with_gap(mask: Mask, shape: LetterShape) -> Mask:
    """Return a closed character cut through by an upright or a level gap, the same in all characters of a typeface."""
    gap = max(1, round(shape.stencil * len(mask)))
    cut = mask.copy()
    across = cut.T if shape.wobble_seed % 2 else cut
    at = (len(across) - gap) // 2
    across[at : at + gap] = 0
    return cut
