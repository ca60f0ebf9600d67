"""Find candidates among all vectors of large segments by compact codes: four bits for every two numbers of a vector.

Product quantisation of pairs (Jegou et al. 2011), scanned by table look-ups in registers (Andre et al. 2017): a million
vectors of 256 numbers took 3 ms (one thread). Candidates are scored exactly afterwards. A file of codes lies beside its
segment and can be made again; without it, all of the segment is scored exactly.
"""

import logging
import os
import secrets
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss as faiss_with_stubs
import numpy as np

from index.store.archive_file import create, sync_folder
from index.store.vectors.segments import Segment, checksum
from reid.arrays import Floats32, Rows

faiss: Any = faiss_with_stubs

SUFFIX = ".codes"

CODED_FROM = 65_536
"""Segments of fewer vectors are scanned exactly: it takes less than two milliseconds."""

CANDIDATES, CANDIDATES_FOR_EACH = 2_000, 3
"""So many candidates are scored exactly, and so many more for each row that is wanted."""

OF_A_SEGMENT, OF_A_SEGMENT_FOR_EACH = 300, 2
"""Not more than so many candidates come from one segment."""

_MAGIC = b"RETRACE CODES 1\n"
_CRC_BYTES = 4
_TRAINED_ON = 32_768
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Coded:
    """A segment with the codes of its vectors, and the sorted positions of its dead sightings."""

    segment: Segment
    codes: Any
    dead: Rows


def file_of(path: Path) -> Path:
    """Return the file of codes that belongs to a segment's file, whatever removals are known."""
    return path.with_name(path.stem.rpartition("-")[0] + SUFFIX)


def write_codes(path: Path, segment: Segment, like: Any | None) -> None:
    """Write the codes of a segment beside its file; `like` are codes whose code book serves here, too."""
    dims = segment.vectors.shape[1]
    if len(segment.vectors) < CODED_FROM or dims % 2:
        return
    codes = faiss.IndexPQFastScan(dims, dims // 2, 4, faiss.METRIC_INNER_PRODUCT)
    if like is None:
        every = max(1, len(segment.vectors) // _TRAINED_ON)
        codes.train(segment.vectors[::every].astype(np.float32))
    else:
        faiss.copy_array_to_vector(faiss.vector_to_array(like.pq.centroids), codes.pq.centroids)
        codes.is_trained = True
    for start in range(0, len(segment.vectors), _TRAINED_ON):
        codes.add(segment.vectors[start : start + _TRAINED_ON].astype(np.float32))
    content = faiss.serialize_index(codes).tobytes()
    _write(file_of(path), _MAGIC + _crc(zlib.crc32(content)) + _crc(checksum(segment)) + content)


def read_codes(path: Path, segment: Segment) -> Any | None:
    """Return the codes of a segment by its file, None where they are missing, damaged or of other vectors."""
    file = file_of(path)
    if not file.is_file():
        return None
    content = file.read_bytes()
    magic, crc, of_segment = (len(_MAGIC) + n * _CRC_BYTES for n in range(3))
    whole = content[:magic] == _MAGIC and content[magic:crc] == _crc(zlib.crc32(content[of_segment:]))
    if not whole or content[crc:of_segment] != _crc(checksum(segment)):
        _log.warning("%s is damaged or outdated; its segment is scored without it until retrace rebuild", file)
        with suppress(PermissionError):
            file.unlink(missing_ok=True)
        return None
    return faiss.deserialize_index(np.frombuffer(content, np.uint8, offset=of_segment))


def usable(dead: Rows) -> bool:
    """Return whether few enough sightings are dead that they do not crowd out the others."""
    return len(dead) <= OF_A_SEGMENT


def candidates(coded: Sequence[Coded], query: Floats32, wanted: int) -> list[Rows]:
    """Return the rows of each segment among which the most similar ones of all segments are to be found."""
    found = [_of_segment(one, query, OF_A_SEGMENT + OF_A_SEGMENT_FOR_EACH * wanted) for one in coded]
    scores = np.concatenate([products for _, products in found])
    most = CANDIDATES + CANDIDATES_FOR_EACH * wanted
    least = np.partition(scores, -most)[-most] if len(scores) > most else -np.inf
    return [np.sort(rows[products >= least]) for rows, products in found]


def _of_segment(one: Coded, query: Floats32, most: int) -> tuple[Rows, Floats32]:
    shots = one.segment.rows[one.dead + 1] - one.segment.rows[one.dead]
    products, rows = one.codes.search(query[None], min(most + int(shots.sum()), one.codes.ntotal))
    owners = np.searchsorted(one.segment.rows, rows[0], side="right") - 1
    alive = ~np.isin(owners, one.dead)
    return rows[0][alive], products[0][alive]


def _write(path: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    temporary = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.part")
    try:
        with open(create(temporary), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _crc(number: int) -> bytes:
    return number.to_bytes(_CRC_BYTES, "little")
