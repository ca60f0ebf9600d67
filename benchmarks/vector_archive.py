"""Make an archive of any number of vectors, with nothing else in it, and the questions that are asked of it.

Traffic is always the same, 10 million sightings in 30 days past 1,000 cameras: a larger archive is a longer one. A
vector is a vehicle's own, which is near that of its model, and noise; a vehicle passes nine cameras.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.records import Description
from index.store.archive import Archive
from index.store.catalogue import models, tables
from index.store.catalogue.columns import to_micros
from index.store.catalogue.database import insert_many
from index.store.catalogue.models import StoredModel
from index.store.catalogue.windows import Windows
from index.store.vectors.compact_codes import read_codes, write_codes
from index.store.vectors.merging import FULL
from index.store.vectors.segment_files import write_segment
from index.store.vectors.segments import Codes, Segment, camera_spans
from reid.arrays import Floats, Floats32, Ints
from reid.vehicle import COLOURS

MODEL = "looks"
DIMS = 256
CAMERAS = 1000
START = datetime(2026, 5, 4, tzinfo=UTC)
BETWEEN_US = 259_200
IN_A_BATCH = 128
TYPES, SHARES = ("bus", "car", "motorcycle", "truck", "van"), (5, 70, 2, 8, 15)
DESCRIPTIONS = tuple(Description(type_, colour) for type_ in TYPES for colour in sorted(COLOURS))
PASSAGES, VEHICLE_MODELS, SPREAD, NOISE = 9, 500, 0.9, 0.55

HALF_WINDOW = timedelta(hours=1)
CAMERAS_ASKED = 900
"""900 cameras for two hours: 25,000 sightings inside."""


@dataclass(frozen=True, slots=True)
class VectorQuestion:
    """Another picture of a vehicle, the cameras asked, and from when to when, in microseconds."""

    query: Floats32
    cameras: Ints
    start_us: int
    end_us: int

    @property
    def windows(self) -> Windows:
        """Return what the archive is asked, as a search hands it over."""
        cameras = tuple(camera_name(number) for number in self.cameras.tolist())
        return Windows(cameras, np.tile([self.start_us, self.end_us], (len(cameras), 1)))


def make(path: Path, count: int) -> Archive:
    """Make an archive with the batches of so many sightings, and full segments of their vectors."""
    archive = Archive.create(path)
    with archive.catalogue.writing() as connection:
        models.remember(connection, [StoredModel(MODEL, "appearance", DIMS)], at=START)
        rows = [{"model": MODEL, "rows": IN_A_BATCH} for _ in range(-(-count // IN_A_BATCH))]
        insert_many(connection, tables.batches, rows)
    like = None
    for first in range(0, count, FULL):
        segment = _segment(first, min(first + FULL, count))
        write_codes(write_segment(path / "vectors" / MODEL, segment), segment, like)
        like = like or read_codes(next((path / "vectors" / MODEL).glob("*.segment")), segment)
    return archive


def blocks(count: int) -> Iterator[tuple[int, Floats32]]:
    """Yield (first number, vectors) of all sightings in the order of time, as the archive holds them."""
    for first in range(0, count, FULL):
        yield first, vectors_of(first, min(first + FULL, count)).astype(np.float32)


def questions(count: int, number: int) -> list[VectorQuestion]:
    """Return so many questions about vehicles anywhere in the archive, no two alike."""
    rng = np.random.default_rng(count)
    made = []
    for _ in range(number):
        asked = int(rng.integers(count))
        query = _unit(_vehicle(asked) + NOISE * _unit(rng.standard_normal((1, DIMS))))
        centre = time_us(np.array([asked]))[0]
        half = HALF_WINDOW // timedelta(microseconds=1)
        # At both ends of the archive the window is moved inside, so that every question has as many sightings inside.
        first, last = time_us(np.array([0, count - 1])).tolist()
        start = int(min(max(centre - half, first), max(last - 2 * half, first)))
        cameras = (int(rng.integers(CAMERAS)) + np.arange(CAMERAS_ASKED)) % CAMERAS
        made.append(VectorQuestion(query[0], cameras, start, start + 2 * half - 1))
    return made


def inside(question: VectorQuestion, count: int) -> Ints:
    """Return the numbers of the sightings inside, the obvious way but for the bounds of time."""
    first, last = ((us - to_micros(START)) // BETWEEN_US for us in (question.start_us, question.end_us))
    numbers = np.arange(max(first - 1, 0), min(last + 2, count))
    times = time_us(numbers)
    numbers = numbers[(times >= question.start_us) & (times <= question.end_us)]
    return numbers[np.isin(camera_of(numbers), question.cameras)]


@lru_cache(maxsize=8)
def vectors_of(first: int, end: int) -> np.ndarray:
    """Return the vectors of sightings, (end - first, DIMS) float16, always the same; a million of them are held."""
    noise = _unit(np.random.default_rng(first + 1).standard_normal((end - first, DIMS), dtype=np.float32))
    vehicles, which = np.unique(_vehicle_of(np.arange(first, end)), return_inverse=True)
    return _unit(_vehicles(vehicles)[which] + NOISE * noise).astype("<f2")


def camera_of(numbers: Ints) -> Ints:
    """Return the camera of each sighting, as its number."""
    return numbers * 7919 % CAMERAS


def described(numbers: Ints) -> Codes:
    """Return the place of each sighting's description in DESCRIPTIONS: 70 % are cars, 5 % buses."""
    vehicles = _vehicle_of(numbers)
    types = np.searchsorted(np.cumsum(SHARES), vehicles * 7919 % 100, side="right")
    return (types * len(COLOURS) + vehicles * 104_729 % len(COLOURS)).astype("<u2")


def time_us(numbers: Ints) -> Ints:
    """Return the time of each sighting in microseconds since 1970."""
    return to_micros(START) + numbers * BETWEEN_US


def camera_name(number: int) -> str:
    """Return a camera's id."""
    return f"camera-{number:03d}"


def _segment(first: int, end: int) -> Segment:
    numbers = np.arange(first, end)
    order = np.lexsort((numbers, camera_of(numbers)))
    numbers = numbers[order]
    covers = (first and first // IN_A_BATCH + 1, -(-end // IN_A_BATCH) + 1)
    return Segment(
        model=MODEL,
        cameras=camera_spans([camera_name(camera) for camera in camera_of(numbers).tolist()]),
        vectors=vectors_of(first, end)[order],
        rows=np.arange(len(numbers) + 1),
        best=time_us(numbers),
        batch=numbers // IN_A_BATCH + 1,
        ids=np.array([b"%024d" % number for number in numbers.tolist()]),
        descriptions=DESCRIPTIONS,
        described=described(numbers),
        covers=(covers,),
        removals=0,
    )


def _vehicle_of(numbers: Ints) -> Ints:
    """Return the vehicle of each sighting: the passages of one lie minutes apart."""
    at_once = 2048
    return numbers // (at_once * PASSAGES) * at_once + numbers % at_once


def _vehicle(number: int) -> Floats32:
    return _vehicles(_vehicle_of(np.array([number])))


def _vehicles(vehicles: Ints) -> Floats32:
    """Return the vectors of vehicles without noise; those of one block of 2048 are made together."""
    made = np.empty((len(vehicles), DIMS), np.float32)
    for block in np.unique(vehicles // 2048).tolist():
        rng = np.random.default_rng([7, block])
        own = _unit(rng.standard_normal((2048, DIMS), dtype=np.float32))
        looks = _unit(_MODEL_VECTORS[rng.integers(VEHICLE_MODELS, size=2048)] + SPREAD * own)
        mine = vehicles // 2048 == block
        made[mine] = looks[vehicles[mine] % 2048]
    return made


def _unit(vectors: Floats | Floats32) -> Floats32:
    scaled: Floats32 = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
    return scaled


def _model_vectors() -> Floats32:
    rng = np.random.default_rng(7)
    return _unit(rng.standard_normal((VEHICLE_MODELS, 64)) @ rng.standard_normal((64, DIMS)))


_MODEL_VECTORS = _model_vectors()
