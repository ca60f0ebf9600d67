"""Answer the questions of `benchmarks.vectors` with other libraries of vectors, as well as each of them can.

Each gets the same vectors and the numbers of the sightings inside, one thread, and no time is counted for finding these
numbers by camera and time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import faiss as faiss_with_stubs
import numpy as np

from benchmarks.vector_archive import DIMS, VectorQuestion, blocks
from reid.arrays import Ints

faiss: Any = faiss_with_stubs
"""Its stubs lack what its Python adds to the compiled classes."""

TOP = 20

Ask = Callable[[VectorQuestion, Ints | None], list[int]]
"""Returns the numbers of the TOP nearest sightings inside; of all sightings for None. Libraries use the numbers."""


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer is asked, and the process that answers if that is not a child of this one."""

    ask: Ask
    process: int | None = None


@contextmanager
def flat(count: int) -> Iterator[Peer]:
    """FAISS Flat over float32 in memory, IDSelectorArray of the rows inside."""
    yield Peer(_selecting(faiss.IndexFlatIP(DIMS), count, faiss.IDSelectorArray, faiss.SearchParameters))


@contextmanager
def copied(count: int) -> Iterator[Peer]:
    """FAISS's `knn` over a copy of the float32 rows inside."""
    held = np.concatenate([vectors for _, vectors in blocks(count)])

    def ask(question: VectorQuestion, inside: Ints | None) -> list[int]:
        rows = held if inside is None else held[inside]
        _, found = faiss.knn(question.query[None], rows, TOP, metric=faiss.METRIC_INNER_PRODUCT)
        chosen = found[0] if inside is None else inside[found[0]]
        nearest: list[int] = chosen.tolist()
        return nearest

    yield Peer(ask)


@contextmanager
def usearch(count: int) -> Iterator[Peer]:
    """Usearch's exact search (NumKong) over a copy of the float16 rows inside."""
    import usearch.index as us

    engine: Any = us
    held = np.concatenate([vectors.astype(np.float16) for _, vectors in blocks(count)])

    def ask(question: VectorQuestion, inside: Ints | None) -> list[int]:
        rows = held if inside is None else held[inside]
        query = question.query.astype(np.float16)
        matches = engine.search(rows, query, TOP, engine.MetricKind.IP, exact=True, threads=1)
        found = matches.keys.astype(np.int64)
        nearest: list[int] = (found if inside is None else inside[found]).tolist()
        return nearest

    yield Peer(ask)


@contextmanager
def ivf(count: int) -> Iterator[Peer]:
    """FAISS IVF with 4 sqrt(n) lists, of which a quarter is searched, IDSelectorBitmap of the rows inside."""
    lists = int(4 * count**0.5)
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(DIMS), DIMS, lists, faiss.METRIC_INNER_PRODUCT)
    index.train(next(blocks(count))[1][: 40 * lists])

    def parameters(**sel: Any) -> Any:
        return faiss.SearchParametersIVF(nprobe=lists // 4, **sel)

    yield Peer(_selecting(index, count, _bitmap(count), parameters))


@contextmanager
def hnsw(count: int) -> Iterator[Peer]:
    """FAISS HNSW with 32 links and 256 candidates, IDSelectorBitmap of the rows inside."""
    index = faiss.IndexHNSWFlat(DIMS, 32, faiss.METRIC_INNER_PRODUCT)

    def parameters(**sel: Any) -> Any:
        return faiss.SearchParametersHNSW(efSearch=256, **sel)

    yield Peer(_selecting(index, count, _bitmap(count), parameters))


@contextmanager
def hnswlib(count: int) -> Iterator[Peer]:
    """Hnswlib with 16 links and 256 candidates, its filter a call of Python for each candidate."""
    import hnswlib as library

    engine: Any = library
    index = engine.Index(space="ip", dim=DIMS)
    index.init_index(max_elements=count, ef_construction=100, M=16)
    for first, vectors in blocks(count):
        index.add_items(vectors, first + np.arange(len(vectors)), num_threads=1)
    index.set_ef(256)

    def ask(question: VectorQuestion, inside: Ints | None) -> list[int]:
        wanted = None if inside is None else set(inside.tolist()).__contains__
        try:
            found, _ = index.knn_query(question.query[None], TOP, num_threads=1, filter=wanted)
        except RuntimeError:
            # It found fewer than TOP that lie inside.
            return []
        nearest: list[int] = found[0].astype(np.int64).tolist()
        return nearest

    yield Peer(ask)


EXACT = {"FAISS Flat": flat, "FAISS knn": copied, "usearch": usearch}

APPROXIMATE = {"FAISS IVF": ivf, "FAISS HNSW": hnsw, "hnswlib": hnswlib}
"""Their index takes minutes to hours to build."""


def _selecting(index: Any, count: int, selector: Callable[[Ints], Any], parameters: Callable[..., Any]) -> Ask:
    for _, vectors in blocks(count):
        index.add(vectors)

    def ask(question: VectorQuestion, inside: Ints | None) -> list[int]:
        chosen = None if inside is None else selector(inside)
        of_these = parameters() if chosen is None else parameters(sel=chosen)
        _, found = index.search(question.query[None], TOP, params=of_these)
        nearest: list[int] = found[0].tolist()
        return nearest

    return ask


def _bitmap(count: int) -> Callable[[Ints], Any]:
    def select(numbers: Ints) -> Any:
        flags = np.zeros(-(-count // 8) * 8, np.uint8)
        flags[numbers] = 1
        return faiss.IDSelectorBitmap(np.packbits(flags, bitorder="little"))

    return select
