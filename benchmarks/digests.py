"""Measure what the digests of rows cost while footage comes in: CPU time of this process, chunk by chunk.

`python -m benchmarks.digests` adds chunks of eight sightings with pictures, vectors and coverage, with all digests and
without those of cameras, footage and coverage, in turns.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks import catalogue as rows
from benchmarks.claim import say
from index.records import Coverage, NewChunk, NewShot, NewSighting
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, row_digests, sighting_digests
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.footage import Footage

SIGHTINGS, CHUNKS, ROUNDS = 8, 40, 6
JPEG = bytes(range(256)) * 40


def main() -> None:
    """Print the claim."""
    with TemporaryDirectory() as folder, Archive.create(Path(folder) / "archive") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("a", 48.0, 15.0)])
        _add(archive, 0)
        with_ms, without_ms = [], []
        for number in range(1, ROUNDS + 1):
            with_ms.append(_add(archive, 2 * number))
            with _without():
                without_ms.append(_add(archive, 2 * number + 1))
        with archive.catalogue.reading() as connection:
            found = {
                owner.partition(" ")[0] for kind, owner in row_digests.damaged(connection) if kind.name == "chunks"
            }
            correct = found == {f"f{2 * number + 1}" for number in range(1, ROUNDS + 1)}
            correct &= not list(sighting_digests.damaged(connection))
    say(
        f"CPU time of adding a chunk of {SIGHTINGS} sightings, with all digests",
        value=median(with_ms),
        unit="ms",
        peer="without those of footage, chunks, coverage and the number of sightings",
        peer_value=median(without_ms),
        less_is_better=True,
        correct=correct,
    )


@contextmanager
def _without() -> Iterator[None]:
    """Make no digests of rows; those of sightings and vectors are made."""
    with (
        patch.object(row_digests, "_whole", lambda *_, **__: set()),
        patch.object(row_digests, "_put"),
        patch.object(row_digests, "_made", lambda connection, kind, owners: dict.fromkeys(owners, b"")),
    ):
        yield


def _add(archive: Archive, number: int) -> float:
    """Add a file of many chunks; return the milliseconds for each."""
    id_ = f"f{number}"
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage(id_, "x.mp4", "a", rows.START, 60.0 * CHUNKS), at=rows.START)
        footage.plan_chunks(connection, id_, range(CHUNKS))
    chunks = [_chunk(id_, chunk) for chunk in range(CHUNKS)]
    began = time.process_time()
    for chunk in chunks:
        archive.add(chunk)
    return (time.process_time() - began) * 1000 / CHUNKS


def _chunk(id_: str, number: int) -> NewChunk:
    start = rows.START + timedelta(minutes=number)
    sightings = tuple(_sighting(f"{id_}-{number}-{place}", number * SIGHTINGS + place) for place in range(SIGHTINGS))
    return NewChunk(id_, number, sightings, (Coverage("a", start, start + timedelta(minutes=1)),), scene=JPEG)


def _sighting(id_: str, number: int) -> NewSighting:
    first = rows.START + timedelta(seconds=number)
    shots = tuple(NewShot(first, place, rows.BOX, JPEG, 1.0) for place in range(3))
    vectors = {"looks": rows._vectors(number)}
    return NewSighting(id_, "a", first, first, first, rows.BOX, rows.LOOK, shots, vectors)


if __name__ == "__main__":
    main()
