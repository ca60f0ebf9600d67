"""Draw labelled vehicle crops on the fly: the same seed gives the same stream for any number of workers.

A crop is a pure function of (options, number). Cameras keep their street, light, lens and sensor; vehicles are seen by
several cameras, and models are shared by many vehicles, as in reality.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from reid.render.degrade import clutter, degrade
from reid.render.light.glare import lamp_light
from reid.render.light.lens import Lens, aimed
from reid.render.light.sensor import Sensor, develop, draw_sensor
from reid.render.light.shading import Scenery, Surface
from reid.render.light.shadows import cast_shadow
from reid.render.light.weather import WEATHERS, environment_map, make_light, sky_colour
from reid.render.street.paving import Ground, albedo, draw_ground, lit_ground
from reid.render.street.street import Street, draw_street, on_ground
from reid.render.vehicles.assembly import Solid
from reid.render.vehicles.bodies import Vehicle, make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.render.vehicles.layers import Layer, draw_layer
from reid.vehicle import Image

_WEATHER_SHARES = (0.36, 0.30, 0.08, 0.08, 0.07, 0.07, 0.04)
_MODEL_BLOCK = 10**6


@dataclass(frozen=True, slots=True)
class RenderedCropOptions:
    """What to draw: square crops of `size_px`, `shots` of each vehicle in turn, each by a random camera."""

    seed: int = 0
    size_px: int = 160
    vehicles: int = 5000
    models: int = 1500
    cameras: int = 200
    shots: int = 8
    weathers: tuple[str, ...] = tuple(WEATHERS)


@dataclass(frozen=True, slots=True)
class LabelledCrop:
    """A picture, (size, size, 3) RGB, and its labels."""

    image: Image
    vehicle: int
    camera: int
    model: int
    type: str
    colour: str
    body: str
    heading_deg: float
    plate: str


@dataclass(frozen=True, slots=True)
class CropCamera:
    """A fixed camera, as far as single crops depend on it."""

    street: Street
    ground: Ground
    scenery: Scenery
    sensor: Sensor
    heading_deg: float
    mast_m: float
    away_m: float
    resolution_px: float


@dataclass(frozen=True, slots=True)
class StagedVehicle:
    """A picture of one vehicle at the origin, its front along +x, with the layer, solid and lens it was drawn from."""

    picture: Image
    layer: Layer
    solid: Solid
    lens: Lens


def vehicle_of(options: RenderedCropOptions, number: int) -> tuple[int, Vehicle]:
    """Return vehicle `number` with the number of its model."""
    rng = np.random.default_rng([options.seed, number, 111])
    model = int(options.models * rng.random() ** 1.6)
    seed = (options.seed * _MODEL_BLOCK + model) % 2**31
    return model, make_vehicle(int(rng.integers(2**31)), make_model(seed))


@lru_cache(maxsize=512)
def camera_of(options: RenderedCropOptions, number: int) -> CropCamera:
    """Return camera `number`."""
    rng = np.random.default_rng([options.seed, number, 112])
    seed = int(rng.integers(2**31))
    shares = np.array([_WEATHER_SHARES[list(WEATHERS).index(name)] for name in options.weathers])
    light = make_light(seed, str(rng.choice(options.weathers, p=shares / shares.sum())))
    sensor = draw_sensor(seed, light.exposure, dark=light.weather in ("night", "dusk"))
    view = float(rng.choice([0, 180, 90, 270, 40, 140, 220, 320], p=[0.28, 0.30, 0.03, 0.03, 0.09, 0.09, 0.09, 0.09]))
    scenery = Scenery(light, environment_map(light, seed), np.zeros(3, np.float32))
    return CropCamera(
        draw_street(seed), draw_ground(seed), scenery, sensor, (view + float(rng.normal(0, 9))) % 360,
        float(rng.uniform(3.5, 8)), float(rng.uniform(9, 30)), float(rng.choice([48, 70, 100, 150, 200])),
    )  # fmt: skip


def draw_crop(options: RenderedCropOptions, number: int) -> LabelledCrop:
    """Draw crop `number` of the stream."""
    vehicle_number = number // options.shots % options.vehicles
    model, vehicle = vehicle_of(options, vehicle_number)
    rng = np.random.default_rng([options.seed, number, 113])
    camera_number = int(rng.integers(options.cameras))
    camera = camera_of(options, camera_number)
    heading = (camera.heading_deg + float(rng.normal(0, 5))) % 360
    staged = stage_vehicle(vehicle, camera, heading, options.size_px, rng)
    image = cut_box(staged.picture, staged.layer, rng)
    image = degrade(image, camera.sensor, camera.resolution_px, rng, size_px=options.size_px)
    text = vehicle.plate.text if vehicle.plate.state in ("clean", "dirty") else ""
    return LabelledCrop(
        image, vehicle_number, camera_number, model, vehicle.type, vehicle.colour, vehicle.model.body, heading, text
    )


def draw_crops(options: RenderedCropOptions, *, start: int = 0, step: int = 1) -> Iterator[LabelledCrop]:
    """Yield crops start, start + step, ...; worker k of n uses start=k, step=n to get its part of one stream."""
    number = start
    while True:
        yield draw_crop(options, number)
        number += step


def stage_vehicle(
    vehicle: Vehicle, camera: CropCamera, heading_deg: float, size_px: int, rng: np.random.Generator
) -> StagedVehicle:
    """Draw a vehicle in front of a camera, in a picture a little larger than a crop of `size_px`."""
    solid = build(vehicle)
    lens = _lens(camera, heading_deg, (solid.length_m, solid.width_m, solid.height_m), size_px, rng)
    light = camera.scenery.light
    picture = clutter(_background(camera, lens), rng)
    cast_shadow(picture, solid, 0.0, 0.0, 0.0, lens, light)
    scenery = Scenery(light, camera.scenery.mirrored, lens.eye)
    surface = Surface(solid.texture, solid.plate_faces, lamp_light(light, braking=bool(rng.random() < 0.15)))
    layer = draw_layer(solid.mesh, surface, lens, scenery, camera.sensor)
    if layer is None:
        raise ValueError(f"vehicle {vehicle.seed} is not in its own crop")
    layer.over(picture, camera.sensor)
    return StagedVehicle(picture, layer, solid, lens)


def _lens(
    camera: CropCamera, heading_deg: float, size_m: tuple[float, float, float], size_px: int, rng: np.random.Generator
) -> Lens:
    """Return a lens that fills most of the picture with a vehicle at the origin, its front along +x."""
    length, width, height = size_m
    turn = np.radians(heading_deg)
    away = camera.away_m * float(rng.uniform(0.8, 1.25)) + length / 2
    eye = (-away * np.cos(turn), -away * np.sin(turn), camera.mast_m)
    wide = abs(np.sin(turn)) * length + abs(np.cos(turn)) * width
    high = height * 0.95 + (abs(np.cos(turn)) * length + abs(np.sin(turn)) * width) * camera.mast_m / away
    focal = size_px * float(np.hypot(away, camera.mast_m)) / max(wide, high)
    return aimed(eye, (0, 0, height * 0.45), focal, round(size_px * 1.3), round(size_px * 1.3))


def _background(camera: CropCamera, lens: Lens) -> Image:
    """Return the empty street, drawn at half the size because it is out of focus."""
    width, height = lens.width // 2, lens.height // 2
    coarse = replace(
        lens, focal_px=lens.focal_px / 2, centre_x_px=width / 2, centre_y_px=height / 2, width=width, height=height
    )
    rays = coarse.rays()
    x, y, distance = on_ground(coarse, rays)
    shift = camera.street.lane_y_m(1, 0)
    far = distance > 300
    ground = albedo(camera.ground, camera.street, np.where(far, 0, x), np.where(far, 0, y + shift), distance)
    lit = lit_ground(ground, camera.scenery.light, rays, distance)
    street = np.where(far[..., None], sky_colour(camera.scenery.light, rays), lit).astype(np.float32)
    whole = cv2.resize(develop(street, camera.sensor), (lens.width, lens.height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole, np.uint8)


def cut_box(picture: Image, layer: Layer, rng: np.random.Generator) -> Image:
    """Return the vehicle's box, cropped as imprecisely as detectors do."""
    rows, columns = (np.flatnonzero(layer.solid.any(axis=axis)) for axis in (1, 0))
    top, bottom = layer.window.y + rows[0], layer.window.y + rows[-1] + 1
    left, right = layer.window.x + columns[0], layer.window.x + columns[-1] + 1
    slack = rng.normal(0.02, 0.035, 4) * np.array([right - left, right - left, bottom - top, bottom - top])
    x0, x1 = max(0, round(left - slack[0])), min(picture.shape[1], round(right + slack[1]))
    y0, y1 = max(0, round(top - slack[2])), min(picture.shape[0], round(bottom + slack[3]))
    return picture[y0 : max(y1, y0 + 8), x0 : max(x1, x0 + 8)]
