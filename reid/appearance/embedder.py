"""Say what every embedder does: pictures in, unit vectors out whose dot product says how alike vehicles look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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
