"""Keep the segment files of one model in step with the catalogue, and merge many small ones into few large ones."""

import logging
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from index.store.archive_file import locked
from index.store.catalogue import Catalogue, models, vectors
from index.store.catalogue.vectors import BatchState, StoredVectors, VectorRows
from index.store.vectors import segments
from index.store.vectors.segments import Segment, camera_spans, from_stored
from reid.arrays import Ints, Rows

FAN = 8
"""So many segments of about one size are merged into one; each sighting is rewritten log_FAN(n) times."""

FULL = 131_072
"""A segment of so many sightings is merged no more."""

_SIGHTINGS_AT_ONCE = 65_536
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """A segment, the sorted positions of its dead sightings, and the most shots that a sighting has."""

    segment: Segment
    dead: Rows
    most_shots: int


@dataclass(frozen=True, slots=True)
class _OpenSegments:
    """The parts for one state of the catalogue and the file names that the folder held then."""

    state: BatchState
    names: frozenset[str]
    parts: tuple[Part, ...]


class SegmentFolder:
    """The segment files of one model; each holds whole batches of the catalogue and names them."""

    def __init__(self, folder: Path, model: str, catalogue: Catalogue) -> None:
        self.folder = folder / quote(model, safe="")
        self.model = model
        self._catalogue = catalogue
        self._open: dict[str, Segment] = {}
        self._opened: _OpenSegments | None = None

    def parts(self) -> tuple[Part, ...]:
        """Return segments that together hold every batch of the catalogue once; make those that are missing."""
        with self._catalogue.reading() as connection:
            state = vectors.state(connection, self.model)
        opened = self._opened
        if opened is None or opened.state != state or opened.names != self._names():
            self._opened = opened = self._find(state)
        return opened.parts

    def add(self, batch: int, stored: Sequence[StoredVectors]) -> None:
        """Write a batch as a segment of its own, then merge if there are many."""
        if stored:
            segments.write_segment(self.folder, from_stored(self.model, stored[0].matrix.shape[1], [batch], stored))
            with locked(self.folder / "lock"):
                self._merge()

    def clear(self) -> None:
        """Delete every segment, and the unfinished files of writers that were stopped."""
        with locked(self.folder / "lock"):
            for path in [*self.folder.glob("*" + segments.SUFFIX), *self.folder.glob("*.part")]:
                path.unlink(missing_ok=True)
        self._open, self._opened = {}, None

    def problems(self) -> list[str]:
        """Compare every vector with the catalogue."""
        found = []
        for part in self.parts():
            again = self._from_catalogue(sorted(part.segment.covers))
            alive = np.setdiff1d(np.arange(len(part.segment)), part.dead)
            kept = merge([part.segment], set(part.segment.batch[alive].tolist()))
            if not _same(kept, again):
                found.append(f"vectors of {self.model}: a segment differs from the catalogue: run retrace rebuild")
        return found

    def _find(self, state: BatchState) -> _OpenSegments:
        alive = self._alive()
        chosen = _without_overlap(self._segments())
        if not _missing(alive, chosen.values()):
            return self._parts(state, alive, chosen.values())
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / "lock"):
                chosen = _without_overlap(self._segments())
                for group in self._groups(_missing(alive, chosen.values())):
                    segments.write_segment(self.folder, self._from_catalogue(group))
            return self._parts(state, alive, _without_overlap(self._segments()).values())
        except OSError as error:
            _log.warning("vectors of %s are held in memory, %s cannot be written: %s", self.model, self.folder, error)
            made = [self._from_catalogue(group) for group in self._groups(_missing(alive, chosen.values()))]
            return self._parts(state, alive, [*chosen.values(), *made])

    def _parts(self, state: BatchState, alive: Mapping[int, int], chosen: Iterable[Segment]) -> _OpenSegments:
        batches = np.fromiter(alive, np.int64)
        parts = tuple(
            Part(
                segment,
                dead=np.flatnonzero(~np.isin(segment.batch, batches)),
                most_shots=int(np.diff(segment.rows).max(initial=1)),
            )
            for segment in chosen
        )
        return _OpenSegments(state, self._names(), parts)

    def _merge(self) -> None:
        """Merge as long as there is something to merge, and delete the segments that were replaced."""
        while True:
            alive = self._alive()
            found = self._segments()
            chosen = _without_overlap(found)
            small = choose_to_merge({self.folder / name: len(segment) for name, segment in chosen.items()})
            if not small:
                break
            merged = segments.write_segment(self.folder, merge([chosen[path.name] for path in small], set(alive)))
            for name in [path.name for path in small] + [name for name in found if name not in chosen]:
                if name != merged.name:
                    (self.folder / name).unlink(missing_ok=True)

    def _segments(self) -> dict[str, Segment]:
        """Map the segment files; one that is damaged, or vanishes meanwhile, counts as missing."""
        found = {}
        for name in sorted(self._names()):
            try:
                known = self._open.get(name)
                found[name] = segments.read_segment(self.folder / name) if known is None else known
            except FileNotFoundError:
                continue
            except segments.SegmentFileError as error:
                _log.warning("%s; it is made again from the catalogue", error)
                (self.folder / name).unlink(missing_ok=True)
        self._open = found
        return found

    def _names(self) -> frozenset[str]:
        return frozenset(path.name for path in self.folder.glob("*" + segments.SUFFIX))

    def _alive(self) -> dict[int, int]:
        with self._catalogue.reading() as connection:
            return vectors.batches_of(connection, self.model)

    def _from_catalogue(self, batches: Sequence[int]) -> Segment:
        with self._catalogue.reading() as connection:
            dims = models.dims_of(connection, self.model)
            stored = list(vectors.of_batches(connection, self.model, batches))
        return from_stored(self.model, dims, batches, stored)

    def _groups(self, missing: Mapping[int, int]) -> Iterator[list[int]]:
        """Yield batches in the order of their numbers, as many at a time as fit well into memory."""
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


def choose_to_merge(sizes: Mapping[Path, int]) -> list[Path]:
    """Return segments of about one size that should be merged, together at most FULL; none if there are too few."""
    tiers: dict[int, list[Path]] = defaultdict(list)
    for path, size in sorted(sizes.items()):
        if size < FULL:
            tiers[int(math.log(max(size, 1), FAN))].append(path)
    many = next((paths for _, paths in sorted(tiers.items()) if len(paths) >= FAN), [])
    totals = accumulate(sizes[path] for path in many)
    fitting = [path for path, total in zip(many, totals, strict=True) if total <= FULL]
    return fitting if len(fitting) > 1 else []


def merge(segments: Sequence[Segment], alive: Collection[int]) -> Segment:
    """Return one segment of all sightings whose batch is alive."""
    cameras, owner, position = [], [], []
    for number, segment in enumerate(segments):
        kept = np.flatnonzero(np.isin(segment.batch, list(alive)))
        cameras.append(_cameras_of(segment)[kept])
        owner.append(np.full(len(kept), number))
        position.append(kept)
    camera, own, at = np.concatenate(cameras), np.concatenate(owner), np.concatenate(position)
    best, batch, ids = (_gathered([getattr(s, name) for s in segments], own, at) for name in ("best", "batch", "ids"))
    order = np.lexsort((ids, best, camera))
    counts = _gathered([np.diff(s.rows) for s in segments], own, at)[order]
    return Segment(
        model=segments[0].model,
        cameras=camera_spans(camera[order].tolist()),
        vectors=_vectors(segments, own[order], at[order]),
        rows=np.concatenate([[0], np.cumsum(counts)]).astype("<i8"),
        best=best[order],
        batch=batch[order],
        ids=ids[order],
        covers=frozenset().union(*(segment.covers for segment in segments)) & frozenset(alive),
    )


def _cameras_of(segment: Segment) -> npt.NDArray[np.str_]:
    names = np.array(list(segment.cameras), np.str_)
    return np.repeat(names, [end - start for start, end in segment.cameras.values()])


def _gathered(arrays: Sequence[npt.NDArray[Any]], owner: Rows, position: Rows) -> npt.NDArray[Any]:
    """Return `arrays[owner[i]][position[i]]` for every i."""
    starts = np.concatenate([[0], np.cumsum([len(array) for array in arrays])])[:-1]
    gathered: npt.NDArray[Any] = np.concatenate(arrays)[starts[owner] + position]
    return gathered


def _vectors(segments: Sequence[Segment], owner: Rows, position: Rows) -> VectorRows:
    dims = segments[0].vectors.shape[1]
    counts = np.zeros(len(owner), np.int64)
    for number, segment in enumerate(segments):
        mine = owner == number
        counts[mine] = np.diff(segment.rows)[position[mine]]
    ends = np.cumsum(counts)
    merged = np.empty((int(counts.sum()), dims), "<f2")
    for number, segment in enumerate(segments):
        mine = owner == number
        merged[_expanded(ends[mine] - counts[mine], counts[mine])] = segment.vectors[
            _expanded(segment.rows[position[mine]], counts[mine])
        ]
    return merged


def _expanded(starts: Ints, counts: Ints) -> Ints:
    """Return starts[i], starts[i] + 1, ... counts[i] of them, for every i."""
    before = np.cumsum(counts) - counts
    expanded: Ints = np.arange(int(counts.sum())) - np.repeat(before - starts, counts)
    return expanded


def _without_overlap(found: Mapping[str, Segment]) -> dict[str, Segment]:
    """Choose found that share no batch, large ones first; this leaves out those that a merge has not deleted yet."""
    chosen: dict[str, Segment] = {}
    taken: set[int] = set()
    for name, segment in sorted(found.items(), key=lambda item: (-len(item[1].covers), item[0])):
        if taken.isdisjoint(segment.covers):
            chosen[name] = segment
            taken |= segment.covers
    return chosen


def _missing(alive: Mapping[int, int], chosen: Iterable[Segment]) -> dict[int, int]:
    covered = frozenset().union(*(segment.covers for segment in chosen))
    return {batch: rows for batch, rows in alive.items() if batch not in covered}


def _same(first: Segment, second: Segment) -> bool:
    return (
        first.cameras == second.cameras
        and first.ids.tolist() == second.ids.tolist()
        and all(
            np.array_equal(getattr(first, name), getattr(second, name)) for name in ("rows", "best", "batch", "vectors")
        )
    )
