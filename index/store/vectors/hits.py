"""Define what every vector store can do, and what it answers with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.records import Window
from index.store.catalogue.vectors import StoredVectors
from reid.arrays import Floats32


@dataclass(frozen=True, slots=True)
class Hit:
    """A sighting, the number of its shot that is most like the query, and their inner product."""

    sighting: str
    shot: int
    score: float


class VectorStore(Protocol):
    """The vectors of an archive; queries are (q, d) float32 of unit length, windows None mean everything."""

    def search(self, model: str, queries: Floats32, windows: Sequence[Window] | None, k: int) -> list[Hit]:
        """Return the k sightings most like any of the queries, best first, each by its best shot."""

    def all_scores(self, model: str, queries: Floats32, windows: Sequence[Window] | None) -> dict[str, float]:
        """Return the best score of every sighting in the windows."""

    def add(self, model: str, batch: int, stored: Sequence[StoredVectors]) -> None:
        """Add a batch that the catalogue has just committed."""

    def rebuild(self) -> None:
        """Make everything again from the catalogue."""

    def problems(self) -> list[str]:
        """Return where the vectors differ from the catalogue, one line each."""
