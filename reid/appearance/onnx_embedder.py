"""Turn pictures into unit vectors with an ONNX network: the packaged one, or any that the user added."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid.appearance.embedder import Looks, Vectors
from reid.errors import SeeingError
from reid.vehicle import COLOURS, VEHICLE_TYPES, Image
from reid.weights import Card, PictureInput, Weights, file_sha256, find_weights

Floats = npt.NDArray[np.float32]

PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""Where networks run, the first that this machine offers; each falls back to the next for what it cannot do."""


@dataclass(frozen=True, slots=True)
class EmbedderOptions:
    """`threads` 0 takes every core; few pictures at once keep the work in the processor's cache."""

    threads: int = 0
    pictures_at_once: int = 16


class OnnxEmbedder:
    """Run one network file; its card says how pictures go in."""

    def __init__(self, weights: Weights, options: EmbedderOptions | None = None) -> None:
        self._options = options or EmbedderOptions()
        self.card = weights.card
        self.model_id = weights.model_id
        self._session = _session(weights, self._options.threads)
        self._input: str = self._session.get_inputs()[0].name
        outputs = {output.name: output for output in self._session.get_outputs()}
        self._vector = self.card.output or next(iter(outputs))
        if self._vector not in outputs:
            raise SeeingError(f"{weights.path} has no output {self._vector!r}: it has {', '.join(outputs)}")
        self._heads = outputs.keys() >= {"types", "colours", "heading"}
        self.dims: int = self._width(outputs[self._vector].shape)

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        """Return one unit vector a picture, in the order given."""
        (vectors,) = self._run(pictures, [self._vector])
        return unit(vectors)

    def look(self, pictures: Sequence[Image]) -> Looks:
        """Return vectors and, where the network has heads for it, what else it sees in the same pass."""
        if not self._heads:
            return Looks(self.embed(pictures))
        vectors, types, colours, heading = self._run(pictures, [self._vector, "types", "colours", "heading"])
        angle = np.rad2deg(np.arctan2(heading[:, 1], heading[:, 0])) % 360
        return Looks(unit(vectors), types, colours, np.asarray(angle, dtype=np.float32))

    def _run(self, pictures: Sequence[Image], outputs: list[str]) -> list[Floats]:
        answers = [self._session.run(outputs, {self._input: blob}) for blob in self._blobs(pictures)]
        if not answers:
            widths = {self._vector: self.dims, "types": len(VEHICLE_TYPES), "colours": len(COLOURS), "heading": 2}
            return [np.zeros((0, widths[name]), dtype=np.float32) for name in outputs]
        return [np.concatenate(parts).astype(np.float32) for parts in zip(*answers, strict=True)]

    def _blobs(self, pictures: Sequence[Image]) -> Iterator[Floats]:
        """Yield pictures as the network takes them; by one where its batch size is fixed to 1."""
        fixed = self._session.get_inputs()[0].shape[0]
        size = fixed if isinstance(fixed, int) else self._options.pictures_at_once
        for start in range(0, len(pictures), size):
            block = pictures[start : start + size]
            blob = blob_of(block, self.card.picture)
            if isinstance(fixed, int) and len(block) < fixed:
                raise SeeingError(f"{self.model_id} takes {fixed} pictures at a time: export it with a free batch size")
            yield blob

    def _width(self, shape: list[object]) -> int:
        if len(shape) >= 2 and isinstance(shape[1], int):
            return shape[1]
        raise SeeingError(f"{self.model_id} gives vectors of shape {shape}: it must say their length, as in (n, 256)")


def make_onnx_embedder(name: str, threads: int) -> OnnxEmbedder:
    """Return the embedder of packaged or added weights; 0 threads are all cores."""
    return OnnxEmbedder(find_weights(name), EmbedderOptions(threads=threads))


def try_weights(file: Path, card: Card) -> None:
    """Refuse a file that does not turn two pictures into two vectors in the way that its card says."""
    trial = OnnxEmbedder(Weights(replace(card, sha256=file_sha256(file)), file, packaged=False))
    grey = np.full((card.picture.height_px, card.picture.width_px, 3), 128, dtype=np.uint8)
    try:
        vectors = trial.embed([grey, grey])
    except SeeingError:
        raise
    except Exception as error:  # onnxruntime raises classes of its own that it does not export
        raise SeeingError(f"{file} refuses its pictures ({type(error).__name__}): check --size") from None
    if vectors.shape[0] != 2 or not np.isfinite(vectors).all():
        raise SeeingError(f"{file} gives {vectors.shape} of two pictures, not two vectors: check --output")


def blob_of(pictures: Sequence[Image], way: PictureInput) -> Floats:
    """Return pictures as a (n, 3, height, width) array, resized and normed as the card says."""
    resized = np.stack([_resized(picture, way) for picture in pictures])
    if way.order == "BGR":
        resized = resized[..., ::-1]
    # planes are laid out while they are bytes: a quarter of the memory to move
    planes = np.ascontiguousarray(resized.transpose(0, 3, 1, 2)).astype(np.float32)
    planes -= np.asarray(way.mean, np.float32)[:, None, None]
    planes /= np.asarray(way.spread, np.float32)[:, None, None]
    return planes


def unit(vectors: Floats) -> Vectors:
    """Return each row at length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)


def _resized(picture: Image, way: PictureInput) -> Image:
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise SeeingError(f"a picture of shape {picture.shape} cannot be embedded: it must be (h, w, 3) with pixels")
    size = (way.width_px, way.height_px)
    if picture.shape[:2] == size[::-1]:
        return picture
    # averaging keeps detail of large pictures from flickering; small ones are stretched smoothly
    shrinks = picture.shape[0] > way.height_px and picture.shape[1] > way.width_px
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), dtype=np.uint8)


def _session(weights: Weights, threads: int) -> Any:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.log_severity_level = 3
    offered = [provider for provider in PROVIDERS if provider in onnxruntime.get_available_providers()]
    data = weights.read()
    try:
        return onnxruntime.InferenceSession(data, settings, providers=offered)
    except Exception as error:  # onnxruntime raises classes of its own that it does not export
        raise SeeingError(f"{weights.path} is not an ONNX network that runs here ({type(error).__name__})") from None
