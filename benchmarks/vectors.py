"""Measure the search by appearance: slices of mapped segments against numpy over everything in memory.

`python -m benchmarks.vectors` asks 40,000 sightings (120,000 vectors), `--full` ten times as many.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from benchmarks.claim import median_ms, say
from index.records import Window
from index.store.catalogue.columns import time_spans, to_micros
from index.store.catalogue.vectors import StoredVectors
from index.store.vectors.faiss_store import inner_products, nearest_rows
from index.store.vectors.segments import Segment, from_stored, read_segment, write_segment
from reid.arrays import Floats, Floats32, Ints

START = datetime(2026, 5, 4, tzinfo=UTC)
CAMERAS = tuple(f"camera-{number:03d}" for number in range(100))
A_DAY = 10_000
SHOTS = 3
DIMS = 256
IN_A_SEGMENT = 20_000
QUESTIONS = 200


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="400,000 sightings")
    count = 400_000 if parser.parse_args().full else 40_000
    with TemporaryDirectory() as folder:
        for first in range(0, count, IN_A_SEGMENT):
            stored = [(first, one) for one in sightings(first, first + IN_A_SEGMENT)]
            made = from_stored("looks", DIMS, stored, covers=[(first, first + 1)], removals=0)
            write_segment(Path(folder), made)
        segments = [read_segment(path) for path in sorted(Path(folder).iterdir())]
        questions = unit(np.random.default_rng(1).standard_normal((QUESTIONS + 1, DIMS)))
        claim_windows(segments, questions, count)
        claim_everything(segments, questions, count)


def claim_windows(segments: list[Segment], questions: Floats32, count: int) -> None:
    """Score every sighting that could be reached: half an hour on twenty cameras."""
    vectors = np.concatenate([segment.vectors for segment in segments]).astype(np.float32)
    cameras, times = _owners(segments)

    def windows(number: int) -> list[Window]:
        start = START + timedelta(days=count / A_DAY * (number * 37 % 97) / 100)
        chosen = [CAMERAS[(number + 5 * n) % len(CAMERAS)] for n in range(20)]
        return [Window(camera, start, start + timedelta(minutes=30)) for camera in chosen]

    def sliced(number: int) -> Floats32:
        found = [_scores(segment, windows(number), questions[number]) for segment in segments]
        return np.sort(np.concatenate(found))

    def masked(number: int) -> Floats32:
        wanted = windows(number)
        start, end = to_micros(wanted[0].start), to_micros(wanted[0].end)
        mask = np.isin(cameras, [window.camera for window in wanted]) & (times >= start) & (times <= end)
        products: Floats32 = vectors[mask] @ questions[number]
        return np.sort(products)

    same = all(np.allclose(sliced(number), masked(number), atol=1e-4) for number in range(10))
    say(
        f"every vector in half an hour of twenty cameras ({len(sliced(0))} of {len(vectors)}), {DIMS}-d, exact",
        value=median_ms(sliced, QUESTIONS),
        unit="ms",
        peer="numpy: mask by camera and time, gather, multiply, all in memory as float32",
        peer_value=median_ms(masked, 10),
        less_is_better=True,
        correct=same and len(sliced(0)) > 0,
    )


def claim_everything(segments: list[Segment], questions: Floats32, count: int) -> None:
    """Find the ten nearest of all vectors, where nothing is known of time and place."""
    vectors = np.concatenate([segment.vectors for segment in segments]).astype(np.float32)

    def scanned(number: int) -> Floats32:
        found = [nearest_rows(s.vectors, [(0, len(s.vectors))], questions[number], 10)[1] for s in segments]
        return np.sort(np.concatenate(found))[-10:]

    def multiplied(number: int) -> Floats32:
        products = vectors @ questions[number]
        return np.sort(products[np.argpartition(-products, 10)[:10]])

    say(
        f"the ten nearest of all {len(vectors)} vectors of {count} sightings, {DIMS}-d, exact, mapped",
        value=median_ms(scanned, 20),
        unit="ms",
        peer="numpy: multiply and argpartition, all in memory as float32",
        peer_value=median_ms(multiplied, 20),
        less_is_better=True,
        correct=all(np.allclose(scanned(number), multiplied(number), atol=1e-4) for number in range(10)),
    )


def sightings(first: int, end: int) -> Iterator[StoredVectors]:
    """Yield random sightings, spread over the cameras, A_DAY a day."""
    rng = np.random.default_rng(first)
    for number in range(first, end):
        matrix = unit(rng.standard_normal((SHOTS, DIMS))).astype("<f2")
        best = START + timedelta(days=number / A_DAY)
        yield StoredVectors(f"{number:024d}", CAMERAS[number * 7919 % len(CAMERAS)], best, matrix)


def unit(vectors: Floats) -> Floats32:
    """Return vectors of length one, float32."""
    scaled: Floats32 = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def _scores(segment: Segment, windows: list[Window], question: Floats32) -> Floats32:
    spans = [(int(segment.rows[start]), int(segment.rows[end])) for start, end in segment.slices(time_spans(windows))]
    return inner_products(segment.vectors, spans, question)


def _owners(segments: list[Segment]) -> tuple[npt.NDArray[np.str_], Ints]:
    """Return the camera and the time of every vector."""
    cameras, times = [], []
    for segment in segments:
        spans = segment.cameras.items()
        names = np.repeat([camera for camera, _ in spans], [end - start for _, (start, end) in spans])
        cameras.append(np.repeat(names, SHOTS))
        times.append(np.repeat(segment.best, SHOTS))
    return np.concatenate(cameras), np.concatenate(times)


if __name__ == "__main__":
    main()
