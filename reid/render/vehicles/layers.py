"""Draw one solid as a layer of the picture: only the rectangle it covers, at a resolution that fits its size."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from reid.arrays import AnyFloats, AnyInts, Flags, Mask
from reid.render.light.lens import Lens
from reid.render.light.sensor import Sensor, develop, focus
from reid.render.light.shading import Scenery, Surface, shade
from reid.render.mesh import Mesh
from reid.render.rasteriser import cover
from reid.vehicle import Image

_FINE_BELOW_PX = 64
_COARSE_ABOVE_PX = 330
_PADDING_PX = 3


@dataclass(frozen=True, slots=True)
class PixelWindow:
    """A rectangle of the picture in whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Return the rows and columns."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


@dataclass(frozen=True, slots=True)
class Layer:
    """A drawn solid: 8-bit RGB already weighted by its `coverage` (h, w, 0..255), in a window of the picture."""

    window: PixelWindow
    rgb: Image
    coverage: Mask
    plate_px: int

    @property
    def solid(self) -> Flags:
        """Return the pixels that the solid covers at least half."""
        return self.coverage >= 128

    def over(self, picture: Image, sensor: Sensor) -> None:
        """Blend the layer over a picture, blurred by the lens; changes the picture."""
        rgb, hidden = focus(self.rgb, sensor), 255 - focus(self.coverage, sensor)
        part = picture[self.window.slices]
        behind = cv2.multiply(part, cv2.merge([hidden, hidden, hidden]), scale=1 / 255)
        part[:] = cv2.add(behind, rgb)


def draw_layer(
    mesh: Mesh, surface: Surface, lens: Lens, scenery: Scenery, sensor: Sensor, *, scale: float | None = None
) -> Layer | None:
    """Draw a mesh; None if nothing of it is in the picture.

    Small ones are drawn at twice the resolution, very large ones at half, except their plates, unless `scale` is given.
    """
    screen = lens.project(mesh.points)
    window = bounds(screen, lens.width, lens.height)
    if window is None:
        return None
    coarse = scale is None and window.height > _COARSE_ABOVE_PX
    if scale is None:
        scale = 0.5 if coarse else 2 if window.height < _FINE_BELOW_PX else 1
    drawn = _drawn(mesh, screen, surface, lens, scenery, sensor, window, scale)
    if drawn is None:
        return None
    rgb, coverage, plate_px = drawn
    if coarse and plate_px:
        plates = replace(mesh, faces=mesh.faces[surface.fine_from :])
        sharp = _drawn(plates, screen, replace(surface, fine_from=0), lens, scenery, sensor, window, 1)
        if sharp is not None:
            rgb = np.where(sharp[1][..., None] > 0, sharp[0], rgb)
    return Layer(window, rgb, coverage, plate_px)


def _drawn(
    mesh: Mesh,
    screen: AnyFloats,
    surface: Surface,
    lens: Lens,
    scenery: Scenery,
    sensor: Sensor,
    window: PixelWindow,
    scale: float,
) -> tuple[Image, Mask, int] | None:
    """Return a mesh's RGB and coverage in a window, drawn at `scale` times the resolution, and its plate pixels.

    `screen` holds its points in the whole picture.
    """
    width, height = (int(np.ceil(side * scale)) for side in (window.width, window.height))
    inside = (screen - np.array([window.x, window.y, 0], np.float32)) * np.array([scale, scale, 1], np.float32)
    seen = cover(inside, mesh.faces, width, height)
    if seen.pixels.size == 0:
        return None
    distance = float(np.linalg.norm(mesh.points.mean(axis=0) - lens.eye))
    light = shade(mesh, seen, surface, scenery, lens.focal_px * scale / max(distance, 1.0))
    clear = scenery.light.clear_share(distance)
    light = light * clear + scenery.light.haze * (1 - clear)
    plate_px = round(np.count_nonzero(seen.faces >= surface.fine_from) / scale**2)
    rgb, coverage = _spread_out(develop(light, sensor), seen.pixels, width, height)
    if scale > 1:
        rgb, coverage = (_resized(picture, window, cv2.INTER_AREA) for picture in (rgb, coverage))
    elif scale < 1:
        smooth = [np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.5), np.uint8) for picture in (rgb, coverage)]
        rgb, coverage = (_resized(picture, window, cv2.INTER_LINEAR) for picture in smooth)
    return rgb, coverage, plate_px


def bounds(screen: AnyFloats, width: int, height: int) -> PixelWindow | None:
    """Return the window around the projected points (n, 3) before the camera, None if outside the picture."""
    before = screen[:, 2] > 0
    shown = screen[:, :2] if before.all() else screen[before, :2]
    return window_around(shown, width, height) if len(shown) else None


def window_around(places: AnyFloats, width: int, height: int) -> PixelWindow | None:
    """Return the window around places (n, 2) in the picture, None if they are outside it."""
    low_x, high_x = _reach(places[:, 0], width)
    low_y, high_y = _reach(places[:, 1], height)
    if high_x <= low_x or high_y <= low_y:
        return None
    return PixelWindow(low_x, low_y, high_x - low_x, high_y - low_y)


def _reach(places: AnyFloats, size: int) -> tuple[int, int]:
    """Return the first and one-past-last pixel around places along one side of the picture."""
    low, high = math.floor(places.min()) - _PADDING_PX, math.ceil(places.max()) + _PADDING_PX
    return max(low, 0), min(high, size)


def moved(layer: Layer, right: int, down: int, width: int, height: int) -> Layer | None:
    """Return the layer shifted by whole pixels and cut to a picture, None if it is outside."""
    x, y = layer.window.x + right, layer.window.y + down
    left, top = max(0, -x), max(0, -y)
    stop_x, stop_y = min(layer.window.width, width - x), min(layer.window.height, height - y)
    if left >= stop_x or top >= stop_y:
        return None
    window = PixelWindow(x + left, y + top, stop_x - left, stop_y - top)
    part = (slice(top, stop_y), slice(left, stop_x))
    return replace(layer, window=window, rgb=layer.rgb[part], coverage=layer.coverage[part])


def widened(layer: Layer, by_px: int, width: int, height: int) -> Layer:
    """Return the layer with an empty margin, cut to a picture of a size."""
    window = layer.window
    left, top = min(by_px, window.x), min(by_px, window.y)
    right = min(by_px, width - window.x - window.width)
    bottom = min(by_px, height - window.y - window.height)
    rgb, coverage = (
        np.asarray(cv2.copyMakeBorder(part, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0), np.uint8)
        for part in (layer.rgb, layer.coverage)
    )
    room = PixelWindow(window.x - left, window.y - top, window.width + left + right, window.height + top + bottom)
    return replace(layer, window=room, rgb=rgb, coverage=coverage)


def _spread_out(colours: Image, pixels: AnyInts, width: int, height: int) -> tuple[Image, Mask]:
    """Return the picture of colours (n, 3) at their pixels, and its coverage."""
    rgb = np.zeros((height * width, 3), np.uint8)
    coverage = np.zeros(height * width, np.uint8)
    rgb[pixels], coverage[pixels] = colours, 255
    return rgb.reshape(height, width, 3), coverage.reshape(height, width)


def _resized(picture: Image, window: PixelWindow, how: int) -> Image:
    """Return a picture in a window's size."""
    return np.asarray(cv2.resize(picture, (window.width, window.height), interpolation=how), np.uint8)
