"""Draw letters and digits from our own strokes, in parametric typefaces.

A glyph is strokes in a box from (0, 0), top left, to (1, 1); a stroke is points joined by straight lines, and arcs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np

from reid.arrays import Mask


@dataclass(frozen=True, slots=True)
class Typeface:
    """The parameters of a typeface; `weight` and `width` are shares of the height.

    `square` bends bowls from ellipses (2) towards rounded boxes (5); `opening` widens the mouths of C, G and S;
    `slashed` strikes the zero through.
    """

    weight: float = 0.14
    width: float = 0.55
    square: float = 2.6
    opening: float = 0.5
    spacing: float = 0.16
    slashed: bool = False
    sharp: bool = False
    forms: tuple[str, ...] = ()
    """The characters that are drawn in their other form."""


@dataclass(frozen=True, slots=True)
class _Arc:
    """Part of a bowl; degrees run clockwise from the right."""

    x: float
    y: float
    rx: float
    ry: float
    start_deg: float
    stop_deg: float


Stroke: TypeAlias = tuple[tuple[float, float] | _Arc, ...]


_MOUTH = 1000.0
"""Added to an angle that the typeface's opening moves."""


def _a(x: float, y: float, rx: float, ry: float, start_deg: float, stop_deg: float) -> _Arc:
    """Return an arc; short, because the table below is full of them."""
    return _Arc(x, y, rx, ry, start_deg, stop_deg)


_STEM: Stroke = ((0, 0), (0, 1))


_RING: Stroke = (_a(0.5, 0.32, 0.5, 0.32, 180, 360), _a(0.5, 0.68, 0.5, 0.32, 0, 180), (0, 0.32))


GLYPHS: dict[str, tuple[Stroke, ...]] = {
    "A": (((0, 1), (0.5, 0), (1, 1)), ((0.17, 0.68), (0.83, 0.68))),
    "B": (
        (*_STEM,),
        ((0, 0), _a(0.52, 0.24, 0.42, 0.24, -90, 90), (0, 0.48)),
        ((0, 0.48), _a(0.55, 0.74, 0.45, 0.26, -90, 90), (0, 1)),
    ),
    "C": ((_a(0.5, 0.32, 0.5, 0.32, _MOUTH, -180), _a(0.5, 0.68, 0.5, 0.32, 180, _MOUTH)),),
    "D": (((0, 0), _a(0.42, 0.35, 0.58, 0.35, -90, 0), _a(0.42, 0.65, 0.58, 0.35, 0, 90), (0, 1), (0, 0)),),
    "E": (((1, 0), (0, 0), (0, 1), (1, 1)), ((0, 0.48), (0.85, 0.48))),
    "F": (((1, 0), (0, 0), (0, 1)), ((0, 0.5), (0.85, 0.5))),
    "G": ((_a(0.5, 0.32, 0.5, 0.32, _MOUTH, -180), _a(0.5, 0.68, 0.5, 0.32, 180, 0), (1, 0.54), (0.55, 0.54)),),
    "H": (_STEM, ((1, 0), (1, 1)), ((0, 0.5), (1, 0.5))),
    "I": (((0.5, 0), (0.5, 1)),),
    "J": (((0.95, 0), (0.95, 0.68), _a(0.48, 0.68, 0.47, 0.32, 0, 165)),),
    "K": (_STEM, ((1, 0), (0, 0.62)), ((0.32, 0.42), (1, 1))),
    "L": (((0, 0), (0, 1), (0.95, 1)),),
    "M": (((0, 1), (0, 0), (0.5, 0.62), (1, 0), (1, 1)),),
    "N": (((0, 1), (0, 0), (1, 1), (1, 0)),),
    "O": (_RING,),
    "P": (((0, 1), (0, 0), _a(0.54, 0.28, 0.46, 0.28, -90, 90), (0, 0.56)),),
    "Q": (_RING, ((0.58, 0.72), (1.0, 1.04))),
    "R": (((0, 1), (0, 0), _a(0.54, 0.27, 0.46, 0.27, -90, 90), (0, 0.54)), ((0.45, 0.54), (1, 1))),
    "S": (
        (
            _a(0.5, 0.26, 0.47, 0.26, _MOUTH, -180), _a(0.5, 0.26, 0.47, 0.23, 180, 90),
            _a(0.5, 0.74, 0.5, 0.25, -90, 0), _a(0.5, 0.74, 0.5, 0.26, 0, 180 - _MOUTH),
        ),
    ),
    "T": (((0, 0), (1, 0)), ((0.5, 0), (0.5, 1))),
    "U": (((0, 0), (0, 0.66), _a(0.5, 0.66, 0.5, 0.34, 180, 0), (1, 0)),),
    "V": (((0, 0), (0.5, 1), (1, 0)),),
    "W": (((0, 0), (0.25, 1), (0.5, 0.25), (0.75, 1), (1, 0)),),
    "X": (((0, 0), (1, 1)), ((1, 0), (0, 1))),
    "Y": (((0, 0), (0.5, 0.5), (1, 0)), ((0.5, 0.5), (0.5, 1))),
    "Z": (((0, 0), (1, 0), (0, 1), (1, 1)),),
    "0": (_RING,),
    "1": (((0.12, 0.26), (0.62, 0), (0.62, 1)),),
    "2": ((_a(0.5, 0.3, 0.48, 0.3, -165, 0), _a(0.5, 0.3, 0.48, 0.34, 0, 40), (0, 1), (1, 1)),),
    "3": ((_a(0.48, 0.25, 0.46, 0.25, -160, 90),), (_a(0.48, 0.74, 0.52, 0.26, -90, 160),), ((0.3, 0.49), (0.5, 0.49))),
    "4": (((0.68, 1), (0.68, 0), (0, 0.72), (1, 0.72)),),
    "5": (((0.92, 0), (0.12, 0), (0.06, 0.46), _a(0.48, 0.70, 0.50, 0.30, -120, 160)),),
    "6": ((_a(0.5, 0.69, 0.5, 0.31, -180, 180),), ((0, 0.69), _a(0.56, 0.5, 0.55, 0.5, 178, 300))),
    "7": (((0, 0), (1, 0), (0.36, 1)),),
    "8": ((_a(0.5, 0.25, 0.44, 0.25, 0, 360),), (_a(0.5, 0.74, 0.5, 0.26, 0, 360),)),
    "9": ((_a(0.5, 0.31, 0.5, 0.31, 0, 360),), ((1, 0.31), _a(0.44, 0.5, 0.55, 0.5, -2, 120))),
    "-": (((0.15, 0.5), (0.85, 0.5)),),
    ".": (((0.5, 0.52), (0.5, 0.54)),),
    "川": (((0.1, 0.05), (0.1, 0.6), (0, 1)), ((0.5, 0.1), (0.5, 0.9)), ((0.95, 0), (0.95, 1))),
    "云": (((0.15, 0.1), (0.85, 0.1)), ((0, 0.42), (1, 0.42)), ((0.45, 0.45), (0.12, 0.95), (0.9, 0.88)), ((0.7,
    0.66), (0.98, 1))),
    "吉": (
        ((0.02, 0.18), (0.98, 0.18)), ((0.5, 0), (0.5, 0.42)), ((0.15, 0.42), (0.85, 0.42)),
        ((0.2, 0.6), (0.8, 0.6), (0.8, 1), (0.2, 1), (0.2, 0.6)),
    ),
    "甘": (((0, 0.22), (1, 0.22)), ((0.22, 0), (0.22, 1), (0.78, 1), (0.78, 0)), ((0.22, 0.6), (0.78, 0.6))),
    "京": (
        ((0.5, 0), (0.5, 0.14)), ((0, 0.16), (1, 0.16)), ((0.22, 0.32), (0.78, 0.32), (0.78, 0.55), (0.22, 0.55),
        (0.22, 0.32)),
        ((0.5, 0.55), (0.5, 1), (0.36, 0.95)), ((0.26, 0.68), (0.05, 0.95)), ((0.74, 0.68), (0.96, 0.95)),
    ),
    "宁": (((0.5, 0), (0.5, 0.12)), ((0.04, 0.32), (0.04, 0.16), (0.96, 0.16), (0.96, 0.32)), ((0.1, 0.45), (0.9,
    0.45)), ((0.52, 0.45), (0.52, 1), (0.32, 0.92))),
}  # fmt: skip


OTHER_FORMS: dict[str, tuple[Stroke, ...]] = {
    "0": (_RING, ((0.5, 0.42), (0.5, 0.58))),
    "1": (((0.08, 0.24), (0.55, 0), (0.55, 1)), ((0.1, 1), (1, 1))),
    "3": (((0.04, 0), (0.94, 0), (0.45, 0.42), _a(0.48, 0.70, 0.52, 0.30, -90, 160)),),
    "4": (((0.25, 0), (0, 0.66), (1, 0.66)), ((0.7, 0.4), (0.7, 1))),
    "6": (((0.72, 0), (0.06, 0.56)), (_a(0.5, 0.68, 0.5, 0.32, -180, 180),)),
    "7": (((0, 0.16), (0, 0), (1, 0), (0.45, 0.55), (0.36, 1)),),
    "9": (((0.28, 1), (0.94, 0.44)), (_a(0.5, 0.32, 0.5, 0.32, 0, 360),)),
    "A": (((0, 1), (0.28, 0), (0.72, 0), (1, 1)), ((0.12, 0.68), (0.88, 0.68))),
    "G": ((_a(0.5, 0.32, 0.5, 0.32, _MOUTH, -180), _a(0.5, 0.68, 0.5, 0.32, 180, 0), (1, 0.54), (0.6, 0.54)),
          ((1, 0.54), (1, 1))),
    "I": (((0.5, 0), (0.5, 1)), ((0, 0), (1, 0)), ((0, 1), (1, 1))),
    "J": (((0.35, 0), (0.95, 0), (0.95, 0.68), _a(0.48, 0.68, 0.47, 0.32, 0, 165)),),
    "K": (_STEM, ((1, 0), (0.12, 0.5), (1, 1)), ((0, 0.5), (0.14, 0.5))),
    "M": (((0, 1), (0, 0), (0.5, 1), (1, 0), (1, 1)),),
    "Q": (_RING, ((0.5, 0.66), (0.5, 1.04))),
    "R": (((0, 1), (0, 0), _a(0.54, 0.27, 0.46, 0.27, -90, 90), (0, 0.54)), ((0.72, 0.54), (0.95, 1))),
    "W": (((0, 0), (0.25, 1), (0.5, 0), (0.75, 1), (1, 0)),),
    "Y": (((0, 0), (0.5, 0.62), (1, 0)), ((0.5, 0.6), (0.5, 1))),
}  # fmt: skip
"""Alternative forms of characters in different countries."""


PROVINCES = "川云吉甘京宁"


_WIDTHS = {"I": 0.25, "1": 0.62, "M": 1.2, "W": 1.3, "-": 0.62, ".": 0.35, " ": 0.5, "~": 0.4, "J": 0.85, "L": 0.9}


_FOOTED_WIDTH = 0.75


_BOLD = 2
"""Strokes are drawn this many times finer, then shrunk."""


def draw_typeface(rng: np.random.Generator) -> Typeface:
    """Draw a typeface such as number plates and lettering use."""
    return Typeface(
        weight=float(rng.uniform(0.105, 0.17)),
        width=float(rng.uniform(0.46, 0.62)),
        square=float(rng.uniform(2.0, 4.2)),
        opening=float(rng.uniform(0.25, 0.8)),
        spacing=float(rng.uniform(0.11, 0.19)),
        slashed=bool(rng.random() < 0.08),
        sharp=bool(rng.random() < 0.5),
    )


@lru_cache(maxsize=4096)
def glyph_mask(character: str, typeface: Typeface, height_px: int) -> Mask:
    """Return the (height_px, w) coverage, 0..255, of one character; one without strokes is a gap."""
    tall = height_px * _BOLD
    thick = max(1.0, typeface.weight * tall)
    wide = max(2, round(width_share(character, typeface) * tall), round(thick) + 1)
    mask = np.zeros((tall, wide), np.uint8)
    inset = thick * (0.7 if character in PROVINCES else 1.0) / 2
    room = np.array([max(wide - 2 * inset, 0.0), tall - 2 * inset])
    for stroke in strokes(character, typeface):
        points = np.array(list(flattened(stroke, typeface))) * room + inset - 0.5
        width = max(1, round(2 * inset))
        cv2.polylines(mask, [np.round(points * 16).astype(np.int32)], False, 255, width, cv2.LINE_AA, 4)
    size = (max(1, wide // _BOLD), height_px)
    return cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def line_mask(words: str, typeface: Typeface, height_px: int) -> Mask:
    """Return the (height_px, w) coverage, 0..255, of characters side by side."""
    gap = np.zeros((height_px, max(1, round(typeface.spacing * height_px))), np.uint8)
    parts: list[Mask] = []
    for character in words:
        parts += [glyph_mask(character, typeface, height_px), gap]
    return np.concatenate(parts[:-1] or [gap], axis=1)


def width_share(character: str, typeface: Typeface) -> float:
    """Return the width of a character as a share of its height."""
    share = _WIDTHS.get(character, 1.1 if character in PROVINCES else 1.0)
    if character in "I1" and character in typeface.forms:
        share = _FOOTED_WIDTH
    return typeface.width * share


def strokes(character: str, typeface: Typeface) -> tuple[Stroke, ...]:
    """Return a character's strokes in a typeface."""
    found = (OTHER_FORMS if character in typeface.forms else GLYPHS).get(character, ())
    if character == "0" and typeface.slashed:
        found = (*found, ((0.2, 0.8), (0.8, 0.2)))
    return found


def flattened(stroke: Stroke, typeface: Typeface, facet_deg: float | None = None) -> Iterator[tuple[float, float]]:
    """Yield the points of a stroke with each arc as twelve short lines, or as lines of about `facet_deg`."""
    mouth = 20 + 30 * typeface.opening
    for part in stroke:
        if not isinstance(part, _Arc):
            yield part
            continue
        start = -mouth if part.start_deg == _MOUTH else part.start_deg
        stop = {_MOUTH: mouth, 180 - _MOUTH: 180 - mouth * 0.8}.get(part.stop_deg, part.stop_deg)
        lines = 12 if facet_deg is None else max(1, round(abs(stop - start) / facet_deg))
        for angle in np.radians(np.linspace(start, stop, lines + 1)):
            x, y = np.cos(angle), np.sin(angle)
            size = (abs(x) ** typeface.square + abs(y) ** typeface.square) ** (-1 / typeface.square)
            yield part.x + part.rx * size * x, part.y + part.ry * size * y
