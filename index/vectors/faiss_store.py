"""Search the vectors of an archive on this machine, in segment files that are kept up with the catalogue."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from index.catalogue import Catalogue, models, vectors
from index.catalogue.vectors import StoredVectors
from index.sighting import Window
from index.vectors.hits import Floats, Hit
from index.vectors.scanner import every, nearest
from index.vectors.segment_folder import Part, SegmentFolder
from index.vectors.segments import Array, Segment, Span, without


class FaissVectors:
    """Segments in `folder/<model>/`; whatever is missing there is made again from the catalogue when noticed."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder = folder
        self._catalogue = catalogue
        self._models: dict[str, SegmentFolder] = {}

    def search(self, model: str, queries: Floats, windows: Sequence[Window] | None, k: int) -> list[Hit]:
        """Return the k sightings most like any of the queries (q, d), best first, each by its best shot."""
        best: dict[str, Hit] = {}
        for part in self._of(model).parts():
            spans = _row_spans(part, windows)
            for query in queries:
                # The k best sightings are among the k x shots best rows.
                rows, scores = nearest(part.segment.vectors, spans, query, k * part.most_shots)
                _keep_best(best, part.segment, rows, scores)
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.sighting))[:k]

    def all_scores(self, model: str, queries: Floats, windows: Sequence[Window] | None) -> dict[str, float]:
        """Return the best score of every sighting in the windows, over its shots and all queries."""
        best: dict[str, float] = {}
        for part in self._of(model).parts():
            spans = _spans(part, windows)
            if spans and len(queries):
                ids = np.concatenate([part.segment.ids[start:end] for start, end in spans])
                scores = np.max([_sighting_scores(part.segment, spans, query) for query in queries], axis=0)
                best.update(zip((id_.decode() for id_ in ids.tolist()), scores.tolist(), strict=True))
        return best

    def add(self, model: str, batch: int, stored: Sequence[StoredVectors]) -> None:
        """Take in a batch that the catalogue has just committed."""
        self._of(model).add(batch, stored)

    def rebuild(self) -> None:
        """Make every segment anew from the catalogue, and drop those of models that are gone."""
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


def _spans(part: Part, windows: Sequence[Window] | None) -> list[Span]:
    return [alive for span in part.segment.slices(windows) for alive in without(span, part.dead)]


def _row_spans(part: Part, windows: Sequence[Window] | None) -> list[Span]:
    rows = part.segment.rows
    return [(int(rows[start]), int(rows[end])) for start, end in _spans(part, windows)]


def _keep_best(best: dict[str, Hit], segment: Segment, rows: Array, scores: Floats) -> None:
    owners = np.searchsorted(segment.rows, rows, side="right") - 1
    shots = rows - segment.rows[owners]
    for id_, shot, score in zip(segment.ids[owners].tolist(), shots.tolist(), scores.tolist(), strict=True):
        hit = Hit(id_.decode(), shot, score)
        known = best.get(hit.sighting)
        if known is None or (-score, shot) < (-known.score, known.shot):
            best[hit.sighting] = hit


def _sighting_scores(segment: Segment, spans: Sequence[Span], query: Floats) -> Floats:
    """Return the best score of each sighting of the spans, in their order."""
    rows = [segment.rows[start : end + 1] for start, end in spans]
    products = every(segment.vectors, [(int(some[0]), int(some[-1])) for some in rows], query)
    before = np.concatenate([[0], np.cumsum([some[-1] - some[0] for some in rows])[:-1]])
    starts = np.concatenate([some[:-1] - some[0] + first for some, first in zip(rows, before, strict=True)])
    scores: Floats = np.maximum.reduceat(products, starts)
    return scores
