"""Check that the parts of a segment fit together, before compiled code reads it at the places that it names."""

from typing import Any

import numpy as np
import numpy.typing as npt

from index.store.vectors.segments import Segment

MOST_DIMS = 65_536

MOST_COVERS = 16_384
"""Each range of batches is asked of the catalogue: of 200,000 in a small file, nobody waited for the answer."""

_LARGEST = 2**63 - 1


def check_arrays(segment: Segment) -> None:
    """Refuse arrays of other kinds or lengths than a writer makes, and places beyond what they point into."""
    count = len(segment.ids)
    _check_kind(segment.vectors, "vectors", "<f2", 2)
    for name, kind, length in (("rows", "<i8", count + 1), ("best", "<i8", count), ("batch", "<i8", count)):
        _check_kind(getattr(segment, name), name, kind, 1, length)
    _check_kind(segment.described, "described", "<u2", 1, count)
    if segment.ids.dtype.kind != "S" or segment.ids.ndim != 1:
        raise ValueError(f"ids of the kind {segment.ids.dtype}")
    if not 0 < segment.vectors.shape[1] <= MOST_DIMS:
        raise ValueError(f"vectors of {segment.vectors.shape[1]} numbers")
    shots = np.diff(segment.rows)
    if segment.rows[0] != 0 or segment.rows[-1] != len(segment.vectors) or (shots < 1).any():
        raise ValueError("its rows are not those of its vectors")
    if count and int(segment.described.max()) >= len(segment.descriptions):
        raise ValueError("a sighting has a description that is not there")


def check_names(segment: Segment) -> None:
    """Refuse cameras that do not share the sightings among them, each in order of time, and ranges of no batches."""
    reached = 0
    for camera, (start, end) in segment.cameras.items():
        if not isinstance(camera, str) or start != reached or not start < end <= len(segment):
            raise ValueError("its cameras do not share its sightings")
        reached = end
    if reached != len(segment):
        raise ValueError("its cameras do not share its sightings")
    falls = np.flatnonzero(np.diff(segment.best) < 0) + 1
    if not {start for start, _ in segment.cameras.values()}.issuperset(falls.tolist()):
        raise ValueError("its sightings are not in order of time")
    if any(not isinstance(part, str | None) for one in segment.descriptions for part in (one.type, one.colour)):
        raise ValueError("a description is no text")
    _check_covers(segment)


def _check_covers(segment: Segment) -> None:
    if len(segment.covers) > MOST_COVERS:
        raise ValueError(f"it covers {len(segment.covers)} ranges of batches")
    after = -1
    for first, end in segment.covers:
        if type(first) is not int or type(end) is not int or not after < first < end <= _LARGEST:
            raise ValueError("it covers no ranges of batches")
        after = end


def _check_kind(array: npt.NDArray[Any], name: str, kind: str, dimensions: int, length: int | None = None) -> None:
    if array.dtype != np.dtype(kind) or array.ndim != dimensions or length not in (None, len(array)):
        raise ValueError(f"{name} of the kind {array.dtype} and the size {array.shape}")
