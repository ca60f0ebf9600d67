"""Keep the segment files of one model in step with the catalogue, whoever else writes, merges or deletes them."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np

from index.catalogue import Catalogue, models, vectors
from index.catalogue.vectors import BatchState, StoredVectors
from index.keeping.locks import locked
from index.vectors import merging, segment_file
from index.vectors.segments import Array, Segment, from_stored

_log = logging.getLogger(__name__)
_SIGHTINGS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class Part:
    """A segment, the sorted positions in it that no longer count, and the most shots that a sighting has."""

    segment: Segment
    dead: Array
    most_shots: int


@dataclass(frozen=True, slots=True)
class _View:
    """What was found when the catalogue stood at `state` and the folder held `names`."""

    state: BatchState
    names: frozenset[str]
    parts: tuple[Part, ...]


class SegmentFolder:
    """The segments of one model; each holds whole batches of the catalogue and says which."""

    def __init__(self, folder: Path, model: str, catalogue: Catalogue) -> None:
        self.folder = folder / quote(model, safe="")
        self.model = model
        self._catalogue = catalogue
        self._open: dict[str, Segment] = {}
        self._view: _View | None = None

    def parts(self) -> tuple[Part, ...]:
        """Return segments that together hold every batch of the catalogue once; make those that are missing."""
        with self._catalogue.reading() as connection:
            state = vectors.state(connection, self.model)
        view = self._view
        if view is None or view.state != state or view.names != self._names():
            self._view = view = self._look(state)
        return view.parts

    def add(self, batch: int, stored: Sequence[StoredVectors]) -> None:
        """Write a batch as a segment of its own, then merge where many have gathered."""
        if stored:
            segment_file.write(self.folder, from_stored(self.model, stored[0].matrix.shape[1], [batch], stored))
            with locked(self.folder / "lock"):
                self._merge()

    def clear(self) -> None:
        """Delete every segment, and what stopped writers left half written."""
        with locked(self.folder / "lock"):
            for path in [*self.folder.glob("*" + segment_file.SUFFIX), *self.folder.glob("*.part")]:
                path.unlink(missing_ok=True)
        self._open, self._view = {}, None

    def problems(self) -> list[str]:
        """Compare every vector with the catalogue."""
        found = []
        for part in self.parts():
            again = self._from_catalogue(sorted(part.segment.covers))
            alive = np.setdiff1d(np.arange(len(part.segment)), part.dead)
            kept = merging.merge([part.segment], set(part.segment.batch[alive].tolist()))
            if not _same(kept, again):
                found.append(f"vectors of {self.model}: a segment differs from the catalogue: run retrace rebuild")
        return found

    def _look(self, state: BatchState) -> _View:
        alive = self._alive()
        chosen = _without_overlap(self._segments())
        if not _missing(alive, chosen.values()):
            return self._seen(state, alive, chosen.values())
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / "lock"):
                chosen = _without_overlap(self._segments())
                for some in self._groups(_missing(alive, chosen.values())):
                    segment_file.write(self.folder, self._from_catalogue(some))
            return self._seen(state, alive, _without_overlap(self._segments()).values())
        except OSError as error:
            _log.warning("vectors of %s are held in memory, %s cannot be written: %s", self.model, self.folder, error)
            made = [self._from_catalogue(some) for some in self._groups(_missing(alive, chosen.values()))]
            return self._seen(state, alive, [*chosen.values(), *made])

    def _seen(self, state: BatchState, alive: Mapping[int, int], segments: Iterable[Segment]) -> _View:
        batches = np.fromiter(alive, np.int64)
        parts = tuple(
            Part(
                segment,
                dead=np.flatnonzero(~np.isin(segment.batch, batches)),
                most_shots=int(np.diff(segment.rows).max(initial=1)),
            )
            for segment in segments
        )
        return _View(state, self._names(), parts)

    def _merge(self) -> None:
        """Merge while there is something to merge, and delete what a merged segment replaces."""
        while True:
            alive = self._alive()
            every = self._segments()
            chosen = _without_overlap(every)
            small = merging.choose({self.folder / name: len(segment) for name, segment in chosen.items()})
            if not small:
                break
            merged = segment_file.write(self.folder, merging.merge([chosen[path.name] for path in small], set(alive)))
            for name in [path.name for path in small] + [name for name in every if name not in chosen]:
                if name != merged.name:
                    (self.folder / name).unlink(missing_ok=True)

    def _segments(self) -> dict[str, Segment]:
        """Map the segment files that are whole; one that is not, or vanishes meanwhile, counts as missing."""
        found = {}
        for name in sorted(self._names()):
            try:
                known = self._open.get(name)
                found[name] = segment_file.read(self.folder / name) if known is None else known
            except FileNotFoundError:
                continue
            except segment_file.SegmentFileError as error:
                _log.warning("%s; it is made again from the catalogue", error)
                (self.folder / name).unlink(missing_ok=True)
        self._open = found
        return found

    def _names(self) -> frozenset[str]:
        return frozenset(path.name for path in self.folder.glob("*" + segment_file.SUFFIX))

    def _alive(self) -> dict[int, int]:
        with self._catalogue.reading() as connection:
            return vectors.batches_of(connection, self.model)

    def _from_catalogue(self, batches: Sequence[int]) -> Segment:
        with self._catalogue.reading() as connection:
            dims = models.dims_of(connection, self.model)
            stored = list(vectors.of_batches(connection, self.model, batches))
        return from_stored(self.model, dims, batches, stored)

    def _groups(self, missing: Mapping[int, int]) -> Iterator[list[int]]:
        """Yield batches by the number, together as many as fit well into memory."""
        group: list[int] = []
        rows = 0
        for batch in sorted(missing):
            group.append(batch)
            rows += missing[batch]
            if rows >= _SIGHTINGS_AT_ONCE:
                yield group
                group, rows = [], 0
        if group:
            yield group


def _without_overlap(segments: Mapping[str, Segment]) -> dict[str, Segment]:
    """Choose segments that share no batch, large ones first; what a merge has not deleted yet is left out."""
    chosen: dict[str, Segment] = {}
    taken: set[int] = set()
    for name, segment in sorted(segments.items(), key=lambda item: (-len(item[1].covers), item[0])):
        if taken.isdisjoint(segment.covers):
            chosen[name] = segment
            taken |= segment.covers
    return chosen


def _missing(alive: Mapping[int, int], segments: Iterable[Segment]) -> dict[int, int]:
    covered = frozenset().union(*(segment.covers for segment in segments))
    return {batch: rows for batch, rows in alive.items() if batch not in covered}


def _same(one: Segment, other: Segment) -> bool:
    return (
        one.cameras == other.cameras
        and one.ids.tolist() == other.ids.tolist()
        and all(
            np.array_equal(getattr(one, name), getattr(other, name)) for name in ("rows", "best", "batch", "vectors")
        )
    )
