"""Hold vectors sorted by camera and time, in memory or in a mapped file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.records import Description
from index.store.catalogue.columns import to_micros
from index.store.catalogue.vectors import StoredVectors, VectorRows
from index.store.catalogue.windows import Windows
from reid.arrays import Ints, Rows

Ids = npt.NDArray[np.bytes_]

Codes = npt.NDArray[np.uint16]
"""(n,) places in a list of descriptions."""

Span = tuple[int, int]
"""A range of numbers, its end excluded."""

Spans = npt.NDArray[np.int64]
"""(n, 2) ranges of numbers, sorted and apart, their ends excluded."""


NO_SPANS: Spans = np.empty((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class Segment:
    """Sightings sorted by camera, `best` time and id; `vectors[rows[i]:rows[i + 1]]` are the shots of sighting i.

    `cameras` maps a camera to its range of sightings. All batches of the catalogue whose numbers lie in `covers` are
    inside, but for those that entries of the log of removals up to `removals` name. `described[i]` is the place of the
    description of sighting i in `descriptions`, which are those that occur, sorted.
    """

    model: str
    cameras: dict[str, Span]
    vectors: VectorRows
    rows: Ints
    best: Ints
    batch: Ints
    ids: Ids
    descriptions: tuple[Description, ...]
    described: Codes
    covers: tuple[Span, ...]
    removals: int

    def __len__(self) -> int:
        """Return how many sightings it holds."""
        return len(self.ids)

    def slices(self, windows: Windows | None) -> Spans:
        """Return the ranges of sightings that lie in the windows, each sighting once; None: all."""
        if windows is None:
            return joined(np.array([[0, len(self)]]))
        nowhere = (0, 0)
        ranges = np.array([self.cameras.get(camera, nowhere) for camera in windows.cameras], np.int64).reshape(-1, 2)
        first, last = windows.times.T
        bounds = _first_not_below(self.best, np.concatenate([ranges, ranges]), np.concatenate([first, last + 1]))
        return joined(bounds.reshape(2, -1).T)


def from_stored(
    model: str,
    dims: int,
    stored: Sequence[tuple[int, StoredVectors]],
    *,
    covers: Iterable[Span],
    removals: int,
) -> Segment:
    """Sort sightings from the catalogue, each with its batch, into a segment in memory."""
    stored = sorted(stored, key=lambda one: (one[1].camera, one[1].best, one[1].sighting))
    sightings = [sighting for _, sighting in stored]
    matrices = [sighting.matrix for sighting in sightings]
    every = [sighting.description for sighting in sightings]
    descriptions, described = listed_descriptions(every, np.arange(len(every)))
    return Segment(
        model=model,
        cameras=camera_spans([sighting.camera for sighting in sightings]),
        vectors=np.concatenate(matrices) if matrices else np.empty((0, dims), "<f2"),
        rows=np.concatenate([[0], np.cumsum([len(matrix) for matrix in matrices])]).astype("<i8"),
        best=np.array([to_micros(sighting.best) for sighting in sightings], "<i8"),
        batch=np.array([batch for batch, _ in stored], "<i8"),
        ids=np.array([sighting.sighting.encode() for sighting in sightings], np.bytes_),
        descriptions=descriptions,
        described=described,
        covers=joined_covers(covers),
        removals=removals,
    )


def listed_descriptions(every: Sequence[Description], places: Rows) -> tuple[tuple[Description, ...], Codes]:
    """Return the descriptions that occur at some places of a list, sorted, and the place of each in the new list."""
    used, again = np.unique(places, return_inverse=True)
    occurring = [every[place] for place in used.tolist()]
    listed = sorted(set(occurring), key=lambda one: (one.type or "", one.colour or ""))
    new = {one: place for place, one in enumerate(listed)}
    return tuple(listed), np.array([new[one] for one in occurring], "<u2")[again]


def is_same(first: Segment, second: Segment) -> bool:
    """Say whether two segments hold the same sightings and vectors."""
    return (
        first.cameras == second.cameras
        and first.descriptions == second.descriptions
        and first.ids.tolist() == second.ids.tolist()
        and all(
            np.array_equal(getattr(first, name), getattr(second, name))
            for name in ("rows", "best", "batch", "described", "vectors")
        )
    )


def camera_spans(cameras: Sequence[str]) -> dict[str, Span]:
    """Return the range of each camera in a sorted list of cameras."""
    names, starts = np.unique(np.array(cameras, np.str_), return_index=True)
    ends = np.append(starts[1:], len(cameras)).tolist() if len(names) else []
    return {str(name): (int(start), end) for name, start, end in zip(names, starts, ends, strict=True)}


def joined_covers(covers: Iterable[Span]) -> tuple[Span, ...]:
    """Return ranges of batch numbers as a segment keeps them."""
    spans = joined(np.array(list(covers), np.int64).reshape(-1, 2))
    return tuple((start, end) for start, end in spans.tolist())


def joined(spans: Ints) -> Spans:
    """Return ranges (n, 2) sorted, those that overlap or touch joined, empty ones left out."""
    spans = spans[spans[:, 0] < spans[:, 1]]
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reached = np.maximum.accumulate(spans[:, 1])
    begins = np.ones(len(spans), np.bool_)
    begins[1:] = spans[1:, 0] > reached[:-1]
    ends = np.append(begins[1:], True)[: len(spans)]
    return np.stack([spans[begins, 0], reached[ends]], axis=1)


def alive_spans(spans: Spans, dead: Rows) -> Spans:
    """Return the parts of spans between the sorted positions of dead sightings."""
    if not len(dead):
        return spans
    inside = dead[np.searchsorted(spans[:, 0], dead, side="right") > np.searchsorted(spans[:, 1], dead, side="right")]
    starts = np.sort(np.concatenate([spans[:, 0], inside + 1]))
    ends = np.sort(np.concatenate([spans[:, 1], inside]))
    return np.stack([starts, ends], axis=1)[starts < ends]


def expanded(starts: Ints, counts: Ints) -> Ints:
    """Return starts[i], starts[i] + 1, ... counts[i] of them, for every i."""
    before = np.cumsum(counts) - counts
    expanded: Ints = np.arange(int(counts.sum())) - np.repeat(before - starts, counts)
    return expanded


def gaps_between(spans: Iterable[Span], end: int) -> Iterator[Span]:
    """Yield what sorted spans, which do not overlap, leave of the numbers from 0 to `end`."""
    reached = 0
    for first, last in spans:
        if reached < min(first, end):
            yield reached, min(first, end)
        reached = last
    if reached < end:
        yield reached, end


def _first_not_below(values: Ints, ranges: Ints, needles: Ints) -> Ints:
    """Return the first place in each range of sorted values that is not below its needle, or the end of the range."""
    low: Ints = ranges[:, 0]
    high: Ints = ranges[:, 1]
    while (searching := low < high).any():
        middle = (low + high) // 2
        below = searching & (values[np.minimum(middle, len(values) - 1)] < needles)
        low, high = np.where(below, middle + 1, low), np.where(searching & ~below, middle, high)
    return low
