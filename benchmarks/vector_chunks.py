"""Measure what one more chunk of footage costs the vectors, after a hundred chunks and after many."""

import math
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import say
from index.records import Description, NewSighting
from index.store.archive import Archive
from index.store.catalogue import cameras, models, sighting_writing, tables, vectors
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.columns import to_micros
from index.store.catalogue.database import insert_many
from index.store.catalogue.models import StoredModel
from index.store.catalogue.vectors import StoredVectors
from index.store.vectors.merging import FAN, FULL
from index.store.vectors.segment_files import write_segment
from index.store.vectors.segments import Segment, camera_spans
from reid.vehicle import Attributes, Box

MODEL = "looks"
DIMS = 8
CAMERA = "camera"
START = datetime(2026, 5, 4, tzinfo=UTC)
IN_A_CHUNK = 50
MEASURED = FAN**2
"""So many chunks are merged twice over."""


def claim_chunks(many: int) -> None:
    """Add a chunk and search once, after 100 chunks and after many, in turn, so that both meet the same load."""
    with TemporaryDirectory() as folder:
        small, large = (_archive(Path(folder) / str(chunks), chunks) for chunks in (100, many))
        taken = [(_chunk_ms(small, number), _chunk_ms(large, number)) for number in range(MEASURED + 1)][1:]
        small.close()
        large.close()
    early, late = (statistics.mean(sorted(column)[: -MEASURED // 10]) for column in zip(*taken, strict=True))
    say(
        f"the vectors of one more chunk of {IN_A_CHUNK} sightings, and one question, after {many:,} chunks",
        value=late,
        unit="ms",
        peer="after 100 chunks (means without the tenth that took longest)",
        peer_value=early,
        less_is_better=True,
        correct=late < 1.1 * early,
    )


def _archive(path: Path, chunks: int) -> Archive:
    """Make an archive with the batches of so many chunks and the segments that are left when all are merged."""
    archive = Archive.create(path)
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera(CAMERA, 48.0, 15.0)])
        models.remember(connection, [StoredModel(MODEL, "appearance", DIMS)], at=START)
        insert_many(connection, tables.batches, [{"model": MODEL, "rows": IN_A_CHUNK} for _ in range(chunks)])
    first = 0
    for size in _sizes(chunks):
        write_segment(path / "vectors" / MODEL, _segment(first, first + size))
        first += size
    return archive


def _sizes(chunks: int) -> Iterator[int]:
    """Yield the sizes of segments in chunks, large ones first."""
    levels = [FAN**level for level in range(round(math.log(FULL / IN_A_CHUNK, FAN)), -1, -1)]
    for size in [FULL // IN_A_CHUNK, *levels]:
        while size <= chunks:
            yield size
            chunks -= size


def _segment(first: int, end: int) -> Segment:
    """Return the segment of the chunks from `first` to before `end`."""
    count = (end - first) * IN_A_CHUNK
    numbers = first * IN_A_CHUNK + np.arange(count)
    return Segment(
        model=MODEL,
        cameras=camera_spans([CAMERA] * count),
        vectors=np.random.default_rng(first).standard_normal((count, DIMS)).astype("<f2"),
        rows=np.arange(count + 1),
        best=to_micros(START) + numbers,
        batch=numbers // IN_A_CHUNK + 1,
        ids=np.array([b"%024d" % number for number in numbers.tolist()]),
        descriptions=(Description(),),
        described=np.zeros(count, np.uint16),
        covers=((first + 1 if first else 0, end + 1),),
        removals=0,
    )


def _chunk_ms(archive: Archive, number: int) -> float:
    """Return the milliseconds of one more chunk's vectors, and of a question after it."""
    new = [_sighting(number * IN_A_CHUNK + n) for n in range(IN_A_CHUNK)]
    with archive.catalogue.writing() as connection:
        sighting_writing.add(connection, new, [[] for _ in new], footage=None, chunk=None, added_at=START)
    matrices = {sighting.id: np.asarray(sighting.vectors[MODEL]) for sighting in new}
    began = time.perf_counter()
    with archive.catalogue.writing() as connection:
        vectors.add(connection, MODEL, matrices, at=START)
    stored = [StoredVectors(one.id, CAMERA, one.best, one.description, matrices[one.id].astype("<f2")) for one in new]
    archive.vectors.add(MODEL, stored)
    archive.vectors.search(MODEL, np.ones((1, DIMS), np.float32), [], 1)
    return 1000 * (time.perf_counter() - began)


def _sighting(number: int) -> NewSighting:
    at = START + timedelta(days=100, seconds=number)
    vector = np.random.default_rng(number).standard_normal((1, DIMS)).astype(np.float32)
    looks = Attributes({"car": 1.0}, {"grey": 1.0})
    return NewSighting(f"new-{number:020d}", CAMERA, at, at, at, Box(0, 0, 9, 9), looks, (), {MODEL: vector})
