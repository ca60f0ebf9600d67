"""Lend the tests of the search a straight street with five cameras, and what drives on it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from index.map.places import place_book
from index.records import Coverage, NewChunk, NewShot, NewSighting
from index.store.archive import Archive
from reid.vehicle import Attributes, Box, Plate
from roadgraph.camera import Camera

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LAT, LON = 48.0, 11.0
BLOCK_DEG = 0.01
CAMERAS = ("c1", "c2", "c3", "c4", "c5")
"""West to east, a block of 744 m apart: 54 s at 50 km/h."""
BLOCK_S = 54.0


def street(path: Path) -> Path:
    """Write a street of eight blocks with a cross street at each junction."""
    lon = [LON + BLOCK_DEG * i for i in range(9)]
    lines = [[[x, LAT] for x in lon]]
    lines += [[[x, LAT - 0.005], [x, LAT], [x, LAT + 0.005]] for x in lon]
    features = [
        {
            "type": "Feature",
            "properties": {"highway": "secondary", "maxspeed": "50"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for line in lines
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def plate(text: str) -> Plate:
    box = Box(0, 0, 40, 10)
    corners = ((0.0, 0.0), (40.0, 0.0), (40.0, 10.0), (0.0, 10.0))
    return Plate(box, corners, text, 0.9, tuple({letter: 0.95} for letter in text))


def looking(kind: int, *, noise: int = 0) -> np.ndarray:
    """A unit vector: the same kind is alike, another kind is not, and noise tells sightings apart."""
    vector = np.zeros(64)
    vector[kind] = 1.0
    return np.asarray((vector + 0.03 * np.random.default_rng(noise).normal(size=64))[None], dtype=np.float32)


def seen(
    id_: str, camera: str, after_s: float, kind: int, *, text: str | None = None, colour: str = "red"
) -> NewSighting:
    best = NOON + timedelta(seconds=after_s)
    box = Box(10, 10, 60, 40)
    vector = looking(kind, noise=sum(id_.encode()))
    return NewSighting(
        id=id_,
        camera=camera,
        first=best - timedelta(seconds=1),
        best=best,
        last=best + timedelta(seconds=1),
        box=box,
        attributes=Attributes({"car": 1.0}, {colour: 1.0}),
        shots=(NewShot(best, 0, box, b"jpeg", 1.0),),
        vectors={"looks-1": vector / np.linalg.norm(vector)},
        plate=plate(text) if text else None,
        plate_model="reader-1" if text else None,
    )


TARGET = (
    seen("q", "c1", 0, 0, text="AB123C"),
    seen("w2", "c2", 70, 0),
    seen("w3", "c3", 140, 0, text="AB123C"),
    seen("w5", "c5", 280, 0),
)
"""The vehicle drives east, and c4 misses it."""


def others() -> list[NewSighting]:
    """Forty other vehicles of other looks, at moments of their own."""
    rng = np.random.default_rng(7)
    return [seen(f"o{n:02}", CAMERAS[n % 5], float(rng.uniform(-1500, 1500)), 1 + n, colour="blue") for n in range(40)]


def make(folder: Path, sightings: Sequence[NewSighting], *, roads: bool = True) -> Archive:
    folder.mkdir(exist_ok=True)
    archive = Archive.create(folder / "archive")
    if roads:
        place_book(archive).import_roads(street(folder / "roads.geojson"))
    place_book(archive).import_cameras(
        [Camera(id_, LAT + 0.00005, LON + BLOCK_DEG * (i + 1.5), 90.0) for i, id_ in enumerate(CAMERAS)]
    )
    looked_at = tuple(Coverage(c, NOON - timedelta(hours=1), NOON + timedelta(hours=1)) for c in CAMERAS[:4])
    archive.add(NewChunk(None, None, tuple(sightings), looked_at))
    return archive
