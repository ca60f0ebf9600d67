"""Turn pictures of vehicles into vectors that lie close together where vehicles look alike; embedders by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from reid.appearance.marks import side_px, types_told
from reid.arrays import Floats, Floats32
from reid.errors import SeeingError
from reid.onnx import GPU_FIRST, TRIAL_S, InputRefusedError, open_session, resized, to_blob
from reid.vehicle import COLOURS, VEHICLE_TYPES, Image
from reid.weights import Card, Weights, file_sha256, find_weights, list_weights

Vectors = npt.NDArray[np.float32]
"""(n, d) float32; those of an embedder have rows of length 1."""

HISTOGRAM = "histogram"
TASK = "appearance"

_HEADS = ("types", "colours", "heading")


@dataclass(frozen=True, slots=True)
class Appearance:
    """What one forward pass says of n pictures; None is what the model does not predict.

    `types` (n, 5) and `colours` (n, 11) are probabilities over VEHICLE_TYPES and COLOURS, `heading_deg` (n,) is the
    direction in which each vehicle drives in the picture, clockwise from away.
    """

    vectors: Vectors
    types: Vectors | None = None
    colours: Vectors | None = None
    heading_deg: Vectors | None = None


class Embedder(Protocol):
    """What every embedder can do."""

    @property
    def model_id(self) -> str:
        """Return an id of everything that decides its vectors; vectors of different ids never compare."""

    @property
    def dims(self) -> int:
        """Return the length of its vectors."""

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        """Return one unit vector per picture, in the order given."""

    def appearance(self, pictures: Sequence[Image]) -> Appearance:
        """Return the vectors and whatever else the model predicts."""


def make_embedder(name: str, *, threads: int = 0) -> Embedder:
    """Return the embedder of that name: the histogram, or a network that is packaged or was added.

    A network runs on `threads` threads, 0 for one per core.
    """
    if name == HISTOGRAM:
        return HistogramEmbedder()
    weights = find_weights(name)
    written_ns = weights.path.stat().st_mtime_ns if weights.path.exists() else 0
    return _opened(weights, written_ns, threads)


@lru_cache(maxsize=2)
def _opened(weights: Weights, _written_ns: int, threads: int) -> Embedder:
    """Keep what was opened last until its file changes: opening takes long, and each chunk wants the same one."""
    return OnnxEmbedder(weights, EmbedderOptions(threads=threads))


def embedder_names() -> dict[str, str]:
    """Return the model id of every embedder that is installed here, by name."""
    learned = {weights.card.name: weights.model_id for weights in list_weights() if weights.card.task == TASK}
    return {HISTOGRAM: HistogramEmbedder.model_id, **learned}


@dataclass(frozen=True, slots=True)
class EmbedderOptions:
    """`threads` 0 is one per core; small batches stay in the processor's cache; a run of `limit_s` is stopped."""

    threads: int = 0
    pictures_at_once: int = 16
    limit_s: float | None = None


class OnnxEmbedder:
    """Embed with one network file; its card says how pictures go in."""

    def __init__(self, weights: Weights, options: EmbedderOptions | None = None) -> None:
        self._options = options or EmbedderOptions()
        self.card = weights.card
        self.model_id = weights.model_id
        self._session = open_session(
            weights.read(),
            weights.path,
            threads=self._options.threads,
            providers=GPU_FIRST,
            limit_s=self._options.limit_s,
        )
        self._input, input_shape = next(iter(self._session.inputs.items()))
        self._batch_size = input_shape[0]
        outputs = self._session.outputs
        self._vector = self.card.output or next(iter(outputs))
        if self._vector not in outputs:
            raise SeeingError(f"{weights.path} has no output {self._vector!r}: it has {', '.join(outputs)}")
        self._has_heads = outputs.keys() >= set(_HEADS)
        self.dims: int = self._width(outputs[self._vector])

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        """Return one unit vector per picture, in the order given."""
        (vectors,) = self._run(pictures, [self._vector])
        return unit_vectors(vectors)

    def appearance(self, pictures: Sequence[Image]) -> Appearance:
        """Return the vectors and, where the network has heads for them, type, colour and heading.

        Types are told by the network of attributes where there is one for these vectors: it has seen real vehicles.
        """
        if not self._has_heads:
            vectors = self.embed(pictures)
            return Appearance(vectors, self._types_told(vectors, pictures))
        vectors, types, colours, heading = self._run(pictures, [self._vector, *_HEADS])
        vectors, angle = unit_vectors(vectors), np.rad2deg(np.arctan2(heading[:, 1], heading[:, 0])) % 360
        told = self._types_told(vectors, pictures)
        return Appearance(vectors, types if told is None else told, colours, np.asarray(angle, dtype=np.float32))

    def _types_told(self, vectors: Vectors, pictures: Sequence[Image]) -> Floats32 | None:
        return types_told(self.model_id, vectors, side_px([image.shape[1::-1] for image in pictures]))

    def _run(self, pictures: Sequence[Image], outputs: list[str]) -> list[Floats32]:
        batches = [self._session.run_to_numbers(outputs, {self._input: blob}) for blob in self._blobs(pictures)]
        if not batches:
            widths = {self._vector: self.dims, "types": len(VEHICLE_TYPES), "colours": len(COLOURS), "heading": 2}
            return [np.zeros((0, widths[name]), dtype=np.float32) for name in outputs]
        return [np.concatenate(parts).astype(np.float32) for parts in zip(*batches, strict=True)]

    def _blobs(self, pictures: Sequence[Image]) -> Iterator[Floats32]:
        """Yield the pictures in batches, of the size that the network demands if it demands one."""
        fixed = self._batch_size if isinstance(self._batch_size, int) else None
        size = fixed or self._options.pictures_at_once
        for start in range(0, len(pictures), size):
            batch = resized(pictures[start : start + size], self.card.picture)
            if fixed is not None and len(batch) < fixed:
                raise SeeingError(f"{self.model_id} takes {fixed} pictures at a time: export it with a free batch size")
            yield to_blob(batch, self.card.picture)

    def _width(self, shape: list[int | str]) -> int:
        if len(shape) >= 2 and isinstance(shape[1], int):
            return shape[1]
        raise SeeingError(f"{self.model_id} gives vectors of shape {shape}: it must say their length, as in (n, 256)")


def try_weights(file: Path, card: Card) -> None:
    """Refuse a network that does not turn two pictures into two vectors as its card says."""
    options = EmbedderOptions(limit_s=TRIAL_S)
    trial = OnnxEmbedder(Weights(replace(card, sha256=file_sha256(file)), file, packaged=False), options)
    grey = np.full((card.picture.height_px, card.picture.width_px, 3), 128, dtype=np.uint8)
    try:
        vectors = trial.embed([grey, grey])
    except InputRefusedError as error:
        raise SeeingError(f"{file} refuses its pictures ({error.reason}): check --size") from None
    if vectors.shape[0] != 2 or not np.isfinite(vectors).all():
        raise SeeingError(f"{file} gives {vectors.shape} of two pictures, not two vectors: check --output")


def unit_vectors(vectors: Floats32) -> Vectors:
    """Return each row scaled to length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)


class HistogramEmbedder:
    """Count colours in 4x4 cells: the baseline that every learned embedder must beat."""

    model_id = "histogram-1"

    CELLS = 4
    SIDE_PX = 96
    HUE_BINS, SATURATION_BINS, VALUE_BINS = 8, 4, 8

    @property
    def dims(self) -> int:
        """Return the length of its vectors."""
        return self.CELLS**2 * (self.HUE_BINS * self.SATURATION_BINS + self.VALUE_BINS)

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        """Return one unit vector per picture, in the order given."""
        if not pictures:
            return np.zeros((0, self.dims), dtype=np.float32)
        counts = np.stack([self._counts(picture) for picture in pictures])
        # the root makes the dot product the Bhattacharyya coefficient of the counts
        vectors = np.sqrt(counts)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    def appearance(self, pictures: Sequence[Image]) -> Appearance:
        """Return the vectors; counts of colours predict nothing else."""
        return Appearance(self.embed(pictures))

    def _counts(self, picture: Image) -> Floats:
        size = (self.SIDE_PX, self.SIDE_PX)
        hsv = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2HSV).astype(np.int64)
        hue = np.minimum(hsv[..., 0] * self.HUE_BINS // 180, self.HUE_BINS - 1)
        saturation = hsv[..., 1] * self.SATURATION_BINS // 256
        value = hsv[..., 2] * self.VALUE_BINS // 256
        row, column = np.mgrid[: self.SIDE_PX, : self.SIDE_PX] * self.CELLS // self.SIDE_PX
        cell = row * self.CELLS + column
        colours = self.HUE_BINS * self.SATURATION_BINS
        colour = cell * colours + hue * self.SATURATION_BINS + saturation
        colour_counts = np.bincount(colour.ravel(), minlength=self.CELLS**2 * colours)
        value_counts = np.bincount((cell * self.VALUE_BINS + value).ravel(), minlength=self.CELLS**2 * self.VALUE_BINS)
        return np.concatenate([colour_counts, value_counts]).astype(np.float64)
