"""Read rectified plates with a network of our own."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from reid.plates.rectify import MARGIN, UNROLLED_ASPECT, Quad, quad_size, rectified, unrolled
from reid.plates.session import open_network
from reid.plates.spelling import Floats, Spelling, spelled
from reid.vehicle import Image
from reid.weights import Weights, find_weights

READER = "reader"


class Reader:
    """Run one reader network."""

    def __init__(self, weights: Weights) -> None:
        self.model_id = weights.model_id
        self._picture = weights.card.picture
        self._session = open_network(weights)

    def cuts(self, image: Image, corners: Quad, margin: float = MARGIN) -> list[Image]:
        """Return the plate as the network takes it: as it lies, and unrolled too where it may have two lines."""
        width, height = quad_size(corners)
        ways = (rectified, unrolled) if width < UNROLLED_ASPECT * height else (rectified,)
        size = self._picture.width_px, self._picture.height_px
        return [way(image, corners, *size, margin) for way in ways]

    def probabilities(self, pictures: Sequence[Image]) -> Floats:
        """Return (n, places, CHARACTERS + 1) of pictures from `cuts`; the last column is the end."""
        planes = np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2)).astype(np.float32)
        mean, spread = (
            np.array(part, np.float32)[:, None, None] for part in (self._picture.mean, self._picture.spread)
        )
        (characters,) = self._session.run(["characters"], {"pictures": (planes - mean) / spread})
        return np.asarray(characters, np.float64)

    def read(self, pictures: Sequence[Image]) -> list[Spelling]:
        """Return what stands on each of the pictures from `cuts`."""
        return [spelled(places) for places in self.probabilities(pictures)] if pictures else []


@cache
def packaged_reader() -> Reader:
    """Return the packaged reader, loaded once a process."""
    return Reader(find_weights(READER))
