"""Make few large segments of many small ones, leaving out what no longer counts."""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from index.vectors.segments import Array, Segment, camera_spans

FAN = 8
"""So many segments of about one size become one; each sighting is rewritten log_FAN(n) times."""

FULL = 131_072
"""A segment of so many sightings is merged no more."""


def choose(sizes: Mapping[Path, int]) -> list[Path]:
    """Return segments of about one size that should become one, not above FULL; none if there are too few."""
    tiers: dict[int, list[Path]] = defaultdict(list)
    for path, size in sorted(sizes.items()):
        if size < FULL:
            tiers[int(math.log(max(size, 1), FAN))].append(path)
    many = next((paths for _, paths in sorted(tiers.items()) if len(paths) >= FAN), [])
    totals = accumulate(sizes[path] for path in many)
    fitting = [path for path, total in zip(many, totals, strict=True) if total <= FULL]
    return fitting if len(fitting) > 1 else []


def merge(segments: Sequence[Segment], alive: Collection[int]) -> Segment:
    """Return one segment of all sightings whose batch is alive; the vectors are gathered in sorted order."""
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


def _cameras_of(segment: Segment) -> Array:
    names: Array = np.array(list(segment.cameras), np.str_)
    return np.repeat(names, [end - start for start, end in segment.cameras.values()])


def _gathered(arrays: Sequence[Array], owner: Array, position: Array) -> Array:
    """Return `arrays[owner[i]][position[i]]` for every i."""
    starts = np.concatenate([[0], np.cumsum([len(array) for array in arrays])])[:-1]
    gathered: Array = np.concatenate(arrays)[starts[owner] + position]
    return gathered


def _vectors(segments: Sequence[Segment], owner: Array, position: Array) -> Array:
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


def _expanded(starts: Array, counts: Array) -> Array:
    """Return starts[i], starts[i] + 1, ... counts[i] of them, for every i."""
    before = np.cumsum(counts) - counts
    expanded: Array = np.arange(int(counts.sum())) - np.repeat(before - starts, counts)
    return expanded
