"""Say what every vector store answers with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.catalogue.vectors import StoredVectors
from index.sighting import Window

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hit:
    """A sighting, the number of its shot that is most like the question, and their inner product."""

    sighting: str
    shot: int
    score: float


class VectorStore(Protocol):
    """What `Archive.vectors` can do; queries are (q, d) float32 of unit length, windows None mean everything."""

    def search(self, model: str, queries: Floats, windows: Sequence[Window] | None, k: int) -> list[Hit]:
        """Return the k sightings most like any of the queries, best first, each by its best shot."""

    def all_scores(self, model: str, queries: Floats, windows: Sequence[Window] | None) -> dict[str, float]:
        """Return the best score of every sighting in the windows."""

    def add(self, model: str, batch: int, stored: Sequence[StoredVectors]) -> None:
        """Take in a batch that the catalogue has just committed."""

    def rebuild(self) -> None:
        """Make everything anew from the catalogue."""

    def problems(self) -> list[str]:
        """Return what does not agree with the catalogue."""
