"""Do the same for many items in as many threads as the caller wants."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import faiss as faiss_with_stubs

faiss: Any = faiss_with_stubs

Item = TypeVar("Item")
Made = TypeVar("Made")


def thread_count(asked: int | None) -> int:
    """Return how many threads to use; None: as many as FAISS does, which OMP_NUM_THREADS tells, else one a core."""
    if asked is not None and asked < 1:
        raise ValueError(f"{asked} threads, must be 1 or more")
    return int(faiss.omp_get_max_threads()) if asked is None else asked


def in_threads(task: Callable[[Item], Made], items: Sequence[Item], threads: int) -> list[Made]:
    """Return what a task makes of each item, in their order; compiled code lets other threads run meanwhile."""
    if threads == 1 or len(items) < 2:
        return [task(item) for item in items]
    with ThreadPoolExecutor(min(threads, len(items))) as pool:
        return list(pool.map(task, items))
