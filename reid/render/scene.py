"""Set up one camera's scene: street, light, lens and sensor, with the background drawn once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.arrays import AnyFloats
from reid.errors import SeeingError
from reid.render.foreign.street import FOREIGN_LOOK, mount_foreign_camera, tint_foreign_sensor
from reid.render.foreign.weathers import FOREIGN_WEATHERS
from reid.render.light.lens import Lens
from reid.render.light.sensor import Sensor, draw_sensor
from reid.render.light.shading import Scenery
from reid.render.light.weather import WEATHERS, Light, environment_map, make_light
from reid.render.street.backdrop import Parked, draw_backdrop
from reid.render.street.street import OVERVIEW, PLATE, Street, draw_street, place_camera
from reid.render.vehicles.bodies import Vehicle
from reid.vehicle import Image

MARGIN_PX = 8
"""The background reaches this far beyond the picture, so that the camera can shake."""

_PLATE_SHUTTER_S = 1 / 400


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """Options of a camera; `heading_deg` is the direction of traffic +1 in the picture (0 away, 90 right).

    A camera that `shakes` is moved by the wind. A `foreign` one stands in a town of another look and with weathers of
    its own, which is for measuring alone.
    """

    width: int = 1280
    height: int = 720
    kind: str = OVERVIEW
    heading_deg: float = 0.0
    weather: str = "sun"
    keeps_left: bool = False
    parked: int = 3
    shakes: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """A vehicle on the road, `along_m` past the middle of the view in its own direction (1 or -1).

    `lane` 0 is the outermost; `lateral_m` shifts it to the left of its lane's middle as the driver sees it. This is its
    place in the middle of the exposure; motion blur follows from its speed.
    """

    vehicle: Vehicle
    direction: int
    along_m: float
    lane: int = 0
    lateral_m: float = 0.0
    braking: bool = False
    speed_mps: float = 0.0


@dataclass(frozen=True, slots=True)
class Site:
    """A camera's scene. `background` has a margin of MARGIN_PX.

    `poles` and `before` (0..255) are masks of what stands before the traffic, without and with parked vehicles.
    """

    seed: int
    options: SiteOptions
    street: Street
    lens: Lens
    light: Light
    sensor: Sensor
    scenery: Scenery
    background: Image
    poles: npt.NDArray[np.uint8]
    before: npt.NDArray[np.uint8]
    parked: tuple[Parked, ...] = ()

    def heading_deg(self, direction: int) -> float:
        """Return the heading of a direction of traffic in the picture: 0 away, 90 to the right, 180 towards."""
        return (self.options.heading_deg + (0 if direction > 0 else 180)) % 360

    def place(self, placement: Placement) -> tuple[float, float, float]:
        """Return x, y and turn (radians) of a placed vehicle on the street."""
        sign = 1 if placement.direction > 0 else -1
        y = self.street.lane_y_m(sign, placement.lane) + sign * placement.lateral_m
        return sign * placement.along_m, y, 0.0 if sign > 0 else np.pi

    def visible_range_m(self, direction: int, lane: int = 0) -> tuple[float, float]:
        """Return the first and last `along_m` at which a car of a direction is in the picture and not tiny."""
        sign = 1 if direction > 0 else -1
        along = np.arange(-90.0, 90.5, 0.5)
        y = self.street.lane_y_m(sign, lane)
        corners = [(dx, dy, dz) for dx in (-2.2, 2.2) for dy in (-0.9, 0.9) for dz in (0.0, 1.5)]
        seen = [self._in_picture(np.array([(sign * a + dx, y + dy, dz) for dx, dy, dz in corners])) for a in along]
        inside = along[np.array(seen)]
        if inside.size == 0:
            return 0.0, 0.0
        return float(inside[0]) - 1.0, float(inside[-1]) + 1.0

    def _in_picture(self, points: AnyFloats) -> bool:
        """Return whether an object with these corners is in the picture and more than a few pixels high."""
        screen = self.lens.project(points)
        if (screen[:, 2] <= 0).any():
            return False
        x, y = screen[:, 0], screen[:, 1]
        inside = x.max() > 0 and x.min() < self.lens.width and y.max() > 0 and y.min() < self.lens.height
        return bool(inside and y.max() - y.min() >= 18 * self.lens.height / 720)


def draw_site_sensor(seed: int, light: Light, options: SiteOptions) -> Sensor:
    """Draw a camera's sensor; plate cameras have a short shutter."""
    longest_s = _PLATE_SHUTTER_S if options.kind == PLATE else light.shutter_s
    sensor = draw_sensor(
        seed,
        light.exposure,
        dark=light.weather in ("night", "dusk"),
        shakes=options.shakes,
        shutter_s=min(light.shutter_s, longest_s),
    )
    return tint_foreign_sensor(seed, sensor) if options.foreign else sensor


def street_of(seed: int, options: SiteOptions) -> Street:
    """Return the street of a camera's scene."""
    return draw_street(seed, keeps_left=options.keeps_left, narrow=options.kind == PLATE)


def make_site(seed: int, options: SiteOptions | None = None) -> Site:
    """Set up a camera and draw its background, which takes a second or two."""
    options = options or SiteOptions()
    if options.kind not in (OVERVIEW, PLATE):
        raise SeeingError(f"camera kind {options.kind!r} is not known: choose {OVERVIEW} or {PLATE}")
    street = street_of(seed, options)
    place = mount_foreign_camera if options.foreign else place_camera
    lens = place(seed, street, options.heading_deg, options.kind, options.width, options.height)
    light = make_light(seed, options.weather, FOREIGN_WEATHERS if options.foreign else WEATHERS)
    sensor = draw_site_sensor(seed, light, options)
    scenery = Scenery(light, environment_map(light, seed), lens.eye)
    wide = lens.part(-MARGIN_PX, -MARGIN_PX, lens.width + 2 * MARGIN_PX, lens.height + 2 * MARGIN_PX)
    backdrop = draw_backdrop(
        seed,
        street,
        wide,
        scenery,
        sensor,
        heading_deg=options.heading_deg,
        parked=options.parked,
        look=FOREIGN_LOOK if options.foreign else None,
    )
    drawn = (backdrop.picture, backdrop.poles, backdrop.before, backdrop.parked)
    return Site(seed, options, street, lens, light, sensor, scenery, *drawn)
