"""Tell vehicles apart by their colours alone: the embedder that anything learned must beat."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from reid.appearance.embedder import Looks, Vectors
from reid.vehicle import Image


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
