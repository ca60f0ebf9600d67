"""Make a town of straight streets with cameras, and fill its archive with the sightings of random traffic."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from index.map.places import current_places, place_book
from index.records import Coverage, NewChunk, NewShot, NewSighting
from index.store.archive import Archive
from reid.arrays import Floats, Floats32, Ints
from reid.vehicle import COLOURS, VEHICLE_TYPES, Attributes, Box, Plate
from roadgraph.camera import Camera

START = datetime(2026, 5, 4, tzinfo=UTC)
LAT, LON, BLOCK_DEG = 48.0, 11.0, 0.004
LEGS = 5
"""The passages of each vehicle."""
AT_ONCE = 5000
MODEL, DIMS = "made-up-256", 256
BOX = Box(100.5, 200.25, 80.0, 60.0)
CORNERS = ((0.0, 0.0), (40.0, 0.0), (40.0, 10.0), (0.0, 10.0))
LETTERS = "ABCDEFGHKLMNPRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class MadeTown:
    """A square of streets, so many blocks wide; a larger archive covers more days, not busier ones."""

    cameras: int = 50
    blocks: int = 20
    a_day: int = 20_000


@dataclass(frozen=True, slots=True)
class MadeTraffic:
    """Vehicle, camera and time (seconds from START) of each passage, ordered by time, with their vectors."""

    vehicle: Ints
    camera: Ints
    time_s: Floats
    vectors: Floats32


def make_archive(folder: Path, town: MadeTown, database_url: str | None = None) -> Archive:
    """Make an archive with the streets of a town, and its cameras in the middle of blocks."""
    side = range(town.blocks)
    lines = [[[LON + BLOCK_DEG * x, LAT + BLOCK_DEG * y] for x in side] for y in side]
    lines += [[[lon, lat] for lon, lat in column] for column in zip(*lines, strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    roads = folder / "roads.geojson"
    roads.write_text(json.dumps({"type": "FeatureCollection", "features": [_street(line) for line in lines]}))
    archive = Archive.create(folder / "archive", database_url)
    place_book(archive).import_roads(roads)
    place_book(archive).import_cameras(list(_cameras(town)))
    return archive


def make_traffic(archive: Archive, town: MadeTown, count: int, *, seed: int) -> MadeTraffic:
    """Return random vehicles that drive from camera to camera, none faster than the roads allow."""
    rng = np.random.default_rng(seed)
    usual_s = _usual_s(archive)
    drives = -(-count // LEGS)
    camera = rng.integers(town.cameras, size=(drives, LEGS))
    took_s = usual_s[camera[:, :-1], camera[:, 1:]] * rng.lognormal(0.1, 0.25, size=(drives, LEGS - 1))
    began_s = rng.uniform(0, 86_400 * count / town.a_day, size=drives)
    time_s = began_s[:, None] + np.concatenate([np.zeros((drives, 1)), np.cumsum(took_s, axis=1)], axis=1)
    vehicle = np.repeat(np.arange(drives), LEGS)
    order = np.argsort(time_s.ravel(), kind="stable")[:count]
    own = rng.normal(size=(drives, DIMS)).astype(np.float32)
    vectors = own[vehicle[order]] + rng.normal(0, 1.0, size=(count, DIMS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return MadeTraffic(vehicle[order], camera.ravel()[order], time_s.ravel()[order], vectors)


def no_picture(vehicle: int) -> bytes:
    """Return nothing: most measurements need no pictures."""
    return b""


def fill(
    archive: Archive,
    traffic: MadeTraffic,
    size: int,
    start: int = 0,
    picture_of: Callable[[int], bytes] = no_picture,
    model: str = MODEL,
) -> None:
    """Add the sightings from one row up to another; existing ones are not added twice.

    All cameras were recorded from the first to the last of them. `picture_of` returns the JPEG of a vehicle; `model`
    is said to have made the vectors.
    """
    cameras = [camera_id(number) for number in range(int(traffic.camera.max()) + 1)]
    for first in range(start, size, AT_ONCE):
        rows = range(first, min(first + AT_ONCE, size))
        # Without a hole to the next: it would be a gap at every camera.
        began, ended = time_of(traffic, rows[0]), time_of(traffic, min(rows[-1] + 1, len(traffic.time_s) - 1))
        recorded = tuple(Coverage(camera, began, ended) for camera in cameras)
        archive.add(NewChunk(None, None, tuple(_sighting(traffic, row, picture_of, model) for row in rows), recorded))


def sighting_id(row: int) -> str:
    """Return the id of the sighting in a row."""
    return f"s{row:08d}"


def camera_id(number: int) -> str:
    """Return the id of a camera."""
    return f"camera-{number:04d}"


def look_of(vehicle: int) -> Attributes:
    """Return the type and colour of a vehicle."""
    rng = np.random.default_rng(vehicle)
    return Attributes({str(rng.choice(VEHICLE_TYPES)): 0.9}, {str(rng.choice(COLOURS)): 0.8}, None)


def plate_text(vehicle: int) -> str:
    """Return what the plate of a vehicle reads; every third sighting has its plate."""
    return "".join(np.random.default_rng([vehicle, 1]).choice(list(LETTERS), 7))


def time_of(traffic: MadeTraffic, row: int) -> datetime:
    """Return when the sighting of a row was made."""
    return START + timedelta(seconds=float(traffic.time_s[row]))


def _usual_s(archive: Archive) -> Floats:
    """Return the usual seconds between cameras, (cameras, cameras), in the order of their numbers."""
    places = current_places(archive)
    assert places is not None
    assert places.travel.times is not None
    times = places.travel.times
    return times.per_camera(times.usual_s)


def _sighting(traffic: MadeTraffic, row: int, picture_of: Callable[[int], bytes], model: str) -> NewSighting:
    best = time_of(traffic, row)
    vehicle = int(traffic.vehicle[row])
    plate = None
    if row % 3 == 0:
        text = plate_text(vehicle)
        plate = Plate(BOX, CORNERS, text, 0.9, tuple({letter: 0.9} for letter in text))
    return NewSighting(
        id=sighting_id(row),
        camera=camera_id(int(traffic.camera[row])),
        first=best - timedelta(seconds=1),
        best=best,
        last=best + timedelta(seconds=1),
        box=BOX,
        attributes=look_of(vehicle),
        shots=(NewShot(best, 0, BOX, picture_of(vehicle), 1.0),),
        vectors={model: traffic.vectors[row : row + 1]},
        plate=plate,
        plate_model="made-up-reader" if plate else None,
    )


def _street(line: list[list[float]]) -> dict[str, object]:
    tags = {"highway": "secondary", "maxspeed": "50"}
    return {"type": "Feature", "properties": tags, "geometry": {"type": "LineString", "coordinates": line}}


def _cameras(town: MadeTown) -> Iterator[Camera]:
    """Yield the cameras, seven blocks apart."""
    for number in range(town.cameras):
        row, column = divmod(number * 7, town.blocks - 1)
        lat, lon = LAT + BLOCK_DEG * (row % town.blocks) + 0.00003, LON + BLOCK_DEG * (column + 0.5)
        yield Camera(camera_id(number), lat, lon, 90.0)
