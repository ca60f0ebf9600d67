"""Hold vectors sorted by camera and time, so that a window of a question is a contiguous slice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index.catalogue.columns import to_micros
from index.catalogue.vectors import StoredVectors
from index.sighting import Window

Array = npt.NDArray[Any]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """Sightings sorted by camera, `best` time and id; `vectors[rows[i]:rows[i + 1]]` are the shots of sighting i.

    `cameras` maps a camera to its range of sightings, `covers` names the batches of the catalogue that are inside.
    """

    model: str
    cameras: dict[str, Span]
    vectors: Array
    rows: Array
    best: Array
    batch: Array
    ids: Array
    covers: frozenset[int]

    def __len__(self) -> int:
        """Return how many sightings it holds."""
        return len(self.ids)

    def slices(self, windows: Sequence[Window] | None) -> list[Span]:
        """Return the ranges of sightings that lie in the windows, ends included, each sighting once; None: all."""
        if windows is None:
            return [(0, len(self))] if len(self) else []
        found = sorted(self._slice(window) for window in windows if window.camera in self.cameras)
        return list(joined(found))

    def _slice(self, window: Window) -> Span:
        start, end = self.cameras[window.camera]
        times = self.best[start:end]
        first = start + int(np.searchsorted(times, to_micros(window.start), side="left"))
        last = start + int(np.searchsorted(times, to_micros(window.end), side="right"))
        return first, last


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield sorted spans with those that overlap or touch made one, and empty ones left out."""
    current: Span | None = None
    for start, end in spans:
        if start >= end:
            continue
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def without(span: Span, dead: Array) -> Iterator[Span]:
    """Yield the parts of a span between the sorted positions that no longer count."""
    start, end = span
    for position in dead[np.searchsorted(dead, start) : np.searchsorted(dead, end)].tolist():
        if start < position:
            yield start, position
        start = position + 1
    if start < end:
        yield start, end


def from_stored(model: str, dims: int, covers: Iterable[int], stored: Sequence[StoredVectors]) -> Segment:
    """Sort sightings from the catalogue into a segment in memory."""
    stored = sorted(stored, key=lambda one: (one.camera, one.best, one.sighting))
    matrices = [one.matrix for one in stored]
    return Segment(
        model=model,
        cameras=camera_spans([one.camera for one in stored]),
        vectors=np.concatenate(matrices) if matrices else np.empty((0, dims), "<f2"),
        rows=np.concatenate([[0], np.cumsum([len(matrix) for matrix in matrices])]).astype("<i8"),
        best=np.array([to_micros(one.best) for one in stored], "<i8"),
        batch=np.array([one.batch for one in stored], "<i8"),
        ids=np.array([one.sighting.encode() for one in stored], np.bytes_),
        covers=frozenset(covers),
    )


def camera_spans(cameras: Sequence[str]) -> dict[str, Span]:
    """Return the range of each camera in a sorted list of them."""
    names, starts = np.unique(np.array(cameras, np.str_), return_index=True)
    ends = np.append(starts[1:], len(cameras)).tolist() if len(names) else []
    return {str(name): (int(start), end) for name, start, end in zip(names, starts, ends, strict=True)}
