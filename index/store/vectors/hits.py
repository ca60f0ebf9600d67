"""Define what every vector store can do, and what it answers with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.records import Description, Window
from index.store.catalogue.vectors import StoredVectors
from reid.arrays import Floats32

ANY = Description()
"""Any type, any colour."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A sighting, the number of its shot that is most like the query, and their inner product."""

    sighting: str
    shot: int
    score: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Sightings, each once and in no order, and their best inner products: `ids` (n,) UTF-8, `values` (n,) float32."""

    ids: npt.NDArray[np.bytes_]
    values: Floats32


class VectorStore(Protocol):
    """The vectors of an archive by model, each with the id, camera, time and description of its sighting.

    Queries are (q, d) float32 of unit length: the pictures of one vehicle. Windows None mean everything. A store that
    computes in this process uses as many threads as the caller wants (None: as OMP_NUM_THREADS says, else all cores).

    The catalogue holds every vector, too. Whatever it has committed before a call, the answer is that of the catalogue
    then: a store reads what it lacks from there, and leaves out what was forgotten.
    """

    def search(
        self,
        model: str,
        queries: Floats32,
        windows: Sequence[Window] | None,
        k: int,
        *,
        description: Description = ANY,
        threads: int | None = None,
    ) -> list[Hit]:
        """Return the k sightings most like any of the queries, best first, each by its best shot; ties by id."""

    def all_scores(
        self,
        model: str,
        queries: Floats32,
        windows: Sequence[Window] | None,
        *,
        description: Description = ANY,
        threads: int | None = None,
    ) -> Scores:
        """Return the best score of every sighting in the windows that fits the description."""

    def add(self, model: str, sightings: Sequence[StoredVectors]) -> None:
        """Add sightings that the catalogue has just committed."""

    def wipe(self) -> None:
        """Leave nothing on the disk of what the catalogue no longer holds."""

    def rebuild(self) -> None:
        """Make everything again from the catalogue."""

    def problems(self) -> list[str]:
        """Return where the vectors differ from the catalogue, one line each."""

    def close(self) -> None:
        """Give back what is held open."""
