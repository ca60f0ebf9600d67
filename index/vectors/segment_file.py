"""Write a segment into one file, and map the file back without reading it.

A line with the length of the header, the header as JSON, then five arrays, each aligned: vectors (float16), rows,
times, batches and ids. The file is derived from the catalogue: deleting it loses nothing.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from index.keeping.locks import sync_folder
from index.vectors.segments import Array, Segment

SUFFIX = ".segment"
_MAGIC = b"RETRACE VECTORS 1\n"
_LENGTH_BYTES = 8
_ALIGN = 64
_ROWS_AT_ONCE = 16_384


class SegmentFileError(ValueError):
    """A file is not a segment, or not a whole one."""


def write(folder: Path, segment: Segment) -> Path:
    """Write a segment; it gets its name, which follows from the batches inside, only when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name_of(segment.covers)
    temporary = folder / f"{path.stem}.{secrets.token_hex(4)}.part"
    try:
        with open(temporary, "wb") as file:
            file.writelines(_encoded(segment))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)
    return path


def read(path: Path) -> Segment:
    """Map a segment file; its vectors stay on the disk until they are asked for."""
    try:
        return _decoded(np.memmap(path, np.uint8, "r"))
    except (ValueError, KeyError, TypeError) as error:
        raise SegmentFileError(f"{path}: {error}") from error


def name_of(covers: Iterable[int]) -> str:
    """Return the file name for the batches inside: the same batches, the same name."""
    ranges = _ranges(covers)
    digest = hashlib.sha256(json.dumps(ranges).encode()).hexdigest()[:8]
    first, last = (ranges[0][0], ranges[-1][1]) if ranges else (0, 0)
    return f"{first:010d}-{last:010d}-{digest}{SUFFIX}"


def _encoded(segment: Segment) -> Iterator[bytes]:
    arrays = _arrays_of(segment)
    header = {
        "model": segment.model,
        "cameras": [[camera, start, end] for camera, (start, end) in segment.cameras.items()],
        "time": [int(segment.best.min()), int(segment.best.max())] if len(segment) else None,
        "covers": _ranges(segment.covers),
        "arrays": [[array.dtype.str, list(array.shape)] for array in arrays],
    }
    text = json.dumps(header, ensure_ascii=False).encode()
    yield _MAGIC + len(text).to_bytes(_LENGTH_BYTES, "little") + text
    at = len(_MAGIC) + _LENGTH_BYTES + len(text)
    for array in arrays:
        yield bytes(-at % _ALIGN)
        for start in range(0, len(array), _ROWS_AT_ONCE):
            yield np.ascontiguousarray(array[start : start + _ROWS_AT_ONCE]).tobytes()
        at += -at % _ALIGN + array.nbytes


def _decoded(data: Array) -> Segment:
    start = len(_MAGIC) + _LENGTH_BYTES
    if data[: len(_MAGIC)].tobytes() != _MAGIC:
        raise ValueError("not a vector segment")
    at = start + int.from_bytes(data[len(_MAGIC) : start].tobytes(), "little")
    header = json.loads(data[start:at].tobytes())
    arrays = []
    for dtype, shape in header["arrays"]:
        at += -at % _ALIGN
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        arrays.append(data[at : at + size].view(dtype).reshape(shape))
        at += size
    if at != len(data):
        raise ValueError(f"{len(data)} bytes long, should be {at}")
    vectors, rows, best, batch, ids = arrays
    return Segment(
        model=header["model"],
        cameras={camera: (first, last) for camera, first, last in header["cameras"]},
        vectors=vectors,
        rows=rows,
        best=best,
        batch=batch,
        ids=ids,
        covers=frozenset(number for first, last in header["covers"] for number in range(first, last + 1)),
    )


def _arrays_of(segment: Segment) -> list[Array]:
    return [segment.vectors, segment.rows, segment.best, segment.batch, segment.ids]


def _ranges(numbers: Iterable[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges
