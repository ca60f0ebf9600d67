"""Search the vectors of an archive on this machine, in segment files that follow the catalogue."""

from collections.abc import Sequence
from urllib.parse import unquote

import numpy as np

from index.records import Description, Window
from index.store.archive_file import ArchiveFile
from index.store.catalogue import Catalogue, models, vectors
from index.store.catalogue.vectors import StoredVectors
from index.store.catalogue.windows import Windows
from index.store.vectors.compact_codes import candidates
from index.store.vectors.hits import ANY, Hit, Scores
from index.store.vectors.parts import Part
from index.store.vectors.scanning import best_products, nearest_rows
from index.store.vectors.segment_folder import SegmentFolder
from index.store.vectors.segments import Segment, expanded
from index.store.vectors.slices import SegmentSlice
from index.store.vectors.threads import in_threads, thread_count
from reid.arrays import Floats32, Ints, Rows

FOR_THREADS = 65_536
"""Fewer vectors are scanned by one thread: in two milliseconds."""


class FaissVectors:
    """The segments of each model in `vectors/<model>/`; missing ones are made again from the catalogue when needed."""

    def __init__(self, file: ArchiveFile, catalogue: Catalogue) -> None:
        self.folder = file.folder / "vectors"
        self._catalogue = catalogue
        self._models: dict[str, SegmentFolder] = {}

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
        """Return the k sightings most like any of the queries (q, d), best first, each by its best shot."""
        asked = None if windows is None else Windows.of(windows)
        parts = self._parts(model, asked) if len(queries) and k else []
        slices = [part.slice(asked, description) for part in parts]
        # The k best sightings are among the k x shots best rows.
        wanted = k * max((part.most_shots for part in parts), default=1)
        coded = self._of(model).coded(parts, slices)
        rows_of = candidates(coded, queries, wanted, thread_count(threads))
        best: dict[str, Hit] = {}
        whole = [one for one in slices if not any(one is other.slice for other in coded)]
        for known, candidate_rows in zip(coded, rows_of, strict=True):
            if candidate_rows is None:
                whole.append(known.slice)
            else:
                _keep_best_of_candidates(best, known.slice.segment, candidate_rows, queries, wanted)
        found = in_threads(
            lambda one: nearest_rows(one.segment.vectors, one.rows(), queries, wanted),
            whole,
            _threads_for(whole, threads),
        )
        for one, nearest in zip(whole, found, strict=True):
            for rows, scores in nearest:
                _keep_best(best, one.segment, rows, scores)
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.sighting))[:k]

    def all_scores(
        self,
        model: str,
        queries: Floats32,
        windows: Sequence[Window] | None,
        *,
        description: Description = ANY,
        threads: int | None = None,
    ) -> Scores:
        """Return the best score of every sighting in the windows, over its shots and all queries."""
        asked = None if windows is None else Windows.of(windows)
        slices = [part.slice(asked, description) for part in self._parts(model, asked)] if len(queries) else []
        found = in_threads(lambda one: _scores(one, queries), slices, _threads_for(slices, threads))
        ids = [np.empty(0, np.bytes_), *(scores.ids for scores in found)]
        values = [np.empty(0, np.float32), *(scores.values for scores in found)]
        return Scores(np.concatenate(ids), np.concatenate(values))

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

    def _parts(self, model: str, asked: Windows | None) -> list[Part]:
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


def _threads_for(slices: Sequence[SegmentSlice], asked: int | None) -> int:
    return thread_count(asked) if sum(one.size for one in slices) > FOR_THREADS else 1


def _scores(one: SegmentSlice, queries: Floats32) -> Scores:
    """Return the best score of each sighting that lies inside."""
    sightings = one.sightings()
    ids = one.segment.ids[expanded(sightings[:, 0], sightings[:, 1] - sightings[:, 0])]
    if not len(ids):
        return Scores(ids, np.empty(0, np.float32))
    return Scores(ids, one.best_of(best_products(one.segment.vectors, one.segment.rows[sightings], queries)))


def _keep_best_of_candidates(
    best: dict[str, Hit], segment: Segment, rows_of: Sequence[Rows], queries: Floats32, wanted: int
) -> None:
    for query, candidate_rows in zip(queries, rows_of, strict=True):
        vectors = segment.vectors[candidate_rows]
        ((at, scores),) = nearest_rows(vectors, np.array([[0, len(vectors)]]), query[None], wanted)
        _keep_best(best, segment, candidate_rows[at], scores)


def _keep_best(best: dict[str, Hit], segment: Segment, rows: Ints, scores: Floats32) -> None:
    owners = np.searchsorted(segment.rows, rows, side="right") - 1
    shots = rows - segment.rows[owners]
    for id_, shot, score in zip(segment.ids[owners].tolist(), shots.tolist(), scores.tolist(), strict=True):
        hit = Hit(id_.decode(), shot, score)
        known = best.get(hit.sighting)
        if known is None or (-score, shot) < (-known.score, known.shot):
            best[hit.sighting] = hit
