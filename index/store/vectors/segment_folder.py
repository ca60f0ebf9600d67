"""Keep the segment files of one model in step with the catalogue, and merge many small ones into few large ones.

Segments cover ranges of batch numbers, and each knows up to which entry of the catalogue's log of removals it is right.
So neither a new batch nor a removed one makes anybody look at all others.
"""

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from index.store.archive_file import locked, make_folder, sync_folder
from index.store.catalogue import Catalogue, Connection, models, vectors
from index.store.catalogue.vectors import BatchState, StoredVectors
from index.store.vectors import compact_codes, gpu, merging, segment_files
from index.store.vectors.compact_codes import Coded, SegmentIndex
from index.store.vectors.covers import covered, largest_apart, last_covered
from index.store.vectors.gpu import on_gpu
from index.store.vectors.parts import Part, RemovalLog, part_of
from index.store.vectors.segments import Segment, Span, from_stored, gaps_between, is_same
from index.store.vectors.slices import SegmentSlice

_SIGHTINGS_AT_ONCE = 65_536
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _OpenSegments:
    """The parts for one state of the catalogue and of the folder."""

    state: BatchState
    changed_ns: int
    parts: tuple[Part, ...]


class SegmentFolder:
    """The segment files of one model; together they hold every batch of the catalogue once."""

    def __init__(self, folder: Path, model: str, catalogue: Catalogue) -> None:
        self.folder = folder / quote(model, safe="")
        self.model = model
        self._catalogue = catalogue
        self._open: dict[str, Segment] = {}
        self._opened: _OpenSegments | None = None
        self._codes: dict[str, SegmentIndex] = {}
        self._removals = RemovalLog(model)
        # No batch will ever have these numbers: numbers grow.
        self._empty: set[Span] = set()

    def parts(self) -> tuple[Part, ...]:
        """Return segments that together hold every batch of the catalogue once; make those that are missing."""
        changed_ns = self._changed_ns()
        with self._catalogue.reading() as connection:
            state = vectors.state(connection, self.model)
        opened = self._opened
        if opened is None or opened.state != state or opened.changed_ns != changed_ns:
            self._opened = opened = self._find(changed_ns)
            self._codes = {part.name: self._codes[part.name] for part in opened.parts if part.name in self._codes}
        return opened.parts

    def add(self, sightings: Sequence[StoredVectors]) -> None:
        """Write sightings that were committed as a segment of their own, then merge if there are many."""
        if not sightings:
            return
        make_folder(self.folder.parent)
        make_folder(self.folder)
        # A purge waits for this lock: what it removed is not written after it.
        with locked(self.folder / "lock"):
            chosen = self._chosen(delete_others=True)
            with self._catalogue.reading() as connection:
                new = self._new_segments(connection, sightings, covered(chosen.values()))
            for segment in new:
                path = segment_files.write_segment(self.folder, segment)
                chosen[path.name] = self._open[path.name] = segment_files.read_segment(path)
            merged = self._merge(chosen)
        # Outside of the lock: other writers need not wait.
        self._write_codes(merged)

    def coded(self, parts: Sequence[Part], slices: Sequence[SegmentSlice]) -> list[Coded]:
        """Return the slices of parts that are searched by codes, if together they are too large to be scored exactly.

        A part without good codes is left out, and one of which little is asked.
        """
        if sum(one.size for one in slices) <= compact_codes.EXACT_UP_TO:
            return []
        opened: list[Coded] = []
        for part, one in zip(parts, slices, strict=True):
            if one.share >= compact_codes.LEAST_SHARE and (codes := self._codes_of(part)) is not None:
                opened.append(Coded(one, codes))
        return opened

    def _codes_of(self, part: Part) -> SegmentIndex | None:
        """Return the index of a part's vectors, made once: on a GPU, else by its codes; None where it has neither."""
        known = self._codes.get(part.name)
        if known is None or known.segment is not part.segment:
            known = self._made_index(part.name, part.segment)
            if known is not None:
                self._codes[part.name] = known
        return known

    def _made_index(self, name: str, segment: Segment) -> SegmentIndex | None:
        if len(segment.vectors) >= compact_codes.CODED_FROM and (moved := on_gpu(segment.vectors)) is not None:
            return SegmentIndex(segment, moved, gpu.MOST)
        codes = compact_codes.read_codes(self.folder / name, segment)
        return None if codes is None else SegmentIndex(segment, codes)

    def wipe(self) -> None:
        """Write the segments that hold removed sightings anew without them, and delete what writers left behind."""
        if not self.folder.is_dir():
            return
        with locked(self.folder / "lock"):
            named = {compact_codes.file_of(self.folder / name) for name in self._names()}
            lost = set(self.folder.glob("*" + compact_codes.SUFFIX)) - named
            for path in [*self.folder.glob("*.part"), *lost]:
                path.unlink(missing_ok=True)
            chosen = self._chosen(delete_others=True)
            with self._catalogue.reading() as connection:
                state = vectors.state(connection, self.model)
                parts = self._parts(connection, state, chosen)
            for name, part in zip(chosen, parts, strict=True):
                self._shorten(name, part, state.removals)
            sync_folder(self.folder)

    def clear(self) -> None:
        """Delete every segment, and the unfinished files of writers that were stopped."""
        with locked(self.folder / "lock"):
            for suffix in (segment_files.SUFFIX, compact_codes.SUFFIX, ".part"):
                for path in self.folder.glob("*" + suffix):
                    path.unlink(missing_ok=True)
        self._open, self._opened, self._codes = {}, None, {}

    def problems(self) -> list[str]:
        """Compare every vector with the catalogue, and compact codes with the vectors."""
        self.parts()
        found = []
        for name, segment in self._chosen().items():
            with self._catalogue.reading() as connection:
                state = vectors.state(connection, self.model)
                (part,) = self._parts(connection, state, {name: segment})
                covered = [n for span in segment.covers for n in vectors.numbers_in(connection, self.model, *span)]
                again = self._from_catalogue(connection, covered, segment.covers, state)
            if not is_same(merging.merge([segment], [part.alive], removals=state.removals), again):
                found.append(f"vectors of {self.model}: a segment differs from the catalogue: run retrace rebuild")
            codes = compact_codes.read_codes(self.folder / name, segment)
            if codes is not None and compact_codes.are_misleading(codes, segment):
                found.append(f"vectors of {self.model}: compact codes differ from the vectors: run retrace rebuild")
        return found

    def _find(self, changed_ns: int) -> _OpenSegments:
        with self._catalogue.reading() as connection:
            chosen = self._chosen()
            state = vectors.state(connection, self.model)
            if self._missing(connection, chosen.values(), state) is None:
                return _OpenSegments(state, changed_ns, self._parts(connection, state, chosen))
        try:
            make_folder(self.folder.parent)
            make_folder(self.folder)
            with locked(self.folder / "lock"):
                opened = self._complete(self._chosen(), self._kept_in_file, changed_ns)
            self._write_codes({part.name: part.segment for part in opened.parts})
            return opened
        except OSError as error:
            _log.warning("vectors of %s are held in memory, %s cannot be written: %s", self.model, self.folder, error)
            return self._complete(self._chosen(), lambda segment: segment, changed_ns)

    def _complete(
        self, chosen: dict[str, Segment], keep: Callable[[Segment], Segment], changed_ns: int
    ) -> _OpenSegments:
        """Make segments of the batches that none covers, until nothing is missing at one moment of the catalogue."""
        while True:
            with self._catalogue.reading() as connection:
                state = vectors.state(connection, self.model)
                missing = self._missing(connection, chosen.values(), state)
                if missing is None:
                    return _OpenSegments(state, changed_ns, self._parts(connection, state, chosen))
                batches, span = missing
                made = self._from_catalogue(connection, batches, [span], state)
            chosen[segment_files.segment_file_name(made)] = keep(made)

    def _missing(
        self, connection: Connection, chosen: Iterable[Segment], state: BatchState
    ) -> tuple[list[int], Span] | None:
        """Return batches that no segment covers, as many as fit well into memory, and the numbers that they fill."""
        for start, end in gaps_between(covered(chosen), state.newest + 1):
            if (start, end) in self._empty:
                continue
            found = vectors.first_numbers_in(connection, self.model, start, end, sightings_wanted=_SIGHTINGS_AT_ONCE)
            if not found:
                self._empty.add((start, end))
                continue
            rest = vectors.numbers_in(connection, self.model, found[-1] + 1, end, at_most=1)
            return found, (start, found[-1] + 1 if rest else end)
        return None

    def _parts(self, connection: Connection, state: BatchState, chosen: Mapping[str, Segment]) -> tuple[Part, ...]:
        known = {} if self._opened is None else {id(part.segment): part for part in self._opened.parts}
        # The name of a file may claim removals that are still to come: then it is looked through from the first.
        right_until = {
            name: segment.removals if segment.removals <= state.removals else 0 for name, segment in chosen.items()
        }
        removals = self._removals.since(connection, min(right_until.values(), default=state.removals), state)
        return tuple(
            part_of(name, segment, removals, known.get(id(segment)), right_until=right_until[name])
            for name, segment in chosen.items()
        )

    def _new_segments(
        self, connection: Connection, sightings: Sequence[StoredVectors], covered: Sequence[Span]
    ) -> list[Segment]:
        """Return a segment of each whole batch; what another process changed meanwhile is read from the catalogue."""
        state = vectors.state(connection, self.model)
        batch_of = vectors.whole_batches(connection, self.model, sightings)
        made = []
        for batch in sorted(set(batch_of.values())):
            own = [(batch, one) for one in sightings if batch_of.get(one.sighting) == batch]
            gap = next((gap for gap in gaps_between(covered, batch + 1) if gap[1] == batch + 1), None)
            if gap is not None:
                # Numbers of other models and of what was removed lie between: then no gap is left.
                before = vectors.numbers_in(connection, self.model, *gap, at_most=2)
                span = (gap[0] if before == [batch] else batch, batch + 1)
                dims = own[0][1].matrix.shape[1]
                made.append(from_stored(self.model, dims, own, covers=[span], removals=state.removals))
                covered = sorted([*covered, span])
        return made

    def _write_codes(self, named: Mapping[str, Segment]) -> None:
        """Write the compact codes that large segments lack."""
        for name, segment in named.items():
            path = self.folder / name
            if len(segment.vectors) >= compact_codes.CODED_FROM and not compact_codes.file_of(path).exists():
                others = (compact_codes.read_codes(self.folder / other, it) for other, it in self._open.items())
                like = next((codes for codes in others if codes is not None), None)
                compact_codes.write_codes(path, segment, like)

    def _merge(self, chosen: dict[str, Segment]) -> dict[str, Segment]:
        """Merge as long as there is something to merge, delete what was replaced, and return what is new."""
        made: dict[str, Segment] = {}
        while small := merging.choose_to_merge({name: len(segment) for name, segment in chosen.items()}):
            if sum(len(chosen[name].covers) for name in small) > segment_files.MOST_COVERS:
                break
            merged = self._merged({name: chosen.pop(name) for name in small})
            path = segment_files.write_segment(self.folder, merged)
            for name in small:
                self._delete(name)
                self._open.pop(name, None)
                made.pop(name, None)
            chosen[path.name] = self._open[path.name] = made[path.name] = segment_files.read_segment(path)
        return made

    def _merged(self, small: Mapping[str, Segment]) -> Segment:
        with self._catalogue.reading() as connection:
            state = vectors.state(connection, self.model)
            parts = self._parts(connection, state, small)
            spans = covered(small.values())
            between = [gap for gap in gaps_between(spans, spans[-1][1]) if gap[0] >= spans[0][1]]
            empty = [gap for gap in between if not vectors.numbers_in(connection, self.model, *gap, at_most=1)]
        kept = [part.alive for part in parts]
        return merging.merge(list(small.values()), kept, covers=[*spans, *empty], removals=state.removals)

    def _shorten(self, name: str, part: Part, removals: int) -> None:
        """Replace a segment by what is not dead of it, or note in its name that nothing of it is."""
        path = self.folder / name
        if not len(part.dead):
            path.rename(segment_files.renamed(path, removals))
            return
        compact_codes.file_of(path).unlink(missing_ok=True)
        try:
            alive = part.alive
            if len(alive):
                segment_files.write_segment(self.folder, merging.merge([part.segment], [alive], removals=removals))
        finally:
            # Even if the disk is full: what is lost is made again from the catalogue, without what was removed.
            self._delete(name)

    def _delete(self, name: str) -> None:
        compact_codes.file_of(self.folder / name).unlink(missing_ok=True)
        (self.folder / name).unlink(missing_ok=True)

    def _chosen(self, *, delete_others: bool = False) -> dict[str, Segment]:
        """Return segments that share no batch, large ones first; a merge may not have deleted the others yet."""
        found = self._segments()
        chosen = largest_apart(found)
        for name in found.keys() - chosen.keys() if delete_others else ():
            (self.folder / name).unlink(missing_ok=True)
        return chosen

    def _segments(self) -> dict[str, Segment]:
        """Map the segment files; one that is damaged, or vanishes meanwhile, counts as missing."""
        found = {}
        for name in self._names():
            try:
                known = self._open.get(name)
                found[name] = self._read(name) if known is None else known
            except (FileNotFoundError, IsADirectoryError):
                continue
            except segment_files.SegmentFileError as error:
                _log.warning("%s; it is made again from the catalogue", error)
                with suppress(PermissionError):
                    (self.folder / name).unlink(missing_ok=True)
        # Asked after the files were listed: whoever wrote one had added its batches before.
        with self._catalogue.reading() as connection:
            newest = vectors.newest_number(connection, at_least=max(map(last_covered, found.values()), default=0))
        self._open = {name: one for name, one in found.items() if last_covered(one) <= newest}
        for name in found.keys() - self._open.keys():
            # Their vectors would be found by nobody.
            _log.warning("%s covers batches that are still to come; it is made again from the catalogue", name)
            with suppress(OSError):
                self._delete(name)
        return dict(self._open)

    def _read(self, name: str) -> Segment:
        """Map a file, and refuse one that is not of this model: no question could be compared with it."""
        segment = segment_files.read_segment(self.folder / name)
        with self._catalogue.reading() as connection:
            dims = models.dims_of(connection, self.model)
        if (segment.model, segment.vectors.shape[1]) != (self.model, dims):
            raise segment_files.SegmentFileError(f"{self.folder / name} holds the vectors of another model")
        return segment

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.folder) if name.endswith(segment_files.SUFFIX))
        except FileNotFoundError:
            return []

    def _changed_ns(self) -> int:
        """Return when a file of the folder last came or went, 0 where there is no folder."""
        try:
            return self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _kept_in_file(self, segment: Segment) -> Segment:
        path = segment_files.write_segment(self.folder, segment)
        self._open[path.name] = kept = segment_files.read_segment(path)
        return kept

    def _from_catalogue(
        self, connection: Connection, batches: Sequence[int], covers: Iterable[Span], state: BatchState
    ) -> Segment:
        dims = models.dims_of(connection, self.model)
        stored = list(vectors.of_batches(connection, self.model, batches))
        return from_stored(self.model, dims, stored, covers=covers, removals=state.removals)
