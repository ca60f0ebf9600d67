"""Measure the search for a plate that nobody can read: its vector against all that are stored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.claim import median_ms, say
from index.archive import Archive
from index.catalogue import cameras, tables, vectors
from index.catalogue.cameras import StoredCamera
from index.catalogue.database import insert_many

START = datetime(2026, 5, 4, tzinfo=UTC)
MODEL, DIMS = "made-up-verifier", 192
IN_A_BATCH = 10_000
FOUND = 20
QUESTIONS = 50

Floats = npt.NDArray[np.float32]


def claim_plate_vectors(folder: Path, count: int) -> None:
    """Store one plate vector a sighting and ask for the plates most like others."""
    made = _unit(np.random.default_rng(1).standard_normal((count, DIMS)))
    questions = _unit(np.random.default_rng(2).standard_normal((QUESTIONS + 1, DIMS)))
    with Archive.create(folder) as archive:
        _fill(archive, made)
        kept = made.astype(np.float16).astype(np.float32)

        def stored(number: int) -> list[str]:
            hits = archive.vectors.search(MODEL, questions[number : number + 1], None, FOUND)
            return [hit.sighting for hit in hits]

        def multiplied(number: int) -> list[str]:
            products = kept @ questions[number]
            best = np.argpartition(-products, FOUND)[:FOUND]
            return [_id(int(row)) for row in best[np.argsort(-products[best])]]

        same = all(stored(number) == multiplied(number) for number in range(5))
        say(
            f"the {FOUND} plates most like one of {count} stored plate vectors, {DIMS}-d, exact, files on the disk",
            value=median_ms(stored, QUESTIONS),
            unit="ms",
            peer="numpy: multiply and argpartition, all in memory as float32",
            peer_value=median_ms(multiplied, QUESTIONS),
            less_is_better=True,
            correct=same,
        )


def _fill(archive: Archive, made: Floats) -> None:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("bridge", 48.0, 11.0)])
    for first in range(0, len(made), IN_A_BATCH):
        rows = range(first, min(first + IN_A_BATCH, len(made)))
        with archive.catalogue.writing() as connection:
            insert_many(connection, tables.sightings, _sightings(rows))
            matrices = {_id(row): made[row : row + 1] for row in rows}
            vectors.add(connection, MODEL, matrices, at=START, kind="plate_vector")
    archive.vectors.rebuild()


def _sightings(rows: Sequence[int]) -> list[dict[str, Any]]:
    box = dict.fromkeys(("x", "y", "width", "height"), 1.0)
    return [{"id": _id(row), "camera": "bridge", **_times(row), **box, "types": {}, "colours": {}} for row in rows]


def _times(row: int) -> dict[str, datetime]:
    best = START + timedelta(seconds=row)
    return {"first": best, "best": best, "last": best, "added_at": START}


def _id(row: int) -> str:
    return f"{row:024d}"


def _unit(vectors: npt.NDArray[np.float64]) -> Floats:
    scaled: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return scaled
