"""Hold vectors sorted by camera and time, in memory or in a mapped file, and score slices of them with FAISS."""

import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.store.archive_file import sync_folder
from index.store.catalogue.columns import to_micros
from index.store.catalogue.vectors import StoredVectors, VectorRows
from reid.arrays import Floats32, Ints, Rows

Ids = npt.NDArray[np.bytes_]

Span = tuple[int, int]
"""A range of numbers, its end excluded."""

TimeSpans = Mapping[str, Sequence[tuple[int, int]]]
"""The windows of a question by camera, each as its first and last microsecond."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Sightings sorted by camera, `best` time and id; `vectors[rows[i]:rows[i + 1]]` are the shots of sighting i.

    `cameras` maps a camera to its range of sightings, `covers` names the batches of the catalogue that are inside.
    """

    model: str
    cameras: dict[str, Span]
    vectors: VectorRows
    rows: Ints
    best: Ints
    batch: Ints
    ids: Ids
    covers: frozenset[int]

    def __len__(self) -> int:
        """Return how many sightings it holds."""
        return len(self.ids)

    def slices(self, windows: TimeSpans | None) -> list[Span]:
        """Return the ranges of sightings that lie in the windows, each sighting once; None: all."""
        if windows is None:
            return [(0, len(self))] if len(self) else []
        found = [span for camera in windows.keys() & self.cameras for span in self._slices(camera, windows[camera])]
        return list(joined_spans(sorted(found)))

    def _slices(self, camera: str, windows: Sequence[tuple[int, int]]) -> list[Span]:
        start, end = self.cameras[camera]
        times = self.best[start:end]
        firsts = np.searchsorted(times, [first for first, _ in windows], side="left").tolist()
        ends = np.searchsorted(times, [last for _, last in windows], side="right").tolist()
        return [(start + first, start + last) for first, last in zip(firsts, ends, strict=True)]


def from_stored(model: str, dims: int, covers: Iterable[int], stored: Sequence[StoredVectors]) -> Segment:
    """Sort sightings from the catalogue into a segment in memory."""
    stored = sorted(stored, key=lambda one: (one.camera, one.best, one.sighting))
    matrices = [one.matrix for one in stored]
    return Segment(
        model=model,
        cameras=camera_spans([one.camera for one in stored]),
        vectors=np.concatenate(matrices) if matrices else np.empty((0, dims), "<f2"),
        rows=np.concatenate([[0], np.cumsum([len(matrix) for matrix in matrices])]).astype("<i8"),
        best=np.array([to_micros(one.best) for one in stored], "<i8"),
        batch=np.array([one.batch for one in stored], "<i8"),
        ids=np.array([one.sighting.encode() for one in stored], np.bytes_),
        covers=frozenset(covers),
    )


def camera_spans(cameras: Sequence[str]) -> dict[str, Span]:
    """Return the range of each camera in a sorted list of cameras."""
    names, starts = np.unique(np.array(cameras, np.str_), return_index=True)
    ends = np.append(starts[1:], len(cameras)).tolist() if len(names) else []
    return {str(name): (int(start), end) for name, start, end in zip(names, starts, ends, strict=True)}


def joined_spans(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield sorted spans, those that overlap or touch joined, empty ones left out."""
    current: Span | None = None
    for start, end in spans:
        if start >= end:
            continue
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def alive_spans(spans: Iterable[Span], dead: Rows) -> list[Span]:
    """Return the parts of spans between the sorted positions of dead sightings."""
    alive = []
    for start, end in spans:
        for position in dead[np.searchsorted(dead, start) : np.searchsorted(dead, end)].tolist():
            if start < position:
                alive.append((start, position))
            start = position + 1
        if start < end:
            alive.append((start, end))
    return alive


def nearest_rows(vectors: VectorRows, spans: Sequence[Span], query: Floats32, k: int) -> tuple[Ints, Floats32]:
    """Return the rows of the k greatest inner products within spans of rows, and these products, in no order.

    `vectors` is (n, d) float16, `query` (d,) float32; no product is approximate. A row without a finite product is
    left out.
    """
    numbers = [np.arange(start, end) for start, end in spans]
    rows, products = _scan(vectors, spans, numbers, query, k)
    scored = rows >= 0
    return rows[scored], products[scored]


def inner_products(vectors: VectorRows, spans: Sequence[Span], query: Floats32) -> Floats32:
    """Return the inner product of every row of the spans, in their order; minus infinity where it is not finite."""
    total = sum(end - start for start, end in spans)
    ends = np.cumsum([end - start for start, end in spans])
    numbers = [np.arange(last - (end - start), last) for last, (start, end) in zip(ends, spans, strict=True)]
    positions, found = _scan(vectors, spans, numbers, query, total)
    products = np.full(total, -np.inf, np.float32)
    scored = positions >= 0
    products[positions[scored]] = found[scored]
    return products


SUFFIX = ".segment"

_MAGIC = b"RETRACE VECTORS 2\n"

_LENGTH_BYTES, _CRC_BYTES = 8, 4

_ALIGN = 64

_ROWS_AT_ONCE = 16_384


class SegmentFileError(ValueError):
    """A file is not a segment, or is damaged."""


def write_segment(folder: Path, segment: Segment) -> Path:
    """Write a segment; its name follows from its batches, and the file gets it only when it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / segment_file_name(segment.covers)
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


def read_segment(path: Path) -> Segment:
    """Map a segment file and check all of it but the vectors, which are read from the disk when they are used."""
    try:
        return _decoded(np.memmap(path, np.uint8, "r"))
    except (ValueError, KeyError, TypeError) as error:
        raise SegmentFileError(f"{path}: {error}") from error


def segment_file_name(covers: Iterable[int]) -> str:
    """Return the file name of a segment, which is the same for the same batches."""
    ranges = _ranges(covers)
    digest = hashlib.sha256(json.dumps(ranges).encode()).hexdigest()[:8]
    first, last = (ranges[0][0], ranges[-1][1]) if ranges else (0, 0)
    return f"{first:010d}-{last:010d}-{digest}{SUFFIX}"


def _scan(
    vectors: VectorRows, spans: Sequence[Span], numbers: Sequence[Ints], query: Floats32, k: int
) -> tuple[Ints, Floats32]:
    """Return the numbers of the k rows with the greatest products, and the products.

    FAISS's scanner of inverted lists reads the float16 rows where they are mapped. Its public calls need float32 copies
    of the rows. Of 200,000 rows of 256 numbers, 25,000 in 30 spans took (one thread, best of 15) 1.8 ms for k = 10 and
    12 ms for all, against 47 ms by `faiss.knn` and 64 ms by `faiss.pairwise_distances`; 5,000 rows took 0.4 and 1.0 ms,
    against 13 and 21 ms. Copies also sum in another order: products differ in the last digit.
    """
    if query.shape != (vectors.shape[1],):
        # The scanner takes a bare address: it would read past the end of a query that is too short.
        raise ValueError(f"the question has {query.shape} numbers, the vectors of this model {vectors.shape[1]} each")
    if not np.isfinite(query).all():
        raise ValueError("the question has a number that is not finite, every one must be: check its picture and model")
    k = min(k, sum(end - start for start, end in spans))
    products = np.full(k, -np.inf, np.float32)
    labels = np.full(k, -1, np.int64)
    if k == 0:
        return labels, products
    quantizer = faiss.ScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16)
    scanner = quantizer.select_InvertedListScanner(  # type: ignore[attr-defined]
        faiss.METRIC_INNER_PRODUCT, None, False, None, False
    )
    query = np.ascontiguousarray(query, np.float32)
    scanner.set_query(faiss.swig_ptr(query))
    for (start, end), ids in zip(spans, numbers, strict=True):
        codes = faiss.swig_ptr(vectors[start:end].view(np.uint8))
        scanner.scan_codes(end - start, codes, faiss.swig_ptr(ids), faiss.swig_ptr(products), faiss.swig_ptr(labels), k)
    return labels, products


def _encoded(segment: Segment) -> Iterator[bytes]:
    arrays = [segment.vectors, *_small_arrays(segment)]
    header = {
        "model": segment.model,
        "cameras": [[camera, start, end] for camera, (start, end) in segment.cameras.items()],
        "time": [int(segment.best.min()), int(segment.best.max())] if len(segment) else None,
        "covers": _ranges(segment.covers),
        "arrays": [[array.dtype.str, list(array.shape)] for array in arrays],
        "crc32": _crc32(_small_arrays(segment)),
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


def _decoded(data: npt.NDArray[np.uint8]) -> Segment:
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
        covers=frozenset(number for first, last in header["covers"] for number in range(first, last + 1)),
    )
    if _crc32(_small_arrays(segment)) != header["crc32"]:
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


def _ranges(numbers: Iterable[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges
