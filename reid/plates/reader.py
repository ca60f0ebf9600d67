"""Read rectified plates with a network of our own."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np

from reid.plates.rectify import Quad, rectified
from reid.plates.session import open_network
from reid.plates.spelling import Floats, Spelling, spelled
from reid.vehicle import Image
from reid.weights import Weights, find_weights

READER = "reader"

MARGIN = 0.08
"""Share of a plate's width and height that is cut out around it, on every side, for reading and comparing."""


class Reader:
    """Run one reader network."""

    def __init__(self, weights: Weights) -> None:
        self.model_id = weights.model_id
        self._picture = weights.card.picture
        self._session = open_network(weights)

    def cut(self, image: Image, corners: Quad) -> Image:
        """Return the plate as the network takes it."""
        return rectified(image, corners, self._picture.width_px, self._picture.height_px, MARGIN)

    def squeezed(self, crop: Image) -> Image:
        """Return a picture that is a plate and little else as the network takes it."""
        size = (self._picture.width_px, self._picture.height_px)
        shrinks = crop.shape[1] > size[0] and crop.shape[0] > size[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(crop, size, interpolation=how), np.uint8)

    def probabilities(self, pictures: Sequence[Image]) -> Floats:
        """Return (n, places, CHARACTERS + 1) of pictures from `cut` or `squeezed`; the last column is the end."""
        planes = np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2)).astype(np.float32)
        mean, spread = (
            np.array(part, np.float32)[:, None, None] for part in (self._picture.mean, self._picture.spread)
        )
        (characters,) = self._session.run(["characters"], {"pictures": (planes - mean) / spread})
        return np.asarray(characters, np.float64)

    def read(self, pictures: Sequence[Image]) -> list[Spelling]:
        """Return what stands on each of the pictures from `cut` or `squeezed`."""
        return [spelled(places) for places in self.probabilities(pictures)] if pictures else []


@cache
def packaged_reader() -> Reader:
    """Return the packaged reader, loaded once a process."""
    return Reader(find_weights(READER))
