"""Render vehicles with known plate corners once, and keep them as small pictures on disk."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from reid.arrays import Floats32
from reid.images import decode_jpeg, encode_jpeg, stay_on_one_thread
from reid.render.crops import CropCamera, RenderedCropOptions, StagedVehicle, camera_of, stage_vehicle, vehicle_of
from reid.render.truth import plate_corners, plate_height_px
from reid.render.vehicles.bodies import Vehicle, make_model, make_vehicle
from reid.vehicle import Image

RENDER_VERSION = 4
"""Increase it when these pictures change, so that cached older ones are not used."""

BLOCK = 50
"""Scenes in one file."""

BIKE_EVERY = 6
"""Every sixth scene shows a two-wheeler from behind, because these are rare and their plates differ from others."""

ASIDE_CHANCE = 0.2
"""How often a vehicle is seen from any side: there wheels and windows are most easily taken for a plate."""

NO_PLATE, VISIBLE, UNCLEAR = 0, 1, 2
"""State of a scene's plate: there is none to find, there is one, or it is unclear."""

_QUALITY = 94
_LEAST_SEEN = 0.6
_BIKES = ("motorcycle", "scooter")
_LEAST_SLANT = 0.3
_LEAST_HEIGHT_PX = 5.0


@dataclass(frozen=True, slots=True)
class PlateSceneOptions:
    """What to render: vehicles seen by cameras on masts, bridges and the pavement."""

    seed: int = 21
    scenes: int = 3700
    cameras: int = 160
    sides_px: tuple[int, int] = (150, 420)
    bare_chance: float = 0.14


@dataclass(frozen=True, slots=True)
class PlateScene:
    """A picture as JPEG; `vehicle` (4,) is its box as x0, y0, x1, y1, `corners` (4, 2) those of its plate."""

    jpeg: bytes
    vehicle: Floats32
    plate: int
    corners: Floats32

    @property
    def image(self) -> Image:
        """Return the pixels."""
        return decode_jpeg(self.jpeg)


def rendered_scenes(options: PlateSceneOptions, cache: Path, report: Callable[[int, int], None]) -> list[PlateScene]:
    """Return all scenes; each block is rendered once and kept in `cache`. `report` gets done and total."""
    stay_on_one_thread()
    folder = cache / _key(options)
    folder.mkdir(parents=True, exist_ok=True)
    scenes: list[PlateScene] = []
    for first in range(0, options.scenes, BLOCK):
        path = folder / f"{first:06d}.npz"
        if not path.exists():
            _save([draw_scene(options, number) for number in range(first, first + BLOCK)], path)
        scenes += _load(path)
        report(len(scenes), options.scenes)
    return scenes[: options.scenes]


def draw_scene(options: PlateSceneOptions, number: int) -> PlateScene:
    """Draw scene `number`."""
    rng = np.random.default_rng([options.seed, 51, number])
    crops = RenderedCropOptions(seed=options.seed, cameras=options.cameras)
    vehicle = _two_wheeler(options, number) if number % BIKE_EVERY == 0 else vehicle_of(crops, number)[1]
    camera = _moved(camera_of(crops, int(rng.integers(options.cameras))), rng)
    side = round(float(np.exp(rng.uniform(*np.log(options.sides_px)))))
    if rng.random() < options.bare_chance:
        state = str(rng.choice(["covered", "absent"]))
        vehicle = replace(vehicle, plate=replace(vehicle.plate, state=state))
    heading = (camera.heading_deg + float(rng.normal(0, 6))) % 360
    if number % BIKE_EVERY == 0:
        heading = float(rng.normal(0, 25)) % 360
    if rng.random() < ASIDE_CHANCE:
        heading = float(rng.uniform(0, 360))
    staged = stage_vehicle(vehicle, camera, heading, side, rng)
    plate, corners = _plate(vehicle, staged)
    return PlateScene(encode_jpeg(staged.picture, _QUALITY), _box(staged), plate, corners)


def _two_wheeler(options: PlateSceneOptions, number: int) -> Vehicle:
    rng = np.random.default_rng([options.seed, 55, number])
    model = make_model(int(rng.integers(2**31)), str(rng.choice(_BIKES)))
    return make_vehicle(int(rng.integers(2**31)), model)


def _moved(camera: CropCamera, rng: np.random.Generator) -> CropCamera:
    """Return the camera unchanged, or moved as near and low as a person who takes a photograph."""
    if rng.random() < 0.6:
        return camera
    heading = float(rng.choice([0.0, 180.0])) + float(rng.normal(0, 28))
    return replace(
        camera, heading_deg=heading % 360, mast_m=float(rng.uniform(0.9, 3.0)), away_m=float(rng.uniform(2.5, 9))
    )


def _plate(vehicle: Vehicle, staged: StagedVehicle) -> tuple[int, Floats32]:
    """Return the state of the plate and its corners."""
    corners = plate_corners(staged.solid, 0.0, 0.0, 0.0, staged.lens)
    nowhere = np.zeros((4, 2), np.float32)
    if corners is None or staged.layer.plate_px < 4:
        return NO_PLATE, nowhere
    tall = plate_height_px(corners)
    if vehicle.plate.state == "covered":
        return (NO_PLATE if tall >= 2 * _LEAST_HEIGHT_PX else UNCLEAR), corners
    area = float(cv2.contourArea(corners))
    wide, high = vehicle.plate.size_m
    slanted = area < _LEAST_SLANT * tall**2 * wide / high
    height, width = staged.picture.shape[:2]
    inside = bool((corners >= 0).all() and (corners <= (width, height)).all())
    clear = inside and not slanted and tall >= _LEAST_HEIGHT_PX and staged.layer.plate_px >= _LEAST_SEEN * area
    return (VISIBLE if clear else UNCLEAR), corners


def _box(staged: StagedVehicle) -> Floats32:
    rows, columns = (np.flatnonzero(staged.layer.solid.any(axis=axis)) for axis in (1, 0))
    x, y = staged.layer.window.x, staged.layer.window.y
    return np.array([x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1], np.float32)


def _save(scenes: list[PlateScene], path: Path) -> None:
    """Write a block of scenes atomically."""
    lengths = np.array([len(scene.jpeg) for scene in scenes])
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            jpeg=np.frombuffer(b"".join(scene.jpeg for scene in scenes), np.uint8),
            lengths=lengths,
            vehicle=np.stack([scene.vehicle for scene in scenes]),
            plate=np.array([scene.plate for scene in scenes]),
            corners=np.stack([scene.corners for scene in scenes]),
        )
    unfinished.replace(path)


def _load(path: Path) -> list[PlateScene]:
    with np.load(path) as kept:
        ends = np.cumsum(kept["lengths"])
        pieces = np.split(kept["jpeg"], ends[:-1])
        parts = zip(pieces, kept["vehicle"], kept["plate"].tolist(), kept["corners"], strict=True)
        return [PlateScene(piece.tobytes(), vehicle, plate, corners) for piece, vehicle, plate, corners in parts]


def _key(options: PlateSceneOptions) -> str:
    """Return the cache key of the scenes, which do not depend on their number."""
    document = {**asdict(options), "scenes": 0, "look": RENDER_VERSION}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]
