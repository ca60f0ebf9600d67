"""Answer the questions of `benchmarks.vectors` the obvious way: every sighting's vector multiplied."""

import time
from collections.abc import Callable
from typing import Any

import faiss as faiss_with_stubs
import numpy as np

from benchmarks.vector_archive import DIMS, VectorQuestion, blocks, vectors_of
from benchmarks.vector_libraries import TOP
from index.store.vectors.merging import FULL
from reid.arrays import Flags, Floats32, Ints

faiss: Any = faiss_with_stubs


def nearest(question: VectorQuestion, numbers: Ints, count: int) -> list[int]:
    """Return the numbers of the nearest of some sightings, by numpy over every one."""
    products = stored_rows(numbers, count) @ question.query
    order = np.lexsort((numbers, -products))[:TOP]
    found: list[int] = numbers[order].tolist()
    return found


def stored_rows(numbers: Ints, count: int) -> Floats32:
    """Return the vectors of sightings as float32, made anew."""
    parts = [np.empty((0, DIMS), np.float32)]
    for first in np.unique(numbers // FULL * FULL).tolist():
        mine = numbers[(numbers >= first) & (numbers < first + FULL)]
        parts.append(vectors_of(first, min(first + FULL, count))[mine - first].astype(np.float32))
    return np.concatenate(parts)


def nearest_of_all(
    queries: Floats32, count: int, kept: Callable[[Ints], Flags] | None = None
) -> tuple[list[list[int]], float]:
    """Return the nearest of all sightings, or of those kept, by FAISS Flat, and its processor time for one in ms."""
    index = faiss.IndexFlatIP(DIMS)
    heap = faiss.ResultHeap(len(queries), TOP, keep_max=True)
    took = 0.0
    for first, block in blocks(count):
        rows = np.arange(first, first + len(block))
        if kept is not None:
            mine = kept(rows)
            rows, block = rows[mine], block[mine]
        index.reset()
        index.add(block)
        began = time.thread_time()
        products, at = index.search(queries, TOP)
        took += time.thread_time() - began
        heap.add_result(products, np.where(at < 0, -1, rows[at]))
    heap.finalize()
    found: list[list[int]] = heap.I.tolist()
    return found, 1000 * took / len(queries)
