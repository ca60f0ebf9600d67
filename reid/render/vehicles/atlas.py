"""Pack the flat views of a vehicle into one texture atlas, and map places on the vehicle to it."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.arrays import AnyFloats
from reid.render.light.shading import Texture
from reid.render.vehicles.canvas import Canvas, Paint

_MARGIN_PX = 3
_SWATCH_PX = 6
_LEVELS = 6


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The current row of the atlas: its top, used width and height."""

    top: int = 0
    used: int = 0
    height: int = 0


class Atlas:
    """A growing picture of named views; each is a Canvas to paint on."""

    def __init__(self, px_per_m: float, width_px: int, height_px: int) -> None:
        self.px_per_m = px_per_m
        self._rgb = np.zeros((height_px, width_px, 3), np.uint8)
        self._gloss = np.zeros((height_px, width_px), np.uint8)
        self._lamps = np.zeros((height_px, width_px), np.uint8)
        self._shelf = _Shelf()
        self._places: dict[str, tuple[int, int]] = {}
        self._views: dict[str, Canvas] = {}
        self._swatches: dict[Paint, AnyFloats] = {}

    def view(
        self,
        name: str,
        left_m: float,
        bottom_m: float,
        right_m: float,
        top_m: float,
        *,
        paint: Paint,
        px_per_m: float | None = None,
    ) -> Canvas:
        """Return a new canvas over a rectangle in metres, covered with `paint`."""
        scale = px_per_m or self.px_per_m
        width = int(np.ceil((right_m - left_m) * scale)) + 2 * _MARGIN_PX
        height = int(np.ceil((top_m - bottom_m) * scale)) + 2 * _MARGIN_PX
        x, y = self._room(width, height)
        part = (slice(y, y + height), slice(x, x + width))
        canvas = Canvas(self._rgb[part], self._gloss[part], self._lamps[part], scale, left_m, top_m, _MARGIN_PX)
        canvas.fill(paint)
        self._places[name], self._views[name] = (x, y), canvas
        return canvas

    def __getitem__(self, name: str) -> Canvas:
        """Return the canvas of a view."""
        return self._views[name]

    def uv(self, name: str, at_m: AnyFloats) -> AnyFloats:
        """Return atlas pixels (..., 2) of places (..., 2) in metres on a view."""
        flat = self._views[name].pixels(at_m.reshape(-1, 2)) + np.array(self._places[name], float)
        return np.asarray(flat.reshape(at_m.shape))

    def swatch(self, paint: Paint) -> AnyFloats:
        """Return an atlas pixel (2,) in the middle of a patch of one paint."""
        if paint not in self._swatches:
            x, y = self._room(_SWATCH_PX, _SWATCH_PX)
            part = (slice(y, y + _SWATCH_PX), slice(x, x + _SWATCH_PX))
            self._rgb[part], self._gloss[part], self._lamps[part] = paint.rgb, paint.gloss, paint.lamp
            self._swatches[paint] = np.array([x + _SWATCH_PX / 2, y + _SWATCH_PX / 2])
        return self._swatches[paint]

    def texture(self, fine_px_per_m: float) -> Texture:
        """Return the painted atlas with its mipmap levels."""
        bottom = self._shelf.top + self._shelf.height
        levels = [np.dstack([self._rgb, self._gloss])[:bottom]]
        for _ in range(_LEVELS - 1):
            height, width = levels[-1].shape[:2]
            half = cv2.resize(levels[-1], (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
            levels.append(half.astype(np.uint8))
        return Texture(tuple(levels), self._lamps[:bottom], self.px_per_m, fine_px_per_m)

    def _room(self, width: int, height: int) -> tuple[int, int]:
        """Return the corner of a free rectangle, on the current shelf or a new one."""
        total = self._gloss.shape[1]
        shelf = self._shelf
        if shelf.used + width > total:
            shelf = _Shelf(shelf.top + shelf.height)
        missing = shelf.top + height - self._gloss.shape[0]
        if width > total or missing > 0:
            raise ValueError(f"a view of {width}x{height} px does not fit the atlas: give it more room")
        self._shelf = _Shelf(shelf.top, shelf.used + width, max(shelf.height, height))
        return shelf.used, shelf.top
