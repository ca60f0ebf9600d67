"""Say what a verifier keeps of a plate, and what it can do, whichever network it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reid.plates.rectify import Quad, quad_size
from reid.vehicle import Corners, Image

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlateLooks:
    """How n plates look: `vectors` (n, d) float32 of unit length, `maps` (n, ...) float16, `heights_px` (n,) float32.

    Vectors are for the search, maps for the pair by pair comparison; the height is that of the plate in its picture,
    before it was laid flat, and tells with `sharpness` (n,) float32 how much can be seen at all.
    """

    vectors: npt.NDArray[np.float32]
    maps: npt.NDArray[np.float16]
    heights_px: npt.NDArray[np.float32]
    sharpness: npt.NDArray[np.float32]

    def __len__(self) -> int:
        """Return how many plates these are."""
        return len(self.vectors)

    def taken(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> "PlateLooks":
        """Return the looks of some of the plates, in the order of `rows`, which may repeat."""
        chosen = np.asarray(rows, np.int64)
        return PlateLooks(self.vectors[chosen], self.maps[chosen], self.heights_px[chosen], self.sharpness[chosen])


class Verifier(Protocol):
    """Compares plates that need not be readable; every ratio is a natural log-likelihood ratio, same against other."""

    @property
    def model_id(self) -> str:
        """Name the weights: vectors of two ids cannot be compared."""

    def look(self, plates: Sequence[tuple[Image, Corners]]) -> PlateLooks:
        """Return the looks of plates, each given by a picture and where its corners are in it."""

    def llr(self, first: PlateLooks, second: PlateLooks) -> Floats:
        """Return the ratio of each pair, first[i] with second[i], by their maps, calibrated for their heights."""

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        """Return the ratio of pairs of which only the inner product of the vectors and the heights are known."""


def height_px(corners: Corners) -> float:
    """Return how high a plate is in its picture."""
    return quad_size(np.array(corners, np.float32))[1]


def corners_of(quad: Quad) -> Corners:
    """Return the corners of a plate as plain values."""
    return tuple((float(x), float(y)) for x, y in quad)
