"""Draw the frames of one camera: moving vehicles over a fixed background, with exact boxes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from reid.render.light.glare import add_halo, add_mirrored_halo, lamp_light
from reid.render.light.lens import Lens
from reid.render.light.rain import Rain, draw_reflection, is_mirroring
from reid.render.light.sensor import Grain, shifted_view, sway
from reid.render.light.shading import Surface
from reid.render.light.shadows import cast_headlamp_beam, cast_shadow
from reid.render.mesh import Mesh, turning
from reid.render.outlines import outlined
from reid.render.scene import MARGIN_PX, Placement, Site
from reid.render.truth import DrawnVehicle, VisibleBox, plate_corners, plate_height_px, visible_boxes
from reid.render.vehicles.assembly import Solid
from reid.render.vehicles.build import build
from reid.render.vehicles.canvas import HEAD
from reid.render.vehicles.layers import Layer, PixelWindow, draw_layer, moved
from reid.render.vehicles.motion_blur import motion, motion_blurred
from reid.vehicle import Image

_DARK = ("night", "dusk")
_WHOLLY = 249


@dataclass(frozen=True, slots=True)
class RenderedFrame:
    """A frame, (h, w, 3) RGB, with the boxes of the traffic by placement, then of the parked vehicles."""

    image: Image
    boxes: tuple[VisibleBox, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A placed vehicle with its pose on the street, its mesh there and its surface."""

    index: int
    placement: Placement
    solid: Solid
    pose: tuple[float, float, float]
    mesh: Mesh
    surface: Surface


@dataclass(frozen=True, slots=True)
class _Scenery:
    """Static scenery at one shake of the camera: vehicles parked behind and before the traffic, and poles.

    `boxes` are those without traffic.
    """

    behind: Sequence[DrawnVehicle]
    before: Sequence[DrawnVehicle]
    poles: Image
    boxes: tuple[VisibleBox, ...]


class FrameRenderer:
    """Draws the frames of one site; holds the sensor's noise, the rain and the parked vehicles."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._grain = Grain(site.sensor, site.lens.width, site.lens.height, site.seed)
        self._rain = Rain(site.light.rain, site.lens.width, site.lens.height, site.seed)
        self._scenery: dict[tuple[int, int], _Scenery] = {}

    def frame(self, placements: Sequence[Placement], time_s: float) -> RenderedFrame:
        """Draw the frame of one moment."""
        whole = PixelWindow(0, 0, self.site.lens.width, self.site.lens.height)
        image, drawn = self._composed(placements, time_s, whole)
        return RenderedFrame(image, self._boxes(drawn, *self._shaken_px(time_s)))

    def outlined(self, placements: Sequence[Placement], time_s: float) -> tuple[VisibleBox, ...]:
        """Return the boxes of a frame without drawing it, of the convex outlines of its vehicles."""
        if not placements:
            return ()
        site = self.site
        lens = site.lens.moved(*sway(site.seed, site.sensor.shake_px, time_s))
        drawn = (
            outlined(index, placement.vehicle, site.place(placement), lens, site.heading_deg(placement.direction))
            for index, placement in self._farthest_first(placements)
        )
        boxes = self._boxes([found for found in drawn if found is not None], *self._shaken_px(time_s))
        return tuple(box for box in boxes if box.index >= 0)

    def empty(self, time_s: float, window: PixelWindow) -> Image:
        """Draw a rectangle of the frame of one moment, without any traffic, rain or noise."""
        right, down = sway(self.site.seed, self.site.sensor.shake_px, time_s)
        return shifted_view(_with_margin(self.site.background, window), right, down, MARGIN_PX)

    def part(self, placements: Sequence[Placement], time_s: float, window: PixelWindow) -> Image:
        """Draw a rectangle of the frame of one moment: the pixels that `frame` has there, but for its edges."""
        return self._composed(placements, time_s, window)[0]

    def _shaken_px(self, time_s: float) -> tuple[int, int]:
        right, down = sway(self.site.seed, self.site.sensor.shake_px, time_s)
        return round(right), round(down)

    def _composed(
        self, placements: Sequence[Placement], time_s: float, window: PixelWindow
    ) -> tuple[Image, list[DrawnVehicle]]:
        """Draw a rectangle of the frame, and return it with the vehicles in it."""
        site, number = self.site, round(time_s * 1000) % 2**31
        right, down = sway(site.seed, site.sensor.shake_px, time_s)
        lens = site.lens.moved(right, down).part(window.x, window.y, window.width, window.height)
        background = self.empty(time_s, window)
        before = shifted_view(_with_margin(site.before, window), right, down, MARGIN_PX, smooth=False)
        image = background.copy()
        placed = self._placed(placements)
        for item in placed:
            self._light_ground(image, item, lens)
        drawn = {item.index: found for item in placed if (found := self._drawn(item, lens)) is not None}
        shown = []
        for item in placed:
            if item.index in drawn:
                shown.append(self._exposed(item, drawn[item.index], lens))
                shown[-1].over(image, site.sensor)
            self._add_haloes(image, item, lens, add_halo)
        if placed:
            _restore(image, background, before, shown)
        self._rain.add(image, number, (window.x, window.y))
        self._grain.add(image, number, (window.x, window.y))
        return image, list(drawn.values())

    def _boxes(self, drawn: Sequence[DrawnVehicle], right: int, down: int) -> tuple[VisibleBox, ...]:
        """Return the boxes of the traffic and of the parked vehicles, moved by the camera's shake."""
        scenery = self._scenery_at(right, down)
        if not drawn:
            return scenery.boxes
        return visible_boxes([*scenery.behind, *drawn, *scenery.before], scenery.poles)

    def _scenery_at(self, right: int, down: int) -> _Scenery:
        """Return the static scenery at a shake of whole pixels; there are few, and each is computed once."""
        if (right, down) not in self._scenery:
            poles = shifted_view(self.site.poles, right, down, MARGIN_PX, smooth=False)
            behind, before = self._parked(right, down)
            self._scenery[right, down] = _Scenery(behind, before, poles, visible_boxes([*behind, *before], poles))
        return self._scenery[right, down]

    def _parked(self, right: int, down: int) -> tuple[list[DrawnVehicle], list[DrawnVehicle]]:
        """Return the parked vehicles behind the traffic, and those before it."""
        behind: list[DrawnVehicle] = []
        before: list[DrawnVehicle] = []
        lens = self.site.lens
        for car in self.site.parked:
            layer = moved(car.layer, right - MARGIN_PX, down - MARGIN_PX, lens.width, lens.height)
            if layer is not None and layer.solid.any():
                (before if car.between else behind).append(DrawnVehicle(-1, layer, None, car.heading_deg, car.name))
        return behind, before

    def _placed(self, placements: Sequence[Placement]) -> list[_Placed]:
        """Return the placements as built vehicles, the farthest from the camera first."""
        placed = []
        for index, placement in self._farthest_first(placements):
            solid, pose = build(placement.vehicle), self.site.place(placement)
            surface = Surface(solid.texture, solid.plate_faces, lamp_light(self.site.light, braking=placement.braking))
            placed.append(_Placed(index, placement, solid, pose, solid.mesh.moved(*pose), surface))
        return placed

    def _farthest_first(self, placements: Sequence[Placement]) -> list[tuple[int, Placement]]:
        eye = self.site.lens.eye

        def nearness_m(numbered: tuple[int, Placement]) -> float:
            x, y, _ = self.site.place(numbered[1])
            return -float(np.hypot(x - eye[0], y - eye[1]))

        return sorted(enumerate(placements), key=nearness_m)

    def _light_ground(self, image: Image, item: _Placed, lens: Lens) -> None:
        """Draw a vehicle's shadow, in the dark its headlamp beams, and on wet roads its reflection on the ground."""
        site, (x, y, turn) = self.site, item.pose
        cast_shadow(image, item.solid, x, y, turn, lens, site.light)
        if site.light.weather in _DARK:
            cast_headlamp_beam(image, item.solid, x, y, turn, lens, site.light)
        if is_mirroring(site.light.wetness):
            draw_reflection(image, item.mesh, item.surface, lens, site.scenery, site.sensor)
            self._add_haloes(image, item, lens, add_mirrored_halo)

    def _drawn(self, item: _Placed, lens: Lens) -> DrawnVehicle | None:
        """Draw a vehicle; None if it is not in the picture."""
        site, (x, y, turn) = self.site, item.pose
        layer = draw_layer(item.mesh, item.surface, lens, site.scenery, site.sensor)
        if layer is None or not layer.solid.any():
            return None
        corners = plate_corners(item.solid, x, y, turn, lens) if layer.plate_px >= 4 else None
        plate = None if corners is None else plate_height_px(corners)
        return DrawnVehicle(item.index, layer, plate, site.heading_deg(item.placement.direction))

    def _exposed(self, item: _Placed, found: DrawnVehicle, lens: Lens) -> Layer:
        """Return a drawn vehicle with its motion blur."""
        way_m = item.placement.speed_mps * self.site.sensor.shutter_s
        return motion_blurred(found.layer, motion(item.solid, item.pose, way_m, lens), lens.width, lens.height)

    def _add_haloes(self, image: Image, item: _Placed, lens: Lens, add: Callable[..., None]) -> None:
        """Add the haloes of lit lamps, or their reflections on a wet road, by `add`."""
        if not self.site.light.lamps_lit:
            return
        x, y, turn = item.pose
        ahead = turning(turn) @ np.array([1, 0, 0], np.float32)
        for lamp in item.solid.lamps:
            place = turning(turn) @ lamp.place + np.array([x, y, 0], np.float32)
            towards = ahead if lamp.kind == HEAD else -ahead
            add(image, lamp, place, towards, lens, self.site.light, braking=item.placement.braking)


def _with_margin(picture: Image, window: PixelWindow) -> Image:
    """Return the window of a picture that has a margin, with the margin around it."""
    rows = slice(window.y, window.y + window.height + 2 * MARGIN_PX)
    return picture[rows, window.x : window.x + window.width + 2 * MARGIN_PX]


def _restore(image: Image, background: Image, before: Image, layers: Sequence[Layer]) -> None:
    """Restore what stands between the camera and the traffic, with soft edges; changes the image."""
    cv2.copyTo(background, cv2.threshold(before, _WHOLLY, 255, cv2.THRESH_BINARY)[1], image)
    for layer in layers:
        part = layer.window.slices
        share = before[part]
        if share.any():
            weight = share[..., None].astype(np.float32) / 255
            image[part] = (image[part] * (1 - weight) + background[part] * weight).astype(np.uint8)
