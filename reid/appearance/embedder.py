"""Turn pictures of vehicles into unit vectors whose dot product says how alike they look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from reid.vehicle import Image

Vectors = npt.NDArray[np.float32]
"""(n, d) float32; those of an embedder have rows of length 1."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What one pass says of n pictures; None is what the model does not tell.

    `types` (n, 5) and `colours` (n, 11) are probabilities over VEHICLE_TYPES and COLOURS, `heading_deg` (n,) the way
    that each vehicle drives in the picture, clockwise from away.
    """

    vectors: Vectors
    types: Vectors | None = None
    colours: Vectors | None = None
    heading_deg: Vectors | None = None


class Embedder(Protocol):
    """What every embedder can do."""

    @property
    def model_id(self) -> str:
        """Name what decides its vectors; vectors of different models never compare."""

    @property
    def dims(self) -> int:
        """Return d."""

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        """Return one unit vector a picture, in the order given."""

    def look(self, pictures: Sequence[Image]) -> Looks:
        """Return the vectors and whatever else the model tells."""


class HistogramEmbedder:
    """Count colours in 4x4 cells: the baseline that anything learned must beat."""

    model_id = "histogram-1"

    CELLS = 4
    SIDE_PX = 96
    HUE_BINS, SATURATION_BINS, VALUE_BINS = 8, 4, 8

    @property
    def dims(self) -> int:
        """Return how many numbers describe a picture."""
        return self.CELLS**2 * (self.HUE_BINS * self.SATURATION_BINS + self.VALUE_BINS)

    def embed(self, pictures: Sequence[Image]) -> Vectors:
        """Return one unit vector a picture, in the order given."""
        if not pictures:
            return np.zeros((0, self.dims), dtype=np.float32)
        counts = np.stack([self._counts(picture) for picture in pictures])
        # the root makes the dot product the Bhattacharyya coefficient of the counts
        vectors = np.sqrt(counts)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    def look(self, pictures: Sequence[Image]) -> Looks:
        """Return the vectors: counts of colours tell nothing else."""
        return Looks(self.embed(pictures))

    def _counts(self, picture: Image) -> npt.NDArray[np.float64]:
        size = (self.SIDE_PX, self.SIDE_PX)
        hsv = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2HSV).astype(np.int64)
        hue = np.minimum(hsv[..., 0] * self.HUE_BINS // 180, self.HUE_BINS - 1)
        saturation = hsv[..., 1] * self.SATURATION_BINS // 256
        value = hsv[..., 2] * self.VALUE_BINS // 256
        row, column = np.mgrid[: self.SIDE_PX, : self.SIDE_PX] * self.CELLS // self.SIDE_PX
        cell = row * self.CELLS + column
        colours = self.HUE_BINS * self.SATURATION_BINS
        shade = np.bincount(
            (cell * colours + hue * self.SATURATION_BINS + saturation).ravel(), minlength=self.CELLS**2 * colours
        )
        light = np.bincount((cell * self.VALUE_BINS + value).ravel(), minlength=self.CELLS**2 * self.VALUE_BINS)
        return np.concatenate([shade, light]).astype(np.float64)


HISTOGRAM = "histogram"


def make_embedder(name: str, *, threads: int = 0) -> Embedder:
    """Return the embedder of that name: the histogram, or learned weights that are packaged or were added.

    Weights run on so many threads, 0 for all cores.
    """
    if name == HISTOGRAM:
        return HistogramEmbedder()
    # loaded only when asked for: the histogram needs no ONNX Runtime
    from reid.appearance.onnx_embedder import make_onnx_embedder

    return make_onnx_embedder(name, threads)


def embedder_names() -> dict[str, str]:
    """Return the model id of every embedder that is installed here, by name."""
    from reid.weights import list_weights

    learned = {weights.card.name: weights.model_id for weights in list_weights() if weights.card.task == "appearance"}
    return {HISTOGRAM: HistogramEmbedder.model_id, **learned}
