"""Find candidates among all vectors of large segments by compact codes: four bits for every two numbers of a vector.

Product quantisation of pairs (Jegou et al. 2011), scanned by table look-ups in registers (Andre et al. 2017): a million
vectors of 256 numbers took 3 ms (one thread). Candidates are scored exactly afterwards. A file of codes lies beside its
segment and can be made again; without it, all of the segment is scored exactly.
"""

import logging
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss as faiss_with_stubs
import numpy as np

from index.store.archive_file import written_whole
from index.store.vectors.segment_files import checksum
from index.store.vectors.segments import Segment
from index.store.vectors.slices import SegmentSlice
from index.store.vectors.threads import in_threads
from reid.arrays import Floats32, Rows

faiss: Any = faiss_with_stubs

SUFFIX = ".codes"

CODED_FROM = 65_536
"""Segments of fewer vectors are scanned exactly: it takes less than two milliseconds."""

CANDIDATES, CANDIDATES_FOR_EACH = 2_000, 3
"""So many candidates are scored exactly, and so many more for each row that is wanted."""

OF_A_SEGMENT, OF_A_SEGMENT_FOR_EACH = 300, 2
"""Not more than so many candidates come from one segment."""

_MAGIC = b"RETRACE CODES 2\n"
_CRC_BYTES = 4
_MOST_BOOK_BYTES = 1 << 24
_TRAINED_ON = 32_768

LEAST_OWN_SHARE, LEAST_OF_FRESH = 0.25, 0.9
"""By good codes a vector is most like itself: its product with what they say of it is 0.6 of its own or more."""
_log = logging.getLogger(__name__)


EXACT_UP_TO = 262_144
"""Up to so many vectors inside, a question is answered exactly: that takes about ten milliseconds."""

LEAST_SHARE = 0.125
"""If a smaller share of a segment lies inside, scoring it exactly takes less than searching the codes of all."""

SPARE = 1.5
"""So many times the candidates are taken that would do if those inside were spread evenly."""


@dataclass(frozen=True, slots=True)
class SegmentIndex:
    """An index of all vectors of a segment, which gives at most `most` rows (None: any number).

    One that has a limit knows the true products (`gpu.py`): it needs no more candidates than are wanted.
    """

    segment: Segment
    index: Any
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Coded:
    """What of a segment is asked, and the index of its vectors."""

    slice: SegmentSlice
    codes: SegmentIndex


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows of one segment that lie inside, about their products, and what those of rows beyond a limit may reach."""

    rows: Rows
    products: Floats32
    beyond: float


def file_of(path: Path) -> Path:
    """Return the file of codes that belongs to a segment's file, whatever removals are known."""
    return path.with_name(path.stem.rpartition("-")[0] + SUFFIX)


def write_codes(path: Path, segment: Segment, like: Any | None) -> None:
    """Write the codes of a segment beside its file; `like` are codes whose code book serves here, too."""
    dims = segment.vectors.shape[1]
    if len(segment.vectors) < CODED_FROM or dims % 2:
        return
    codes = _empty(dims)
    if like is None:
        every = max(1, len(segment.vectors) // _TRAINED_ON)
        codes.train(segment.vectors[::every].astype(np.float32))
    else:
        faiss.copy_array_to_vector(faiss.vector_to_array(like.pq.centroids), codes.pq.centroids)
        codes.is_trained = True
    for start in range(0, len(segment.vectors), _TRAINED_ON):
        codes.add(segment.vectors[start : start + _TRAINED_ON].astype(np.float32))
    content = faiss.vector_to_array(codes.pq.centroids).tobytes() + faiss.AlignedTable_to_array(codes.codes).tobytes()
    with written_whole(file_of(path)) as file:
        file.write(_MAGIC + _crc(zlib.crc32(content)) + _crc(checksum(segment)) + content)


def read_codes(path: Path, segment: Segment) -> Any | None:
    """Return the codes of a segment by its file, None where they are missing, damaged or of other vectors."""
    file = file_of(path)
    if not file.is_file():
        return None
    magic, crc, of_segment = (len(_MAGIC) + n * _CRC_BYTES for n in range(3))
    most = of_segment + 2 * segment.vectors.nbytes + _MOST_BOOK_BYTES
    content = file.read_bytes() if file.stat().st_size <= most else b""
    whole = content[:magic] == _MAGIC and content[magic:crc] == _crc(zlib.crc32(content[of_segment:]))
    right = whole and content[crc:of_segment] == _crc(checksum(segment))
    codes = _decoded(content[of_segment:], *segment.vectors.shape) if right else None
    if codes is None:
        _log.warning("%s is damaged or outdated; its segment is scored without it until retrace rebuild", file)
        with suppress(PermissionError):
            file.unlink(missing_ok=True)
    return codes


def are_misleading(codes: Any, segment: Segment) -> bool:
    """Return whether codes say something else of a vector than it is, so that no question would find it.

    Their checksum has no key: whoever edits them makes it anew.
    """
    for start in range(0, len(segment.vectors), _TRAINED_ON):
        own = segment.vectors[start : start + _TRAINED_ON].astype(np.float32)
        fresh = codes.pq.decode(codes.pq.compute_codes(own))
        stored = codes.reconstruct_n(start, len(own))
        likeness, by_fresh, by_stored = ((own * other).sum(axis=1) for other in (own, fresh, stored))
        good = (by_stored >= LEAST_OF_FRESH * by_fresh - 1e-3) & (by_fresh >= LEAST_OWN_SHARE * likeness)
        if not good.all():
            return True
    return False


def _empty(dims: int) -> Any:
    return faiss.IndexPQFastScan(dims, dims // 2, 4, faiss.METRIC_INNER_PRODUCT)


def _decoded(content: bytes, shots: int, dims: int) -> Any | None:
    """Return the codes of so many vectors; None where the content is not as long as theirs.

    Not by FAISS's own reader: it believes the sizes in a file, which may come with somebody's archive.
    """
    if dims % 2:
        return None
    codes = _empty(dims)
    padded = -(-shots // codes.bbs) * codes.bbs
    book_bytes, code_bytes = codes.pq.centroids.size() * np.dtype("<f4").itemsize, padded * codes.M2 // 2
    if len(content) != book_bytes + code_bytes:
        return None
    faiss.copy_array_to_vector(np.frombuffer(content, "<f4", book_bytes // 4), codes.pq.centroids)
    faiss.copy_array_to_AlignedTable(np.frombuffer(content, np.uint8, offset=book_bytes), codes.codes)
    codes.is_trained, codes.ntotal, codes.ntotal2 = True, shots, padded
    return codes


def candidates(coded: Sequence[Coded], queries: Floats32, wanted: int, threads: int) -> list[list[Rows] | None]:
    """Return for each segment, and each query, the rows among which the most similar ones of all are to be found.

    None for a segment that is better scored exactly, all of it: too few of its candidates lie inside.
    """
    found = in_threads(lambda one: _of_segment(one, queries, wanted), coded, threads)
    made: list[list[Rows] | None] = [None if one is None else [] for one in found]
    for query in range(len(queries)):
        scores = np.concatenate([np.empty(0, np.float32), *(one[query].products for one in found if one is not None)])
        most = CANDIDATES + CANDIDATES_FOR_EACH * wanted
        least = np.partition(scores, -most)[-most] if len(scores) > most else -np.inf
        for place, one in enumerate(found):
            rows = made[place]
            if one is None or rows is None:
                continue
            if one[query].beyond > least:
                made[place] = None
            else:
                rows.append(np.sort(one[query].rows[one[query].products >= least]))
    return made


def _of_segment(one: Coded, queries: Floats32, wanted: int) -> list[_Found] | None:
    """Return candidates that lie inside, and about their products, for each query; None if they are too few."""
    enough = wanted if one.codes.most is not None else OF_A_SEGMENT + OF_A_SEGMENT_FOR_EACH * wanted
    total = len(one.slice.segment.vectors)
    asked = enough if one.slice.share == 1 else int(SPARE * enough / one.slice.share)
    for most in (asked, 4 * asked):
        most = min(most, total, one.codes.most or total)
        products, rows = one.codes.index.search(queries, most)
        inside = [one.slice.holds(own) for own in rows]
        if most in (total, one.codes.most) or min(kept.sum() for kept in inside) >= enough:
            limited = one.codes.most is not None and most < total
            return [
                _Found(own[kept], scores[kept], float(scores[-1]) if limited else -np.inf)
                for own, scores, kept in zip(rows, products, inside, strict=True)
            ]
    return None


def _crc(number: int) -> bytes:
    return number.to_bytes(_CRC_BYTES, "little")
