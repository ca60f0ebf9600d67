"""Hold vectors sorted by camera and time, in memory or in a mapped file."""

import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.records import Window
from index.store.archive_file import create, make_folder, sync_folder
from index.store.catalogue.columns import EPOCH, MICROSECOND, to_micros
from index.store.catalogue.vectors import StoredVectors, VectorRows
from reid.arrays import Ints, Rows

Ids = npt.NDArray[np.bytes_]

Span = tuple[int, int]
"""A range of numbers, its end excluded."""

Spans = npt.NDArray[np.int64]
"""(n, 2) ranges of numbers, sorted and apart, their ends excluded."""


NO_SPANS: Spans = np.empty((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class TimeWindows:
    """The windows of a question: the camera of each, and its first and last microsecond, both inside, (n, 2)."""

    cameras: tuple[str, ...]
    times: Ints

    @classmethod
    def of(cls, windows: Sequence[Window]) -> "TimeWindows":
        """Return windows as a segment compares them."""
        # Written out: a call for each time would take longer than scanning what lies inside.
        times = [((window.start - EPOCH) // MICROSECOND, (window.end - EPOCH) // MICROSECOND) for window in windows]
        return cls(tuple([window.camera for window in windows]), np.array(times, np.int64).reshape(-1, 2))


@dataclass(frozen=True, slots=True)
class Segment:
    """Sightings sorted by camera, `best` time and id; `vectors[rows[i]:rows[i + 1]]` are the shots of sighting i.

    `cameras` maps a camera to its range of sightings. All batches of the catalogue whose numbers lie in `covers` are
    inside, but for those that entries of the log of removals up to `removals` name.
    """

    model: str
    cameras: dict[str, Span]
    vectors: VectorRows
    rows: Ints
    best: Ints
    batch: Ints
    ids: Ids
    covers: tuple[Span, ...]
    removals: int

    def __len__(self) -> int:
        """Return how many sightings it holds."""
        return len(self.ids)

    def slices(self, windows: TimeWindows | None) -> Spans:
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
    return Segment(
        model=model,
        cameras=camera_spans([sighting.camera for sighting in sightings]),
        vectors=np.concatenate(matrices) if matrices else np.empty((0, dims), "<f2"),
        rows=np.concatenate([[0], np.cumsum([len(matrix) for matrix in matrices])]).astype("<i8"),
        best=np.array([to_micros(sighting.best) for sighting in sightings], "<i8"),
        batch=np.array([batch for batch, _ in stored], "<i8"),
        ids=np.array([sighting.sighting.encode() for sighting in sightings], np.bytes_),
        covers=joined_covers(covers),
        removals=removals,
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


SUFFIX = ".segment"

_MAGIC = b"RETRACE VECTORS 2\n"

_LENGTH_BYTES, _CRC_BYTES = 8, 4

_ALIGN = 64

_ROWS_AT_ONCE = 16_384


class SegmentFileError(ValueError):
    """A file is not a segment, or is damaged."""


def _first_not_below(values: Ints, ranges: Ints, needles: Ints) -> Ints:
    """Return the first place in each range of sorted values that is not below its needle, or the end of the range."""
    low: Ints = ranges[:, 0]
    high: Ints = ranges[:, 1]
    while (searching := low < high).any():
        middle = (low + high) // 2
        below = searching & (values[np.minimum(middle, len(values) - 1)] < needles)
        low, high = np.where(below, middle + 1, low), np.where(searching & ~below, middle, high)
    return low


def write_segment(folder: Path, segment: Segment) -> Path:
    """Write a segment; its name follows from what it covers, and the file gets it only when it is complete."""
    make_folder(folder.parent)
    make_folder(folder)
    path = folder / segment_file_name(segment)
    temporary = folder / f"{path.stem}.{secrets.token_hex(4)}.part"
    try:
        with open(create(temporary), "wb") as file:
            file.writelines(_encoded(segment))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)
    return path


def read_segment(path: Path) -> Segment:
    """Map a segment file and check all of it but the vectors, which are read from the disk when they are used."""
    try:
        # A plain view of the mapping: slices of numpy's own kind of mapped array cost six times as much.
        return _decoded(np.asarray(np.memmap(path, np.uint8, "r")), removals=int(path.stem.rpartition("-")[2]))
    except (ValueError, KeyError, TypeError) as error:
        raise SegmentFileError(f"{path}: {error}") from error


def checksum(segment: Segment) -> int:
    """Return the CRC of everything but the vectors: it tells which sightings a segment holds."""
    return _crc32(_small_arrays(segment))


def segment_file_name(segment: Segment) -> str:
    """Return the name of a segment's file: the batches that it covers, and up to which removal."""
    digest = hashlib.sha256(json.dumps(segment.covers).encode()).hexdigest()[:8]
    first, last = (segment.covers[0][0], segment.covers[-1][1] - 1) if segment.covers else (0, 0)
    return f"{first:010d}-{last:010d}-{digest}-{segment.removals:010d}{SUFFIX}"


def renamed(path: Path, removals: int) -> Path:
    """Return the file name of the same segment once it is known that no later removal concerns it."""
    return path.with_name(f"{path.stem.rpartition('-')[0]}-{removals:010d}{SUFFIX}")


def _encoded(segment: Segment) -> Iterator[bytes]:
    arrays = [segment.vectors, *_small_arrays(segment)]
    header = {
        "model": segment.model,
        "cameras": [[camera, start, end] for camera, (start, end) in segment.cameras.items()],
        "covers": segment.covers,
        "arrays": [[array.dtype.str, list(array.shape)] for array in arrays],
        "crc32": checksum(segment),
    }
    text = json.dumps(header, ensure_ascii=False).encode()
    length = len(text).to_bytes(_LENGTH_BYTES, "little")
    top = _MAGIC + length + zlib.crc32(text).to_bytes(_CRC_BYTES, "little") + text
    yield top
    at = len(top)
    for array in arrays:
        yield bytes(-at % _ALIGN)
        for start in range(0, len(array), _ROWS_AT_ONCE):
            yield np.ascontiguousarray(array[start : start + _ROWS_AT_ONCE]).tobytes()
        at += -at % _ALIGN + array.nbytes


def _decoded(data: npt.NDArray[np.uint8], *, removals: int) -> Segment:
    header, at = _header(data)
    arrays = []
    for dtype, shape in header["arrays"]:
        at += -at % _ALIGN
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        arrays.append(data[at : at + size].view(dtype).reshape(shape))
        at += size
    if at != len(data):
        raise ValueError(f"{len(data)} bytes long, should be {at}")
    vectors, rows, best, batch, ids = arrays
    segment = Segment(
        model=header["model"],
        cameras={camera: (first, last) for camera, first, last in header["cameras"]},
        vectors=vectors,
        rows=rows,
        best=best,
        batch=batch,
        ids=ids,
        covers=tuple((first, end) for first, end in header["covers"]),
        removals=removals,
    )
    if checksum(segment) != header["crc32"]:
        raise ValueError("the list of its sightings was changed")
    return segment


def _header(data: npt.NDArray[np.uint8]) -> tuple[dict[str, Any], int]:
    """Return the header and where it ends."""
    magic, length, crc, start = accumulate([len(_MAGIC), _LENGTH_BYTES, _CRC_BYTES, 0])
    if data[:magic].tobytes() != _MAGIC:
        raise ValueError("not a vector segment of this version")
    end = start + int.from_bytes(data[magic:length].tobytes(), "little")
    text = data[start:end].tobytes()
    if zlib.crc32(text) != int.from_bytes(data[length:crc].tobytes(), "little"):
        raise ValueError("its header was changed")
    header: dict[str, Any] = json.loads(text)
    return header, end


def _small_arrays(segment: Segment) -> list[npt.NDArray[Any]]:
    return [segment.rows, segment.best, segment.batch, segment.ids]


def _crc32(arrays: Iterable[npt.NDArray[Any]]) -> int:
    crc = 0
    for array in arrays:
        crc = zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data, crc)
    return crc
