"""Measure how fast vectors are added, and questions that are asked meanwhile."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import say
from index.records import NewSighting
from index.store.archive import Archive
from index.store.catalogue import cameras, sighting_writing, vectors
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.vectors import StoredVectors
from reid.vehicle import Attributes, Box

MODEL, DIMS, SHOTS = "looks", 256, 3
IN_A_CHUNK, CHUNKS = 2_000, 20
START = datetime(2026, 5, 4, tzinfo=UTC)
WANTED_A_SECOND = 20_000
_LOOKS = Attributes({"car": 1.0}, {"grey": 1.0})


def claim_adding() -> None:
    """Add 120,000 vectors in another process, and ask all the while: each answer must hold whole chunks alone."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        with Archive.create(path) as archive, archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("camera", 48.0, 15.0)])
        context = get_context("spawn")
        here, there = context.Pipe()
        writer = context.Process(target=_write, args=(path, there))
        writer.start()
        waited, sizes = _ask_until_done(path, writer.is_alive)
        busy_s, all_s = here.recv()
        writer.join()
    made = IN_A_CHUNK * CHUNKS * SHOTS
    whole = all(size % IN_A_CHUNK == 0 for size in sizes) and sizes == sorted(sizes) and sizes[-1] == made // SHOTS
    say(
        f"{DIMS}-d vectors added in a second of processor time, {SHOTS} a sighting: their rows and vectors in the "
        f"catalogue, and segments, merged; {len(sizes)} answers meanwhile, median {statistics.median(waited):.0f} ms",
        value=made / busy_s,
        unit="vectors/s",
        peer=f"aim; {made / all_s:.0f} in a second of time",
        peer_value=WANTED_A_SECOND,
        less_is_better=False,
        correct=whole,
    )


def _ask_until_done(path: Path, goes_on: Callable[[], bool]) -> tuple[list[float], list[int]]:
    """Return the milliseconds of each question, and how many sightings each had inside, from the first one on."""
    waited, sizes, last = [], [], False
    query = np.random.default_rng(1).standard_normal((1, DIMS)).astype(np.float32)
    with Archive.open(path) as archive:
        while not last:
            last = not goes_on()
            began = time.perf_counter()
            size = len(archive.vectors.all_scores(MODEL, query, None, threads=1).ids)
            if size:
                sizes.append(size)
                waited.append(1000 * (time.perf_counter() - began))
    return waited, sizes


def _write(path: Path, done: Connection) -> None:
    """Add all chunks, and tell how long that took: processor time and time."""
    chunks = [_chunk(number) for number in range(CHUNKS)]
    with Archive.open(path) as archive:
        began, busy = time.perf_counter(), time.process_time()
        for chunk in chunks:
            matrices = {new.id: np.asarray(new.vectors[MODEL]) for new in chunk}
            with archive.catalogue.writing() as connection:
                sighting_writing.add(connection, chunk, [[] for _ in chunk], footage=None, chunk=None, added_at=START)
                vectors.add(connection, MODEL, matrices, at=START)
            archive.vectors.add(
                MODEL,
                [
                    StoredVectors(one.id, one.camera, one.best, one.description, matrices[one.id].astype("<f2"))
                    for one in chunk
                ],
            )
        done.send((time.process_time() - busy, time.perf_counter() - began))


def _chunk(number: int) -> list[NewSighting]:
    rng = np.random.default_rng(number)
    matrices = rng.standard_normal((IN_A_CHUNK, SHOTS, DIMS)).astype(np.float32) / DIMS**0.5
    numbers = range(number * IN_A_CHUNK, (number + 1) * IN_A_CHUNK)
    return [_sighting(n, matrix) for n, matrix in zip(numbers, matrices, strict=True)]


def _sighting(number: int, matrix: np.ndarray) -> NewSighting:
    at = START + timedelta(seconds=number)
    return NewSighting(f"new-{number:020d}", "camera", at, at, at, Box(0, 0, 9, 9), _LOOKS, (), {MODEL: matrix})
