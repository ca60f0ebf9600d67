"""Scan rows of float16 where they are mapped, exactly: a row's score does not depend on the rows beside it."""

from typing import Any

import faiss as faiss_with_stubs
import numpy as np
import numpy.typing as npt

from index.store.catalogue.vectors import VectorRows
from index.store.vectors.segments import Spans
from reid.arrays import Floats32, Ints

faiss: Any = faiss_with_stubs
"""Its stubs lack much of what it has."""


def nearest_rows(vectors: VectorRows, spans: Spans, queries: Floats32, k: int) -> list[tuple[Ints, Floats32]]:
    """Return for each query the rows of the k greatest inner products within spans, and these products, in no order.

    `vectors` is (n, d) float16, `queries` (q, d) float32; no product is approximate. A row without a finite product is
    left out.
    """
    k = min(k, int((spans[:, 1] - spans[:, 0]).sum()))
    if not k:
        return [(np.empty(0, np.int64), np.empty(0, np.float32)) for _ in queries]
    scanner = _Scanner(vectors, spans)
    return [scanner.nearest(query, k) for query in queries]


def best_products(vectors: VectorRows, spans: Spans, queries: Floats32) -> Floats32:
    """Return the greatest inner product of every row of the spans with one of the queries, in the order of the rows.

    It is minus infinity where no product is finite.
    """
    sizes = spans[:, 1] - spans[:, 0]
    best = np.full(int(sizes.sum()), -np.inf, np.float32)
    if len(best):
        scanner, before = _Scanner(vectors, spans), np.cumsum(sizes) - sizes
        for query in queries:
            rows, found = scanner.products(query)
            at = np.searchsorted(spans[:, 0], rows, side="right") - 1
            places = rows - spans[at, 0] + before[at]
            best[places] = np.maximum(best[places], found)
    return best


class _Scanner:
    """FAISS's scanner of inverted lists over rows where they are mapped.

    FAISS's public calls need float32 copies of the rows. One span is scanned as it is; many are chosen by a bitmap from
    the rows between the first and the last, which never reads the others: 25,000 rows of 256 numbers in 900 spans of
    131,072 took 1.0 ms for the 20 nearest and 1.2 ms for all products (one thread, in memory, best of 30). Each query
    scans anew: to copy the rows once and multiply matrices took twice to three times as long for four queries, as the
    rows must become float32 first.
    """

    def __init__(self, vectors: VectorRows, spans: Spans) -> None:
        start, end = int(spans[0, 0]), int(spans[-1, 1])
        # All of these are held: the compiled code knows their addresses alone.
        self._query: Floats32 = np.empty(0, np.float32)
        self._rows = np.arange(start, end)
        self._vectors = vectors[start:end].view(np.uint8)
        self._chosen = None if len(spans) == 1 else faiss.IDSelectorBitmap(_bitmap(spans, end))
        self._dims = vectors.shape[1]
        self._quantizer = faiss.ScalarQuantizer(self._dims, faiss.ScalarQuantizer.QT_fp16)
        self._scanner = self._quantizer.select_InvertedListScanner(
            faiss.METRIC_INNER_PRODUCT, None, False, self._chosen, False
        )
        self._codes, self._numbers = faiss.swig_ptr(self._vectors), faiss.swig_ptr(self._rows)

    def nearest(self, query: Floats32, k: int) -> tuple[Ints, Floats32]:
        """Return the rows of the k greatest finite products, and these products."""
        self._ask(query)
        products = np.full(k, -np.inf, np.float32)
        rows = np.full(k, -1, np.int64)
        into = faiss.swig_ptr(products), faiss.swig_ptr(rows)
        self._scanner.scan_codes(len(self._rows), self._codes, self._numbers, *into, k)
        return rows[rows >= 0], products[rows >= 0]

    def products(self, query: Floats32) -> tuple[Ints, Floats32]:
        """Return the rows that have a finite product, in their order, and the products."""
        self._ask(query)
        found = faiss.RangeSearchResult(1)
        partial = faiss.RangeSearchPartialResult(found)
        into = partial.new_result(0)
        self._scanner.scan_codes_range(len(self._rows), self._codes, self._numbers, float("-inf"), into)
        partial.finalize()
        count = int(faiss.rev_swig_ptr(found.lims, 2)[1])
        if not count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows: Ints = faiss.rev_swig_ptr(found.labels, count).copy()
        return rows, faiss.rev_swig_ptr(found.distances, count).copy()

    def _ask(self, query: Floats32) -> None:
        if query.shape != (self._dims,):
            # The scanner takes a bare address: it would read past the end of a query that is too short.
            raise ValueError(f"the question has {query.shape} numbers, the vectors of this model {self._dims} each")
        if not np.isfinite(query).all():
            raise ValueError(
                "the question has a number that is not finite, every one must be: check its picture and model"
            )
        self._query = np.ascontiguousarray(query, np.float32)
        self._scanner.set_query(faiss.swig_ptr(self._query))


def _bitmap(spans: Spans, end: int) -> npt.NDArray[np.uint8]:
    """Return a bit for each number up to `end`, set where one of the spans, sorted and apart, holds it."""
    lengths = np.diff(spans.reshape(-1), prepend=0, append=end)
    flags = np.zeros(len(lengths), np.uint8)
    flags[1::2] = 1
    return np.packbits(np.repeat(flags, lengths), bitorder="little")
