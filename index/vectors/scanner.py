"""Score mapped vectors against a question with FAISS, reading only the slices that were asked for."""

from collections.abc import Sequence

import faiss
import numpy as np

from index.vectors.hits import Floats
from index.vectors.segments import Array, Span


def nearest(vectors: Array, spans: Sequence[Span], query: Floats, k: int) -> tuple[Array, Floats]:
    """Return the rows of the k greatest inner products within spans of rows, and these products, in no order.

    `vectors` is (n, d) float16, `query` (d,) float32; no product is approximate.
    """
    numbers = [np.arange(start, end) for start, end in spans]
    return _scan(vectors, spans, numbers, query, k)


def every(vectors: Array, spans: Sequence[Span], query: Floats) -> Floats:
    """Return the inner product of every row of the spans, in their order."""
    total = sum(end - start for start, end in spans)
    ends = np.cumsum([end - start for start, end in spans])
    numbers = [np.arange(last - (end - start), last) for last, (start, end) in zip(ends, spans, strict=True)]
    positions, found = _scan(vectors, spans, numbers, query, total)
    products = np.empty(total, np.float32)
    products[positions] = found
    return products


def _scan(
    vectors: Array, spans: Sequence[Span], numbers: Sequence[Array], query: Floats, k: int
) -> tuple[Array, Floats]:
    if query.shape != (vectors.shape[1],):
        # FAISS takes a bare address: it would read whatever lies behind a query that is too short.
        raise ValueError(f"the question has {query.shape} numbers, the vectors of this model {vectors.shape[1]} each")
    k = min(k, sum(end - start for start, end in spans))
    products = np.full(k, -np.inf, np.float32)
    labels = np.full(k, -1, np.int64)
    if k == 0:
        return labels, products
    quantizer = faiss.ScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16)
    scanner = quantizer.select_InvertedListScanner(  # type: ignore[attr-defined]
        faiss.METRIC_INNER_PRODUCT, None, False, None, False
    )
    query = np.ascontiguousarray(query, np.float32)
    scanner.set_query(faiss.swig_ptr(query))
    for (start, end), ids in zip(spans, numbers, strict=True):
        codes = faiss.swig_ptr(vectors[start:end].view(np.uint8))
        scanner.scan_codes(end - start, codes, faiss.swig_ptr(ids), faiss.swig_ptr(products), faiss.swig_ptr(labels), k)
    return labels, products
