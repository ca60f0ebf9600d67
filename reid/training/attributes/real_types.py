"""Embed vehicles of real pictures whose type people told: streets that a detector's training labelled, and pairs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reid.appearance.embedders import Embedder, Vectors
from reid.appearance.marks import side_px
from reid.arrays import Flags, Floats, Ints
from reid.errors import SeeingError
from reid.evaluation.pairs import pair_files
from reid.images import crop, read_image
from reid.training.detector.real_streets import PLACES
from reid.training.detector.streets import StoredStreet
from reid.training.detector.teachers import LABELLED
from reid.vehicle import VEHICLE_TYPES, Box, Image

LEAST_PX = (16.0, 26.0)
"""The shorter and the longer side of a box in which a type can be told."""

VARIANTS = 3
"""Each vehicle is cut so often, as badly as a detector cuts, and mirrored every other time."""

AWAY = 0.05
"""How far an edge of a box is off, in parts of its side."""


@dataclass(frozen=True, slots=True)
class TypedVectors:
    """Vectors (n, d) of real pictures, the sides of squares of their areas, and their places in VEHICLE_TYPES.

    `held` are those of places that are kept aside.
    """

    vectors: Vectors
    size_px: Floats
    type: Ints
    held: Flags

    def take(self, rows: Flags | Ints) -> "TypedVectors":
        """Return these rows."""
        return TypedVectors(self.vectors[rows], self.size_px[rows], self.type[rows], self.held[rows])


def typed_vectors(streets: Path | None, pairs: Path | None, embedder: Embedder) -> TypedVectors:
    """Return the vehicles of a folder that `train detector --types` made, and those of a folder of pairs."""
    pictures: list[Image] = []
    labels: list[tuple[int, bool]] = []
    for image, kind, held in [*_of_streets(streets), *_of_pairs(pairs)]:
        pictures.append(image)
        labels.append((kind, held))
    if not pictures:
        raise SeeingError("no vehicle of a known type is there: give a folder made by train detector --types")
    types, held_ones = np.array(labels).T
    sizes = side_px([(image.shape[1], image.shape[0]) for image in pictures])
    return TypedVectors(embedder.embed(pictures), sizes, types.astype(np.int64), held_ones.astype(bool))


def _of_streets(folder: Path | None) -> Iterator[tuple[Image, int, bool]]:
    if folder is None:
        return
    try:
        places: dict[str, list[str]] = json.loads((folder / PLACES).read_bytes())
    except (OSError, ValueError):
        raise SeeingError(f"{folder} has no {PLACES}: give the folder real-… of the cache of train detector") from None
    for kind, names in places.items():
        for number, name in enumerate(names):
            rng = np.random.default_rng([number, 141])
            for image, type_ in _vehicles(StoredStreet.load(folder / f"{name}.npy"), rng):
                yield image, type_, kind == "held"


def _vehicles(street: StoredStreet, rng: np.random.Generator) -> Iterator[tuple[Image, int]]:
    for moment, *sides, type_, visible in street.boxes.tolist():
        size = sorted((sides[2] - sides[0], sides[3] - sides[1]))
        if type_ < 0 or visible != LABELLED or size[0] < LEAST_PX[0] or size[1] < LEAST_PX[1]:
            continue
        picture = np.ascontiguousarray(street.pictures[int(moment)][..., :3])
        for variant in range(VARIANTS):
            image = crop(picture, _moved(sides, rng) if variant else _box(sides))
            yield (np.ascontiguousarray(image[:, ::-1]) if variant % 2 else image), int(type_)


def _of_pairs(folder: Path | None) -> Iterator[tuple[Image, int, bool]]:
    """Yield both pictures of the vehicles that may teach, and of those that validate; the others are for reports."""
    for pair in pair_files(folder) if folder is not None else ():
        if pair.part != "test" and pair.kind in VEHICLE_TYPES:
            for path in (pair.first, pair.second):
                yield read_image(path), VEHICLE_TYPES.index(pair.kind), pair.part == "validation"


def _moved(sides: Sequence[float], rng: np.random.Generator) -> Box:
    wide, high = sides[2] - sides[0], sides[3] - sides[1]
    off = rng.normal(0, AWAY, 4) * [wide, high, wide, high]
    return _box((np.array(sides) + off).tolist())


def _box(sides: Sequence[float]) -> Box:
    left, top = max(0.0, sides[0]), max(0.0, sides[1])
    return Box(left, top, max(2.0, sides[2] - left), max(2.0, sides[3] - top))
