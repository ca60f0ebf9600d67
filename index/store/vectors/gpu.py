"""Find candidates among all vectors of large segments on a GPU, where FAISS finds one: exact products, in float16.

FAISS for GPUs (`pip install 'retrace[gpu]'`) is needed. Candidates are scored again on the processor, as those of
compact codes are. A segment for which the GPU has no room is searched by its codes.
"""

import logging
from functools import cache
from threading import Lock
from typing import Any

import faiss as faiss_with_stubs
import numpy as np

from index.store.catalogue.vectors import VectorRows
from reid.arrays import Floats32, Ints

faiss: Any = faiss_with_stubs

MOST = 2048
"""FAISS gives no more neighbours from a GPU."""

_ROWS_AT_ONCE = 32_768
_log = logging.getLogger(__name__)
_one_at_a_time = Lock()
"""The memory that FAISS works with on a GPU is not for several threads."""


class GpuIndex:
    """All vectors of one segment on the first GPU."""

    def __init__(self, vectors: VectorRows) -> None:
        settings = faiss.GpuIndexFlatConfig()
        settings.useFloat16 = True
        self._index = faiss.GpuIndexFlatIP(_resources(), vectors.shape[1], settings)
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            self._index.add(vectors[start : start + _ROWS_AT_ONCE].astype(np.float32))

    def search(self, queries: Floats32, most: int) -> tuple[Floats32, Ints]:
        """Return the greatest products with each query and their rows, best first."""
        with _one_at_a_time:
            products, rows = self._index.search(queries, most)
        return products, rows


def on_gpu(vectors: VectorRows) -> GpuIndex | None:
    """Put vectors on the GPU; None where there is no GPU, or no room on it."""
    if not faiss.get_num_gpus():
        return None
    try:
        return GpuIndex(vectors)
    except RuntimeError as error:
        _log.warning("%d vectors are searched by their codes instead of on the GPU: %s", len(vectors), error)
        return None


@cache
def _resources() -> Any:
    return faiss.StandardGpuResources()
