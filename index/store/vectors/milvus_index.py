"""Check that Milvus compares by the vectors that it returns: its index is a file of its own, which may be damaged."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

ROUNDED = 1e-3
"""Inner products that Milvus and numpy compute differ by less: of numbers from -1 to 1, times some up to 5."""


class IndexCheck:
    """The inner products of all rows of a collection with one query.

    Nobody knows the query before, so that no edit of an index can be made that it does not show.
    """

    def __init__(self, dims: int) -> None:
        self._query = np.random.default_rng().standard_normal(dims).astype(np.float32)
        self._products: dict[str, float] = {}
        self._rows_of: Counter[int] = Counter()

    def expect(self, row: Mapping[str, Any]) -> None:
        """Add a row as the catalogue has it."""
        self._products[row["id"]] = float(np.dot(row["vector"], self._query))
        self._rows_of[row["batch"]] += 1

    def holds(self, client: Any, collection: str, most_hits: int) -> bool:
        """Return whether Milvus, which answers with so many rows at most, tells the same products."""
        return all(
            self._holds(client, collection, f"batch >= {first} and batch <= {last}", min(rows, most_hits))
            for first, last, rows in _ranges(self._rows_of, most_hits)
        )

    def _holds(self, client: Any, collection: str, condition: str, rows: int) -> bool:
        (hits,) = client.search(collection, [self._query], filter=condition, limit=rows, anns_field="vector")
        told = {hit["id"]: float(hit["distance"]) for hit in hits}
        return len(told) == rows and all(abs(told[id_] - self._products.get(id_, np.inf)) <= ROUNDED for id_ in told)


def _ranges(rows_of: Mapping[int, int], most_rows: int) -> Iterator[tuple[int, int, int]]:
    """Yield ranges of batches, (first, last, rows), of no more rows together, but of one batch at least."""
    first, last, rows = 0, 0, 0
    for batch, more in sorted(rows_of.items()):
        if rows and rows + more > most_rows:
            yield first, last, rows
            rows = 0
        first, last, rows = (first if rows else batch), batch, rows + more
    if rows:
        yield first, last, rows
