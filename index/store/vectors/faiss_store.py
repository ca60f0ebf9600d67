"""Search the vectors of an archive on this machine, in segment files that follow the catalogue."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from index.records import Window
from index.store.catalogue import Catalogue, models, vectors
from index.store.catalogue.columns import time_spans
from index.store.catalogue.vectors import StoredVectors
from index.store.vectors.hits import Hit
from index.store.vectors.segment_folder import Part, SegmentFolder
from index.store.vectors.segments import Segment, Span, TimeSpans, alive_spans, inner_products, nearest_rows
from reid.arrays import Floats32, Ints


class FaissVectors:
    """The segments of each model in `folder/<model>/`; missing ones are made again from the catalogue when needed."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder = folder
        self._catalogue = catalogue
        self._models: dict[str, SegmentFolder] = {}

    def search(self, model: str, queries: Floats32, windows: Sequence[Window] | None, k: int) -> list[Hit]:
        """Return the k sightings most like any of the queries (q, d), best first, each by its best shot."""
        best: dict[str, Hit] = {}
        times = None if windows is None else time_spans(windows)
        for part in self._of(model).parts():
            spans = _row_spans(part, times)
            for query in queries:
                # The k best sightings are among the k x shots best rows.
                rows, scores = nearest_rows(part.segment.vectors, spans, query, k * part.most_shots)
                _keep_best(best, part.segment, rows, scores)
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.sighting))[:k]

    def all_scores(self, model: str, queries: Floats32, windows: Sequence[Window] | None) -> dict[str, float]:
        """Return the best score of every sighting in the windows, over its shots and all queries."""
        best: dict[str, float] = {}
        times = None if windows is None else time_spans(windows)
        for part in self._of(model).parts():
            spans = _sighting_spans(part, times)
            if spans and len(queries):
                ids = np.concatenate([part.segment.ids[start:end] for start, end in spans])
                scores = np.max([_sighting_scores(part.segment, spans, query) for query in queries], axis=0)
                best.update(zip((id_.decode() for id_ in ids.tolist()), scores.tolist(), strict=True))
        return best

    def add(self, model: str, batch: int, stored: Sequence[StoredVectors]) -> None:
        """Add a batch that the catalogue has just committed."""
        self._of(model).add(batch, stored)

    def rebuild(self) -> None:
        """Make every segment again from the catalogue, and delete those of models that are gone."""
        for folder in sorted(self.folder.glob("*/")):
            self._of(unquote(folder.name)).clear()
        for model in self._known():
            self._of(model).parts()

    def problems(self) -> list[str]:
        """Compare every vector in the segments with the catalogue."""
        return [line for model in self._known() for line in self._of(model).problems()]

    def _known(self) -> list[str]:
        with self._catalogue.reading() as connection:
            return [model.id for model in models.listing(connection) if vectors.batches_of(connection, model.id)]

    def _of(self, model: str) -> SegmentFolder:
        if model not in self._models:
            self._models[model] = SegmentFolder(self.folder, model, self._catalogue)
        return self._models[model]


def _sighting_spans(part: Part, windows: TimeSpans | None) -> list[Span]:
    return alive_spans(part.segment.slices(windows), part.dead)


def _row_spans(part: Part, windows: TimeSpans | None) -> list[Span]:
    rows = part.segment.rows
    return [(int(rows[start]), int(rows[end])) for start, end in _sighting_spans(part, windows)]


def _keep_best(best: dict[str, Hit], segment: Segment, rows: Ints, scores: Floats32) -> None:
    owners = np.searchsorted(segment.rows, rows, side="right") - 1
    shots = rows - segment.rows[owners]
    for id_, shot, score in zip(segment.ids[owners].tolist(), shots.tolist(), scores.tolist(), strict=True):
        hit = Hit(id_.decode(), shot, score)
        known = best.get(hit.sighting)
        if known is None or (-score, shot) < (-known.score, known.shot):
            best[hit.sighting] = hit


def _sighting_scores(segment: Segment, spans: Sequence[Span], query: Floats32) -> Floats32:
    """Return the best score of each sighting of the spans, in their order."""
    rows = [segment.rows[start : end + 1] for start, end in spans]
    products = inner_products(segment.vectors, [(int(ends[0]), int(ends[-1])) for ends in rows], query)
    before = np.concatenate([[0], np.cumsum([ends[-1] - ends[0] for ends in rows])[:-1]])
    starts = np.concatenate([ends[:-1] - ends[0] + first for ends, first in zip(rows, before, strict=True)])
    scores: Floats32 = np.maximum.reduceat(products, starts)
    return scores
