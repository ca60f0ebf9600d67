"""Search the vectors of an archive on this machine, in segment files that follow the catalogue."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import faiss as faiss_with_stubs
import numpy as np
import numpy.typing as npt

from index.records import Window
from index.store.archive_file import ArchiveFile
from index.store.catalogue import Catalogue, models, vectors
from index.store.catalogue.vectors import StoredVectors, VectorRows
from index.store.vectors import compact_codes
from index.store.vectors.compact_codes import Coded
from index.store.vectors.hits import Hit, Scores
from index.store.vectors.parts import Part
from index.store.vectors.segment_folder import SegmentFolder
from index.store.vectors.segments import NO_SPANS, Segment, Spans, TimeWindows, expanded
from reid.arrays import Floats32, Ints

faiss: Any = faiss_with_stubs
"""Its stubs lack much of what it has."""


class FaissVectors:
    """The segments of each model in `vectors/<model>/`; missing ones are made again from the catalogue when needed."""

    def __init__(self, file: ArchiveFile, catalogue: Catalogue) -> None:
        self.folder = file.folder / "vectors"
        self._catalogue = catalogue
        self._models: dict[str, SegmentFolder] = {}

    def search(self, model: str, queries: Floats32, windows: Sequence[Window] | None, k: int) -> list[Hit]:
        """Return the k sightings most like any of the queries (q, d), best first, each by its best shot."""
        best: dict[str, Hit] = {}
        asked = None if windows is None else TimeWindows.of(windows)
        parts = self._parts(model, asked)
        coded = self._of(model).coded(parts) if asked is None else {}
        # The k best sightings are among the k x shots best rows.
        wanted = k * max((part.most_shots for part in parts), default=1)
        for query in queries if coded else ():
            _keep_best_of_candidates(best, list(coded.values()), query, wanted)
        for part in parts:
            spans = NO_SPANS if part.name in coded else _row_spans(part.segment, part.alive(asked))
            for query in queries if len(spans) else ():
                rows, scores = nearest_rows(part.segment.vectors, spans, query, wanted)
                _keep_best(best, part.segment, rows, scores)
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.sighting))[:k]

    def all_scores(self, model: str, queries: Floats32, windows: Sequence[Window] | None) -> Scores:
        """Return the best score of every sighting in the windows, over its shots and all queries."""
        ids, scores = [np.empty(0, np.bytes_)], [np.empty(0, np.float32)]
        asked = None if windows is None else TimeWindows.of(windows)
        for part in self._parts(model, asked):
            spans = part.alive(asked)
            if len(spans) and len(queries):
                ids.append(part.segment.ids[expanded(spans[:, 0], spans[:, 1] - spans[:, 0])])
                scores.append(np.max([_sighting_scores(part.segment, spans, query) for query in queries], axis=0))
        return Scores(np.concatenate(ids), np.concatenate(scores))

    def add(self, model: str, sightings: Sequence[StoredVectors]) -> None:
        """Add sightings that the catalogue has just committed."""
        self._of(model).add(sightings)

    def wipe(self) -> None:
        """Leave nothing on the disk of what the catalogue no longer holds."""
        for folder in self._folders():
            folder.wipe()

    def rebuild(self) -> None:
        """Make every segment again from the catalogue, and delete those of models that are gone."""
        for folder in self._folders():
            folder.clear()
        for model in self._known():
            self._of(model).parts()

    def problems(self) -> list[str]:
        """Compare every vector in the segments with the catalogue."""
        return [line for model in self._known() for line in self._of(model).problems()]

    def close(self) -> None:
        """Give back the mapped files."""
        self._models = {}

    def _parts(self, model: str, asked: TimeWindows | None) -> list[Part]:
        """Return the parts that hold sightings of the time that is asked for."""
        parts = self._of(model).parts()
        if asked is None:
            return list(parts)
        if not len(asked.times):
            return []
        first, last = asked.times[:, 0].min(), asked.times[:, 1].max()
        return [part for part in parts if part.first_us <= last and part.last_us >= first]

    def _known(self) -> list[str]:
        with self._catalogue.reading() as connection:
            known = [model.id for model in models.listing(connection)]
            return [model for model in known if vectors.state(connection, model).newest]

    def _folders(self) -> list[SegmentFolder]:
        return [self._of(unquote(folder.name)) for folder in sorted(self.folder.glob("*/"))]

    def _of(self, model: str) -> SegmentFolder:
        if model not in self._models:
            self._models[model] = SegmentFolder(self.folder, model, self._catalogue)
        return self._models[model]


def nearest_rows(vectors: VectorRows, spans: Spans, query: Floats32, k: int) -> tuple[Ints, Floats32]:
    """Return the rows of the k greatest inner products within spans of rows, and these products, in no order.

    `vectors` is (n, d) float16, `query` (d,) float32; no product is approximate. A row without a finite product is
    left out.
    """
    k = min(k, int((spans[:, 1] - spans[:, 0]).sum()))
    products = np.full(k, -np.inf, np.float32)
    rows = np.full(k, -1, np.int64)
    if k:
        scanner = _Scanner(vectors, spans, query)
        scanner.scan(faiss.swig_ptr(products), faiss.swig_ptr(rows), k)
    return rows[rows >= 0], products[rows >= 0]


def inner_products(vectors: VectorRows, spans: Spans, query: Floats32) -> Floats32:
    """Return the inner product of every row of the spans, in their order; minus infinity where it is not finite."""
    sizes = spans[:, 1] - spans[:, 0]
    products = np.full(int(sizes.sum()), -np.inf, np.float32)
    if len(products):
        rows, found = _Scanner(vectors, spans, query).scan_all()
        at = np.searchsorted(spans[:, 0], rows, side="right") - 1
        products[rows - spans[at, 0] + (np.cumsum(sizes) - sizes)[at]] = found
    return products


class _Scanner:
    """FAISS's scanner of inverted lists over rows where they are mapped.

    FAISS's public calls need float32 copies of the rows. One span is scanned as it is; many are chosen by a bitmap from
    the rows between the first and the last, which never reads the others: 25,000 rows of 256 numbers in 900 spans of
    131,072 took 1.0 ms for the 20 nearest and 1.2 ms for all products (one thread, in memory, best of 30).
    """

    def __init__(self, vectors: VectorRows, spans: Spans, query: Floats32) -> None:
        if query.shape != (vectors.shape[1],):
            # The scanner takes a bare address: it would read past the end of a query that is too short.
            raise ValueError(
                f"the question has {query.shape} numbers, the vectors of this model {vectors.shape[1]} each"
            )
        if not np.isfinite(query).all():
            raise ValueError(
                "the question has a number that is not finite, every one must be: check its picture and model"
            )
        start, end = int(spans[0, 0]), int(spans[-1, 1])
        # All of these are held: the compiled code knows their addresses alone.
        self._query = np.ascontiguousarray(query, np.float32)
        self._rows = np.arange(start, end)
        self._vectors = vectors[start:end].view(np.uint8)
        self._chosen = None if len(spans) == 1 else faiss.IDSelectorBitmap(_bitmap(spans, end))
        self._quantizer = faiss.ScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16)
        self._scanner = self._quantizer.select_InvertedListScanner(
            faiss.METRIC_INNER_PRODUCT, None, False, self._chosen, False
        )
        self._scanner.set_query(faiss.swig_ptr(self._query))

    def scan(self, products: Any, rows: Any, k: int) -> None:
        """Put the k greatest products into a heap, and their rows."""
        codes, numbers = faiss.swig_ptr(self._vectors), faiss.swig_ptr(self._rows)
        self._scanner.scan_codes(len(self._rows), codes, numbers, products, rows, k)

    def scan_all(self) -> tuple[Ints, Floats32]:
        """Return the rows that have a finite product, in their order, and the products."""
        found = faiss.RangeSearchResult(1)
        partial = faiss.RangeSearchPartialResult(found)
        codes, numbers = faiss.swig_ptr(self._vectors), faiss.swig_ptr(self._rows)
        self._scanner.scan_codes_range(len(self._rows), codes, numbers, float("-inf"), partial.new_result(0))
        partial.finalize()
        count = int(faiss.rev_swig_ptr(found.lims, 2)[1])
        if not count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows: Ints = faiss.rev_swig_ptr(found.labels, count).copy()
        return rows, faiss.rev_swig_ptr(found.distances, count).copy()


def _bitmap(spans: Spans, end: int) -> npt.NDArray[np.uint8]:
    """Return a bit for each number up to `end`, set where a span holds it."""
    changes = np.zeros(end + 1, np.int8)
    changes[spans[:, 0]] = 1
    changes[spans[:, 1]] -= 1
    return np.packbits(np.cumsum(changes, dtype=np.int8).view(np.uint8), bitorder="little")


def _row_spans(segment: Segment, spans: Spans) -> Spans:
    return segment.rows[spans]


def _keep_best_of_candidates(best: dict[str, Hit], coded: Sequence[Coded], query: Floats32, wanted: int) -> None:
    for one, candidates in zip(coded, compact_codes.candidates(coded, query, wanted), strict=True):
        vectors = one.segment.vectors[candidates]
        rows, scores = nearest_rows(vectors, np.array([[0, len(vectors)]]), query, wanted)
        _keep_best(best, one.segment, candidates[rows], scores)


def _keep_best(best: dict[str, Hit], segment: Segment, rows: Ints, scores: Floats32) -> None:
    owners = np.searchsorted(segment.rows, rows, side="right") - 1
    shots = rows - segment.rows[owners]
    for id_, shot, score in zip(segment.ids[owners].tolist(), shots.tolist(), scores.tolist(), strict=True):
        hit = Hit(id_.decode(), shot, score)
        known = best.get(hit.sighting)
        if known is None or (-score, shot) < (-known.score, known.shot):
            best[hit.sighting] = hit


def _sighting_scores(segment: Segment, spans: Spans, query: Floats32) -> Floats32:
    """Return the best score of each sighting of the spans, in their order."""
    products = inner_products(segment.vectors, _row_spans(segment, spans), query)
    sightings = expanded(spans[:, 0], spans[:, 1] - spans[:, 0])
    shots = segment.rows[sightings + 1] - segment.rows[sightings]
    scores: Floats32 = np.maximum.reduceat(products, np.cumsum(shots) - shots)
    return scores
