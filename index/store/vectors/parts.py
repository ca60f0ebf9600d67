"""Tell which sightings of a segment are dead, by the catalogue's log of removed batches."""

from dataclasses import dataclass, replace

import numpy as np

from index.records import Description
from index.store.catalogue import Connection, vectors
from index.store.catalogue.vectors import BatchState
from index.store.catalogue.windows import Windows
from index.store.vectors.hits import ANY
from index.store.vectors.segments import NO_SPANS, Segment, alive_spans
from index.store.vectors.slices import SegmentSlice
from reid.arrays import Ints, Rows


@dataclass(frozen=True, slots=True)
class Part:
    """A segment, the sorted positions of its dead sightings, the most shots that one has, and the time it spans.

    `counts` tells how many sightings have each description.

    `removals` is the entry of the log of removals up to which the dead ones are known.
    """

    name: str
    segment: Segment
    dead: Rows
    most_shots: int
    counts: Ints
    first_us: int
    last_us: int
    removals: int

    @property
    def alive(self) -> Rows:
        """Return the positions of the sightings that are not dead."""
        return np.setdiff1d(np.arange(len(self.segment)), self.dead)

    def slice(self, windows: Windows | None, description: Description) -> SegmentSlice:
        """Return what of the segment lies in the windows, fits a description and is not dead."""
        segment = self.segment
        fits = np.ones(len(segment.descriptions), np.bool_)
        if description != ANY:
            fits[:] = [description.is_fulfilled_by(one) for one in segment.descriptions]
        spans = alive_spans(segment.slices(windows), self.dead) if fits.any() else NO_SPANS
        shots = (segment.rows[spans[:, 1]] - segment.rows[spans[:, 0]]).sum() / max(len(segment.vectors), 1)
        share = float(shots * self.counts[fits].sum() / max(len(segment), 1))
        return SegmentSlice(segment, spans, None if fits.all() else fits, share)


@dataclass(frozen=True, slots=True)
class Removals:
    """The log of removals after one entry: the numbers of its entries, and the batches that they name."""

    after: int
    entries: Ints
    batches: Ints


class RemovalLog:
    """The part of a model's log that segments need, read once."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._known = Removals(0, np.empty(0, np.int64), np.empty(0, np.int64))

    def since(self, connection: Connection, after: int, state: BatchState) -> Removals:
        """Return the log after an entry; only entries that are not known yet are read."""
        known = self._known
        if after < known.after:
            known = Removals(after, np.empty(0, np.int64), np.empty(0, np.int64))
        newest = int(known.entries[-1]) if len(known.entries) else known.after
        rows = vectors.removals(connection, self.model, newest, state.removals)
        new = np.array(rows, np.int64).reshape(-1, 2)
        self._known = Removals(
            known.after,
            entries=np.concatenate([known.entries, new[:, 0]]),
            batches=np.concatenate([known.batches, new[:, 1]]),
        )
        return self._known


def part_of(name: str, segment: Segment, removals: Removals, known: Part | None, *, right_until: int) -> Part:
    """Return a segment with the sightings that the log made dead; what is known already is not looked up again.

    The file is right up to an entry of the log.
    """
    if known is None:
        most_shots = int(np.diff(segment.rows).max(initial=1))
        times = (int(segment.best.min()), int(segment.best.max())) if len(segment) else (0, -1)
        counts = np.bincount(segment.described, minlength=len(segment.descriptions))
        known = Part(name, segment, np.empty(0, np.intp), most_shots, counts, *times, right_until)
    if not len(removals.entries) or removals.entries[-1] <= known.removals:
        return known
    later = removals.batches[np.searchsorted(removals.entries, known.removals, side="right") :]
    inside = [(later >= start) & (later < end) for start, end in segment.covers]
    removed = later[np.any(inside, axis=0)]
    more = np.flatnonzero(np.isin(segment.batch, removed)) if len(removed) else np.empty(0, np.intp)
    return replace(known, dead=np.union1d(known.dead, more), removals=int(removals.entries[-1]))
