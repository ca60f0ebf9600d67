"""Draw a street's background: sky, ground, houses, trees, parked cars, and poles before the traffic."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.arrays import AnyFloats
from reid.render import noise
from reid.render.light.glare import lamp_light
from reid.render.light.lens import Lens
from reid.render.light.sensor import Sensor, develop, focus
from reid.render.light.shading import Scenery, Surface
from reid.render.light.shadows import cast_shadow
from reid.render.light.weather import Light, sky_colour
from reid.render.number_plates.layouts import Rgb
from reid.render.street.houses import WALLS, houses
from reid.render.street.paving import Ground, albedo, draw_ground, lit_ground
from reid.render.street.roadside import StreetObject, poles, stands_between, trees
from reid.render.street.street import Street, on_ground
from reid.render.vehicles.bodies import Vehicle, make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.render.vehicles.layers import Layer, draw_layer
from reid.vehicle import Image

_PARKED_BODIES = ("hatch", "sedan", "estate", "suv", "mpv", "van")


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked vehicle, with its layer in the background's pixels; one that is `between` occludes the traffic."""

    name: str
    layer: Layer
    heading_deg: float
    between: bool


def _draw_parked(rng: np.random.Generator) -> Vehicle:
    model = make_model(int(rng.integers(2**31)), str(rng.choice(_PARKED_BODIES)))
    return make_vehicle(int(rng.integers(2**31)), model)


@dataclass(frozen=True, slots=True)
class TownLook:
    """The look of a town's streets: how a ground is drawn from a seed, how a parked vehicle, and the walls' colours."""

    ground: Callable[[int, Light], Ground] = lambda seed, light: draw_ground(seed)
    parked: Callable[[np.random.Generator], Vehicle] = _draw_parked
    walls: tuple[Rgb, ...] = WALLS


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A drawn background with its parked vehicles.

    `poles` and `before` (0..255) are masks of what stands before the traffic, without and with parked vehicles.
    """

    picture: Image
    poles: npt.NDArray[np.uint8]
    before: npt.NDArray[np.uint8]
    parked: tuple[Parked, ...]


def draw_backdrop(
    seed: int,
    street: Street,
    lens: Lens,
    scenery: Scenery,
    sensor: Sensor,
    *,
    heading_deg: float,
    parked: int,
    look: TownLook | None = None,
) -> Backdrop:
    """Draw everything static."""
    look = look or TownLook()
    picture = develop(_ground_and_sky(seed, street, lens, scenery.light, look), sensor)
    stands = [*houses(seed, street, lens, look.walls), *trees(seed, street, lens), *poles(seed, street, lens)]
    stands = sorted(stands, key=lambda stand: -float(np.hypot(stand.x_m - lens.eye[0], stand.y_m - lens.eye[1])))
    for stand in stands:
        if not stand.between:
            cast_shadow(picture, stand.solid, stand.x_m, stand.y_m, stand.turn_rad, lens, scenery.light)
    for stand in stands:
        if not stand.between:
            _draw(stand, picture, lens, scenery, sensor)
    cars = _park(seed, street, picture, lens, scenery, sensor, look, heading_deg=heading_deg, count=parked)
    poles_mask = np.zeros(picture.shape[:2], np.uint8)
    for stand in stands:
        layer = _draw(stand, picture, lens, scenery, sensor) if stand.between else None
        if layer is not None:
            _cover(poles_mask, layer)
    before = poles_mask.copy()
    for car in cars:
        if car.between:
            _cover(before, car.layer)
    return Backdrop(focus(picture, sensor), poles_mask, before, cars)


def _cover(mask: npt.NDArray[np.uint8], layer: Layer) -> None:
    """Add a layer's coverage to a mask; changes the mask."""
    part = mask[layer.window.slices]
    part[:] = np.maximum(part, layer.coverage)


def _ground_and_sky(seed: int, street: Street, lens: Lens, light: Light, look: TownLook) -> AnyFloats:
    """Return the light of the empty street under its sky."""
    rays = lens.rays()
    x, y, distance = on_ground(lens, rays)
    far = distance > 400
    ground = albedo(look.ground(seed, light), street, np.where(far, 0, x), np.where(far, 0, y), distance)
    lit = lit_ground(ground, light, rays, distance)
    sky = sky_colour(light, rays)
    cloud = noise.at(np.arctan2(rays[..., 1], rays[..., 0]) * noise.TURN + seed % 97, rays[..., 2] * 260)
    if light.weather in ("sun", "low sun", "dusk"):
        sky = sky * (1 + 0.10 * np.clip(cloud, -0.6, 1.6))[..., None]
    skyline = _skyline(seed, rays)
    return np.where(far[..., None], sky * (1 - skyline[..., None]) + _woods(light) * skyline[..., None], lit).astype(
        np.float32
    )


def _skyline(seed: int, rays: AnyFloats) -> AnyFloats:
    """Return the mask of distant woods and roofs before the sky: 1 below their line, 0 above."""
    around = np.arctan2(rays[..., 1], rays[..., 0])
    line = 0.022 + 0.009 * noise.at(around * 2 * noise.TURN + seed % 211, np.full_like(around, 3.0))
    line += 0.006 * noise.at(around * 11 * noise.TURN, np.full_like(around, 57.0))
    return np.clip((line - rays[..., 2]) * 900, 0, 1)


def _woods(light: Light) -> AnyFloats:
    """Return the light of distant woods through the haze."""
    clear = light.clear_share(260.0)
    dark = np.array([0.07, 0.09, 0.06], np.float32) * (light.ambient + 0.4 * light.sun)
    veiled: AnyFloats = dark * clear + light.haze * (1 - clear)
    return veiled


def _draw(stand: StreetObject, picture: Image, lens: Lens, scenery: Scenery, sensor: Sensor) -> Layer | None:
    """Draw one object beside the street; changes the picture."""
    mesh = stand.solid.mesh.moved(stand.x_m, stand.y_m, stand.turn_rad)
    surface = Surface(stand.solid.texture, stand.solid.plate_faces, lamp_light(scenery.light, braking=False))
    layer = draw_layer(mesh, surface, lens, scenery, sensor, scale=2)
    if layer is not None:
        layer.over(picture, sensor)
    return layer


def _park(
    seed: int,
    street: Street,
    picture: Image,
    lens: Lens,
    scenery: Scenery,
    sensor: Sensor,
    look: TownLook,
    *,
    heading_deg: float,
    count: int,
) -> tuple[Parked, ...]:
    """Park vehicles along the kerbs and return them; changes the picture."""
    rng = np.random.default_rng([seed, 84])
    stands = []
    for number in range(count):
        vehicle = look.parked(rng)
        side = 1 if rng.random() < 0.5 else -1
        y = side * (street.half_width_m + float(rng.uniform(1.2, 1.6)))
        x = float(rng.uniform(-4, 6)) + 9.0 * number
        backwards = (side > 0) != street.keeps_left
        between = stands_between(lens, street, x, y)
        stands.append(StreetObject(build(vehicle), x, y, np.pi if backwards else 0.0, between=between))
    stands = sorted(stands, key=lambda stand: -float(np.hypot(stand.x_m - lens.eye[0], stand.y_m - lens.eye[1])))
    parked = []
    for number, stand in enumerate(stands):
        cast_shadow(picture, stand.solid, stand.x_m, stand.y_m, stand.turn_rad, lens, scenery.light)
        mesh = stand.solid.mesh.moved(stand.x_m, stand.y_m, stand.turn_rad)
        layer = draw_layer(mesh, Surface(stand.solid.texture, stand.solid.plate_faces), lens, scenery, sensor, scale=2)
        if layer is not None and layer.solid.any():
            layer.over(picture, sensor)
            heading = float((heading_deg + np.degrees(stand.turn_rad)) % 360)
            parked.append(Parked(f"scenery-{number + 1}", layer, heading, stand.between))
    return tuple(parked)
