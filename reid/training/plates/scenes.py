"""Render vehicles whose plates' corners are known, once, and keep them as small pictures on disk."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reid.images import decode_jpeg, encode_jpeg
from reid.render.crops import CropCamera, CropOptions, Staged, camera_of, stage, vehicle_of
from reid.render.plate_truth import plate_corners, plate_height_px
from reid.render.vehicles.bodies import Vehicle, make_model, make_vehicle
from reid.threads import stay_on_one_thread
from reid.vehicle import Image

LOOK = 4
"""Counts up when these pictures change, so that older ones on disk are not taken for them."""

BLOCK = 50
"""Scenes in one file."""

BIKE_EVERY = 6
"""Every so many scenes show a two-wheeler from behind: in traffic they are rare, and their plates are unlike others."""

ASIDE_CHANCE = 0.2
"""How often a vehicle is seen from any side: where its plate is hardly seen, wheels and windows are most like one."""

NONE, SEEN, UNCLEAR = 0, 1, 2
"""What is known of a scene's plate: there is none to find, there is one, or nobody can tell."""

_QUALITY = 94
_LEAST_SEEN = 0.6
_BIKES = ("motorcycle", "scooter")
_LEAST_SLANT = 0.3
_LEAST_HEIGHT_PX = 5.0


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """What to render: vehicles before cameras that look from masts, bridges and the pavement."""

    seed: int = 21
    scenes: int = 3700
    cameras: int = 160
    sides_px: tuple[int, int] = (150, 420)
    bare_chance: float = 0.14


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture as JPEG; `vehicle` (4,) is its box as x0, y0, x1, y1, `corners` (4, 2) those of its plate."""

    jpeg: bytes
    vehicle: npt.NDArray[np.float32]
    plate: int
    corners: npt.NDArray[np.float32]

    @property
    def image(self) -> Image:
        """Return the pixels."""
        return decode_jpeg(self.jpeg)


def rendered_scenes(options: SceneOptions, cache: Path, report: Callable[[int, int], None]) -> list[Scene]:
    """Return all scenes; each block of them is rendered once and kept in `cache`. `report` gets done, of how many."""
    stay_on_one_thread()
    folder = cache / _key(options)
    folder.mkdir(parents=True, exist_ok=True)
    scenes: list[Scene] = []
    for first in range(0, options.scenes, BLOCK):
        path = folder / f"{first:06d}.npz"
        if not path.exists():
            _save([draw_scene(options, number) for number in range(first, first + BLOCK)], path)
        scenes += _load(path)
        report(len(scenes), options.scenes)
    return scenes[: options.scenes]


def draw_scene(options: SceneOptions, number: int) -> Scene:
    """Draw scene `number`."""
    rng = np.random.default_rng([options.seed, 51, number])
    crops = CropOptions(seed=options.seed, cameras=options.cameras)
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
    staged = stage(vehicle, camera, heading, side, rng)
    plate, corners = _plate(vehicle, staged)
    return Scene(encode_jpeg(staged.picture, _QUALITY), _box(staged), plate, corners)


def _two_wheeler(options: SceneOptions, number: int) -> Vehicle:
    rng = np.random.default_rng([options.seed, 55, number])
    model = make_model(int(rng.integers(2**31)), str(rng.choice(_BIKES)))
    return make_vehicle(int(rng.integers(2**31)), model)


def _moved(camera: CropCamera, rng: np.random.Generator) -> CropCamera:
    """Return the camera where it is, or as near and low as a person who takes a photograph."""
    if rng.random() < 0.6:
        return camera
    heading = float(rng.choice([0.0, 180.0])) + float(rng.normal(0, 28))
    return replace(
        camera, heading_deg=heading % 360, mast_m=float(rng.uniform(0.9, 3.0)), away_m=float(rng.uniform(2.5, 9))
    )


def _plate(vehicle: Vehicle, staged: Staged) -> tuple[int, npt.NDArray[np.float32]]:
    """Return what is known of the plate, and where it is."""
    corners = plate_corners(staged.solid, 0.0, 0.0, 0.0, staged.lens)
    nowhere = np.zeros((4, 2), np.float32)
    if corners is None or staged.layer.plate_px < 4:
        return NONE, nowhere
    tall = plate_height_px(corners)
    if vehicle.plate.state == "covered":
        return (NONE if tall >= 2 * _LEAST_HEIGHT_PX else UNCLEAR), corners
    area = float(cv2.contourArea(corners))
    wide, high = vehicle.plate.size_m
    slanted = area < _LEAST_SLANT * tall**2 * wide / high
    height, width = staged.picture.shape[:2]
    inside = bool((corners >= 0).all() and (corners <= (width, height)).all())
    clear = inside and not slanted and tall >= _LEAST_HEIGHT_PX and staged.layer.plate_px >= _LEAST_SEEN * area
    return (SEEN if clear else UNCLEAR), corners


def _box(staged: Staged) -> npt.NDArray[np.float32]:
    rows, columns = (np.flatnonzero(staged.layer.solid.any(axis=axis)) for axis in (1, 0))
    x, y = staged.layer.window.x, staged.layer.window.y
    return np.array([x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1], np.float32)


def _save(scenes: list[Scene], path: Path) -> None:
    """Write a block of scenes whole or not at all."""
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


def _load(path: Path) -> list[Scene]:
    with np.load(path) as kept:
        ends = np.cumsum(kept["lengths"])
        pieces = np.split(kept["jpeg"], ends[:-1])
        parts = zip(pieces, kept["vehicle"], kept["plate"].tolist(), kept["corners"], strict=True)
        return [Scene(piece.tobytes(), vehicle, plate, corners) for piece, vehicle, plate, corners in parts]


def _key(options: SceneOptions) -> str:
    """Name what decides the pictures: how many there are does not."""
    told = {**asdict(options), "scenes": 0, "look": LOOK}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
