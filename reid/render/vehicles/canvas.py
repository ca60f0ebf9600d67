"""Paint colour, gloss and lamp numbers on the pixels of an atlas, in metres."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import AnyFloats, Mask
from reid.render.number_plates.glyphs import Typeface, line_mask

Point: TypeAlias = tuple[float, float]


Rgb: TypeAlias = tuple[float, float, float]


MATT, SATIN, GLOSSY, GLASS, CHROME = 0, 30, 110, 200, 255


HEAD, TAIL, BRAKE, SIGN, WINDOW = 1, 2, 3, 4, 5


LAMP_COUNT = 6
"""Number of lamp numbers, with 0 for none; a brake lamp is also a dimmer tail lamp; WINDOW is lit from inside."""


_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Paint:
    """The material of a surface: 0..255 RGB, gloss, and the lamp number (0: none)."""

    rgb: Rgb
    gloss: int = GLOSSY
    lamp: int = 0

    def darker(self, share: float) -> "Paint":
        """Return the same surface with `share` of its brightness."""
        r, g, b = self.rgb
        return Paint((r * share, g * share, b * share), self.gloss, self.lamp)


BLACK = Paint((20, 20, 21), SATIN)


RUBBER = Paint((25, 25, 26), MATT)


METAL = Paint((168, 171, 174), CHROME)


@dataclass(frozen=True, slots=True)
class Canvas:
    """A flat view in metres: `a` to the right, `b` up from the lower left corner; views into the atlas' arrays."""

    rgb: npt.NDArray[np.uint8]
    gloss: npt.NDArray[np.uint8]
    lamps: npt.NDArray[np.uint8]
    px_per_m: float
    left_m: float
    top_m: float
    margin_px: int

    def pixels(self, points: Sequence[Point] | AnyFloats) -> AnyFloats:
        """Return (n, 2) pixel places of points in metres."""
        at = np.asarray(points, float)
        x = (at[:, 0] - self.left_m) * self.px_per_m + self.margin_px
        y = (self.top_m - at[:, 1]) * self.px_per_m + self.margin_px
        return np.stack([x, y], axis=1)

    def fill(self, paint: Paint) -> None:
        """Fill the whole canvas."""
        self.rgb[:], self.gloss[:], self.lamps[:] = paint.rgb, paint.gloss, paint.lamp

    def polygon(self, points: Sequence[Point] | AnyFloats, paint: Paint, *, opacity: float = 1.0) -> None:
        """Fill a polygon."""
        at = self.pixels(points)
        x, y, mask = self._window(at.min(axis=0), at.max(axis=0))
        if mask.size:
            cv2.fillPoly(mask, [_fixed(at - (x, y))], 255, cv2.LINE_AA, _SHIFT)
            self.blend(x, y, mask, paint, opacity=opacity)

    def rectangle(
        self, left: float, bottom: float, right: float, top: float, paint: Paint, *, opacity: float = 1.0
    ) -> None:
        """Fill an upright rectangle."""
        self.polygon([(left, bottom), (right, bottom), (right, top), (left, top)], paint, opacity=opacity)

    def line(self, points: Sequence[Point] | AnyFloats, width_m: float, paint: Paint, *, opacity: float = 1.0) -> None:
        """Draw a line; one thinner than a pixel becomes fainter instead."""
        at = self.pixels(points)
        thick = width_m * self.px_per_m
        x, y, mask = self._window(at.min(axis=0) - thick - 1, at.max(axis=0) + thick + 1)
        if mask.size:
            cv2.polylines(mask, [_fixed(at - (x, y))], False, 255, max(1, round(thick)), cv2.LINE_AA, _SHIFT)
            self.blend(x, y, mask, paint, opacity=opacity * min(1.0, max(thick, 0.25)))

    def ellipse(self, centre: Point, radii: Point, paint: Paint, *, opacity: float = 1.0, width_m: float = 0.0) -> None:
        """Fill an ellipse, or draw its rim if a width is given."""
        turn = np.linspace(0, 2 * np.pi, 25)
        rim = np.stack([centre[0] + radii[0] * np.cos(turn), centre[1] + radii[1] * np.sin(turn)], axis=1)
        if width_m:
            self.line(rim, width_m, paint, opacity=opacity)
        else:
            self.polygon(rim, paint, opacity=opacity)

    def text(
        self, words: str, centre: Point, height_m: float, paint: Paint, *, typeface: Typeface, mirrored: bool
    ) -> None:
        """Write centred words; `mirrored` on views painted as seen from inside."""
        height = max(4, round(height_m * self.px_per_m))
        mask = line_mask(words, typeface, height)
        mask = np.ascontiguousarray(mask[:, ::-1]) if mirrored else mask
        x, y = self.pixels([centre])[0]
        left, top = round(x - mask.shape[1] / 2), round(y - height / 2)
        kept = mask[max(0, -top) : self.rgb.shape[0] - top, max(0, -left) : self.rgb.shape[1] - left]
        self.blend(max(0, left), max(0, top), kept, paint)

    def shadow(self, points: Sequence[Point], strength: float, blur_m: float) -> None:
        """Darken a polygon with soft edges; a negative strength brightens it."""
        at = self.pixels(points)
        soft = max(1.0, blur_m * self.px_per_m)
        x, y, mask = self._window(at.min(axis=0) - 3 * soft, at.max(axis=0) + 3 * soft)
        if mask.size == 0:
            return
        cv2.fillPoly(mask, [_fixed(at - (x, y))], 255, cv2.LINE_AA, _SHIFT)
        share = 1 - strength * cv2.GaussianBlur(mask, (0, 0), soft)[..., None].astype(np.float32) / 255
        part = self.rgb[y : y + mask.shape[0], x : x + mask.shape[1]]
        part[:] = np.clip(part * share, 0, 255).astype(np.uint8)

    def blend(self, x: int, y: int, mask: Mask, paint: Paint, *, opacity: float = 1.0) -> None:
        """Paint through `mask` (0..255), with its corner at pixel x, y."""
        rows, columns = slice(y, y + mask.shape[0]), slice(x, x + mask.shape[1])
        share = mask.astype(np.float32) * np.float32(opacity / 255)
        rgb, gloss = self.rgb[rows, columns], self.gloss[rows, columns]
        rgb[:] = (rgb + (np.array(paint.rgb, np.float32) - rgb) * share[..., None] + np.float32(0.5)).astype(np.uint8)
        gloss[:] = (gloss + (paint.gloss - gloss.astype(np.float32)) * share + np.float32(0.5)).astype(np.uint8)
        self.lamps[rows, columns][share > 0.5] = paint.lamp

    def _window(self, low: AnyFloats, high: AnyFloats) -> tuple[int, int, Mask]:
        """Return the corner of the canvas part between two pixel places, and an empty mask for it."""
        height, width = self.gloss.shape
        x0, y0 = max(0, int(low[0]) - 1), max(0, int(low[1]) - 1)
        x1, y1 = min(width, int(high[0]) + 2), min(height, int(high[1]) + 2)
        return x0, y0, np.zeros((max(0, y1 - y0), max(0, x1 - x0)), np.uint8)


def _fixed(at: AnyFloats) -> npt.NDArray[np.int32]:
    """Return pixel places as OpenCV's fixed-point numbers, in which a whole number is a pixel's centre."""
    return np.round((at - 0.5) * (1 << _SHIFT)).astype(np.int32)
