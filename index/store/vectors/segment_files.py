"""Write segments of vectors into files, and map them again.

That the parts of one fit together is checked before compiled code reads it at the places that it names.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.records import Description
from index.store.archive_file import make_folder, written_whole
from index.store.vectors.segments import Segment

SUFFIX = ".segment"

MOST_DIMS = 65_536

MOST_COVERS = 16_384
"""Each range of batches is asked of the catalogue: of 200,000 in a small file, nobody waited for the answer."""

_LARGEST = 2**63 - 1

_MAGIC = b"RETRACE VECTORS 3\n"

_LENGTH_BYTES, _CRC_BYTES = 8, 4

_MOST_HEADER_BYTES = 1 << 26

_ALIGN = 64

_ROWS_AT_ONCE = 16_384


class SegmentFileError(ValueError):
    """A file is not a segment, or is damaged."""


def write_segment(folder: Path, segment: Segment) -> Path:
    """Write a segment; its name follows from what it covers, and the file gets it only when it is complete."""
    make_folder(folder.parent)
    make_folder(folder)
    path = folder / segment_file_name(segment)
    with written_whole(path) as file:
        file.writelines(_encoded(segment))
    return path


def read_segment(path: Path) -> Segment:
    """Map a segment file and check all of it but the vectors, which are read from the disk when they are used.

    It may come with somebody's archive, and its checksum has no key: compiled code scans the rows at bare addresses,
    so nothing that it says of its own sizes is believed.
    """
    try:
        # A plain view of the mapping: slices of numpy's own kind of mapped array cost six times as much.
        return _decoded(np.asarray(np.memmap(path, np.uint8, "r")), removals=int(path.stem.rpartition("-")[2]))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError) as error:
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
        "descriptions": [[one.type, one.colour] for one in segment.descriptions],
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
    vectors, rows, best, batch, ids, described = arrays
    segment = Segment(
        model=header["model"],
        cameras={camera: (first, last) for camera, first, last in header["cameras"]},
        vectors=vectors,
        rows=rows,
        best=best,
        batch=batch,
        ids=ids,
        descriptions=tuple(Description(*one) for one in header["descriptions"]),
        described=described,
        covers=tuple((first, end) for first, end in header["covers"]),
        removals=removals,
    )
    _check_arrays(segment)
    _check_names(segment)
    if checksum(segment) != header["crc32"]:
        raise ValueError("the list of its sightings was changed")
    return segment


def _header(data: npt.NDArray[np.uint8]) -> tuple[dict[str, Any], int]:
    """Return the header and where it ends."""
    magic, length, crc, start = accumulate([len(_MAGIC), _LENGTH_BYTES, _CRC_BYTES, 0])
    if data[:magic].tobytes() != _MAGIC:
        raise ValueError("not a vector segment of this version")
    end = start + int.from_bytes(data[magic:length].tobytes(), "little")
    if end > min(len(data), start + _MOST_HEADER_BYTES):
        raise ValueError("its header is longer than that of any segment")
    text = data[start:end].tobytes()
    if zlib.crc32(text) != int.from_bytes(data[length:crc].tobytes(), "little"):
        raise ValueError("its header was changed")
    header: dict[str, Any] = json.loads(text)
    return header, end


def _small_arrays(segment: Segment) -> list[npt.NDArray[Any]]:
    return [segment.rows, segment.best, segment.batch, segment.ids, segment.described]


def _crc32(arrays: Iterable[npt.NDArray[Any]]) -> int:
    crc = 0
    for array in arrays:
        crc = zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data, crc)
    return crc


def _check_arrays(segment: Segment) -> None:
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


def _check_names(segment: Segment) -> None:
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
