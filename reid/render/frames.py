"""Draw the frames of one camera: only what moves is drawn over the background, with truth to the pixel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from reid.render.light.glare import add_halo, add_mirrored_halo, glow
from reid.render.light.lens import Lens
from reid.render.light.rain import Rain
from reid.render.light.sensor import Grain, Picture
from reid.render.light.shading import Surface
from reid.render.light.shadows import cast, shine
from reid.render.light.wet import mirror, mirrors
from reid.render.light.wind import cut_out, sway
from reid.render.mesh import Mesh, turning
from reid.render.plate_truth import plate_corners, plate_height_px
from reid.render.scene import MARGIN_PX, Placement, Site
from reid.render.truth import Drawn, SeenBox, seen_boxes
from reid.render.vehicles.assembly import Solid
from reid.render.vehicles.build import build
from reid.render.vehicles.canvas import HEAD
from reid.render.vehicles.layers import Layer, draw_layer, moved
from reid.render.vehicles.smear import motion, smeared

_DARK = ("night", "dusk")
_WHOLLY = 249


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame, (h, w, 3) RGB, with the boxes of what is in it: the traffic by placement, then the parked scenery."""

    image: Picture
    boxes: tuple[SeenBox, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A placed vehicle with its pose on the street, its mesh there and what covers it."""

    index: int
    placement: Placement
    solid: Solid
    pose: tuple[float, float, float]
    mesh: Mesh
    surface: Surface


@dataclass(frozen=True, slots=True)
class _Scenery:
    """What never drives, as the wind has moved it: the vehicles parked behind and before the traffic, and the poles.

    `boxes` is the truth where there is no traffic.
    """

    behind: Sequence[Drawn]
    before: Sequence[Drawn]
    poles: Picture
    boxes: tuple[SeenBox, ...]


class FrameRenderer:
    """Draws the frames of one site; holds the sensor's noise, the rain and where the parked vehicles are."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._grain = Grain(site.sensor, site.lens.width, site.lens.height, site.seed)
        self._rain = Rain(site.light.rain, site.lens.width, site.lens.height, site.seed)
        self._scenery: dict[tuple[int, int], _Scenery] = {}

    def frame(self, placements: Sequence[Placement], time_s: float) -> Frame:
        """Draw the traffic of one moment."""
        site, number = self.site, round(time_s * 1000) % 2**31
        right, down = sway(site.seed, site.sensor.shake_px, time_s)
        lens = site.lens.moved(right, down)
        background = cut_out(site.background, right, down, MARGIN_PX)
        before = cut_out(site.before, right, down, MARGIN_PX, smooth=False)
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
        boxes = self._boxes(list(drawn.values()), round(right), round(down))
        self._rain.add(image, number)
        self._grain.add(image, number)
        return Frame(image, boxes)

    def _boxes(self, drawn: Sequence[Drawn], right: int, down: int) -> tuple[SeenBox, ...]:
        """Return the boxes of the traffic and of the parked vehicles, where the wind has moved them."""
        scenery = self._scenery_at(right, down)
        if not drawn:
            return scenery.boxes
        return seen_boxes([*scenery.behind, *drawn, *scenery.before], scenery.poles)

    def _scenery_at(self, right: int, down: int) -> _Scenery:
        """Return what stands still in the picture; the wind leaves it in few places, each worked out once."""
        if (right, down) not in self._scenery:
            poles = cut_out(self.site.poles, right, down, MARGIN_PX, smooth=False)
            behind, before = self._parked(right, down)
            self._scenery[right, down] = _Scenery(behind, before, poles, seen_boxes([*behind, *before], poles))
        return self._scenery[right, down]

    def _parked(self, right: int, down: int) -> tuple[list[Drawn], list[Drawn]]:
        """Return the parked vehicles behind the traffic and those before it."""
        behind: list[Drawn] = []
        before: list[Drawn] = []
        lens = self.site.lens
        for car in self.site.parked:
            layer = moved(car.layer, right - MARGIN_PX, down - MARGIN_PX, lens.width, lens.height)
            if layer is not None and layer.solid.any():
                (before if car.between else behind).append(Drawn(-1, layer, None, car.heading_deg, car.name))
        return behind, before

    def _placed(self, placements: Sequence[Placement]) -> list[_Placed]:
        """Return the placements as built vehicles, those furthest from the camera first."""
        eye = self.site.lens.eye
        placed = []
        for index, placement in enumerate(placements):
            solid, pose = build(placement.vehicle), self.site.place(placement)
            surface = Surface(solid.texture, solid.plate_faces, glow(self.site.light, braking=placement.braking))
            placed.append(_Placed(index, placement, solid, pose, solid.mesh.moved(*pose), surface))
        return sorted(placed, key=lambda item: -float(np.hypot(item.pose[0] - eye[0], item.pose[1] - eye[1])))

    def _light_ground(self, image: Picture, item: _Placed, lens: Lens) -> None:
        """Throw a vehicle's shadow, in the dark its beams, and in the wet its mirror image on the ground."""
        site, (x, y, turn) = self.site, item.pose
        cast(image, item.solid, x, y, turn, lens, site.light)
        if site.light.weather in _DARK:
            shine(image, item.solid, x, y, turn, lens, site.light)
        if mirrors(site.light.wetness):
            mirror(image, item.mesh, item.surface, lens, site.scenery, site.sensor)
            self._add_haloes(image, item, lens, add_mirrored_halo)

    def _drawn(self, item: _Placed, lens: Lens) -> Drawn | None:
        """Draw a vehicle; None where it is not in the picture."""
        site, (x, y, turn) = self.site, item.pose
        layer = draw_layer(item.mesh, item.surface, lens, site.scenery, site.sensor)
        if layer is None or not layer.solid.any():
            return None
        corners = plate_corners(item.solid, x, y, turn, lens) if layer.plate_px >= 4 else None
        plate = None if corners is None else plate_height_px(corners)
        return Drawn(item.index, layer, plate, site.heading_deg(item.placement.direction))

    def _exposed(self, item: _Placed, found: Drawn, lens: Lens) -> Layer:
        """Return a drawn vehicle as the open shutter sees it."""
        way_m = item.placement.speed_mps * self.site.sensor.shutter_s
        return smeared(found.layer, motion(item.solid, item.pose, way_m, lens), lens.width, lens.height)

    def _add_haloes(self, image: Picture, item: _Placed, lens: Lens, add: Callable[..., None]) -> None:
        """Add the haloes of lit lamps, or what a wet road makes of them."""
        if not self.site.light.lamps_lit:
            return
        x, y, turn = item.pose
        ahead = turning(turn) @ np.array([1, 0, 0], np.float32)
        for lamp in item.solid.lamps:
            place = turning(turn) @ lamp.place + np.array([x, y, 0], np.float32)
            towards = ahead if lamp.kind == HEAD else -ahead
            add(image, lamp, place, towards, lens, self.site.light, braking=item.placement.braking)


def _restore(image: Picture, background: Picture, before: Picture, layers: Sequence[Layer]) -> None:
    """Put back what stands between the camera and the traffic, with soft edges before vehicles; changes the image."""
    cv2.copyTo(background, cv2.threshold(before, _WHOLLY, 255, cv2.THRESH_BINARY)[1], image)
    for layer in layers:
        part = layer.window.slices
        share = before[part]
        if share.any():
            weight = share[..., None].astype(np.float32) / 255
            image[part] = (image[part] * (1 - weight) + background[part] * weight).astype(np.uint8)
