"""Merge vector segments: choose which, and sort their sightings into one."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from index.records import Description
from index.store.catalogue.vectors import VectorRows
from index.store.vectors.segments import (
    Codes,
    Segment,
    Span,
    camera_spans,
    expanded,
    joined_covers,
    listed_descriptions,
)
from reid.arrays import Rows

FAN = 8
"""So many segments of about one size are merged into one; each sighting is rewritten log_FAN(n) times."""

FULL = 131_072
"""A segment of so many sightings is merged no more."""


def choose_to_merge(sizes: Mapping[str, int]) -> list[str]:
    """Return segments of about one size that should be merged, together at most FULL; none if there are too few."""
    tiers: dict[int, list[str]] = defaultdict(list)
    for name, size in sorted(sizes.items()):
        if size < FULL:
            tiers[int(math.log(max(size, 1), FAN))].append(name)
    many = next((names for _, names in sorted(tiers.items()) if len(names) >= FAN), [])
    totals = accumulate(sizes[name] for name in many)
    fitting = [name for name, total in zip(many, totals, strict=True) if total <= FULL]
    return fitting if len(fitting) > 1 else []


def merge(
    segments: Sequence[Segment], kept: Sequence[Rows], *, covers: Iterable[Span] | None = None, removals: int
) -> Segment:
    """Return one segment of the sightings of each segment at the positions in `kept`.

    `removals` is the newest removal that these leave out; `covers` may add numbers that no batch has or will have.
    """
    camera = np.concatenate([_cameras_of(segment)[at] for segment, at in zip(segments, kept, strict=True)])
    own = np.repeat(np.arange(len(segments)), [len(at) for at in kept])
    at = np.concatenate(kept)
    best, batch, ids = (_gathered([getattr(s, name) for s in segments], own, at) for name in ("best", "batch", "ids"))
    order = np.lexsort((ids, best, camera))
    counts = _gathered([np.diff(s.rows) for s in segments], own, at)[order]
    descriptions, described = _descriptions(segments, own[order], at[order])
    if covers is None:
        covers = [span for segment in segments for span in segment.covers]
    return Segment(
        model=segments[0].model,
        cameras=camera_spans(camera[order].tolist()),
        vectors=_vectors(segments, own[order], at[order]),
        rows=np.concatenate([[0], np.cumsum(counts)]).astype("<i8"),
        best=best[order],
        batch=batch[order],
        ids=ids[order],
        descriptions=descriptions,
        described=described,
        covers=joined_covers(covers),
        removals=removals,
    )


def _cameras_of(segment: Segment) -> npt.NDArray[np.str_]:
    names = np.array(list(segment.cameras), np.str_)
    return np.repeat(names, [end - start for start, end in segment.cameras.values()])


def _descriptions(segments: Sequence[Segment], owner: Rows, position: Rows) -> tuple[tuple[Description, ...], Codes]:
    every = [one for segment in segments for one in segment.descriptions]
    before = np.cumsum([0, *(len(segment.descriptions) for segment in segments)])[:-1]
    places = _gathered([segment.described for segment in segments], owner, position) + before[owner]
    return listed_descriptions(every, places)


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
        merged[expanded(ends[mine] - counts[mine], counts[mine])] = segment.vectors[
            expanded(segment.rows[position[mine]], counts[mine])
        ]
    return merged
