"""Measure the search by appearance in an archive of any size, beside other libraries and databases.

`python -m benchmarks.vectors` asks 100,000 sightings, `--full` 1 and 10 million, `--sizes N ...` others. One thread, if
a claim names no other number; every question is another one; every answer is compared with numpy's over the same rows.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import faiss
import numpy as np

from benchmarks.claim import say, times_ms
from benchmarks.vector_adding import claim_adding
from benchmarks.vector_archive import (
    DIMS,
    MODEL,
    VectorQuestion,
    inside,
    make,
    questions,
)
from benchmarks.vector_chunks import claim_chunks
from benchmarks.vector_filters import claim_described, claim_pictures
from benchmarks.vector_libraries import TOP
from benchmarks.vector_peers import ASKED as ASKED_OF_PEERS
from benchmarks.vector_peers import PEERS, PeerQuestions, claim_peers
from benchmarks.vector_truth import nearest, nearest_of_all, stored_rows
from index.store.archive import Archive
from index.store.vectors.segment_files import read_segment
from reid.arrays import Floats32, Ints

ASKED = 200
MOST_FOR_PEERS = 1_000_000
CHUNKS = 200_000
OF_ALL_RECALL = 0.995


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1 and 10 million sightings")
    parser.add_argument("--sizes", type=int, nargs="+", help="sightings of each archive")
    parser.add_argument("--no-peers", action="store_true", help="leave other libraries and databases out")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS), help="ask only these")
    parser.add_argument("--keep", type=Path, help="a folder for the archives, which another run uses again")
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    sizes = options.sizes or ([1_000_000, 10_000_000] if options.full else [100_000])
    with TemporaryDirectory() as folder:
        paths = {count: (options.keep or Path(folder)) / f"a{count}" for count in sizes}
        for count, path in paths.items():
            claim_archive(path, count, peers=[] if options.no_peers else options.peers)
        if len(sizes) > 1:
            claim_growth(paths)
    claim_chunks(CHUNKS)
    claim_adding()


def claim_archive(path: Path, count: int, *, peers: list[str]) -> None:
    """Ask one archive everything."""
    with Archive.open(path) if path.is_dir() else make(path, count) as archive:
        asked = questions(count, ASKED + 1)
        claim_opening(path, count)
        claim_bounded(archive, count, asked)
        claim_scores(archive, count, asked)
        claim_of_all(archive, count, asked)
        claim_described(archive, count, asked)
        claim_pictures(archive, count, asked)
        if count <= MOST_FOR_PEERS:
            ask_peers(archive, count, asked, peers)


def claim_opening(path: Path, count: int) -> None:
    """Open the archive and check what is checked then, beside reading the vectors."""

    def opened(_: int) -> None:
        with Archive.open(path) as archive:
            archive.vectors.search(MODEL, np.zeros((1, DIMS), np.float32), [], 1)

    def read(_: int) -> None:
        for file in (path / "vectors" / MODEL).glob("*.segment"):
            _sum_of(read_segment(file).vectors)

    for what, clock in (("median", time.perf_counter), ("median processor time", time.process_time)):
        say(
            f"opening an archive of {count:,} vectors, everything but the vectors checked: {what}",
            value=statistics.median(times_ms(opened, 3, clock=clock)),
            unit="ms",
            peer="reading all vectors once where they are mapped",
            peer_value=statistics.median(times_ms(read, 1, clock=clock)),
            less_is_better=True,
        )


def claim_bounded(archive: Archive, count: int, asked: list[VectorQuestion]) -> None:
    """Find the nearest of the sightings on 900 cameras within two hours."""
    windows = [question.windows for question in asked]

    def search(number: int) -> list[int]:
        hits = archive.vectors.search(MODEL, asked[number].query[None], windows[number], TOP, threads=1)
        return [int(hit.sighting) for hit in hits]

    taken = times_ms(search, ASKED)
    busy = statistics.median(times_ms(search, ASKED, clock=time.thread_time))
    right = all(search(number) == nearest(asked[number], inside(asked[number], count), count) for number in range(20))
    rows = [inside(question, count) for question in asked[:20]]
    within = round(statistics.mean(len(row) for row in rows))
    name = f"the {TOP} nearest of {within:,} sightings inside, of {count:,}, {DIMS}-d, exact"
    bytes_inside = np.ones((within, DIMS), np.float16)
    reading, reading_busy = (
        statistics.median(times_ms(lambda _: _sum_of(bytes_inside), 20, clock=clock))
        for clock in (time.perf_counter, time.thread_time)
    )
    for what, value, peer_value in (
        ("median", taken[len(taken) // 2], reading),
        ("p99", taken[int(len(taken) * 0.99)], reading),
        ("median processor time", busy, reading_busy),
    ):
        say(
            f"{name}: {what}",
            value=value,
            unit="ms",
            peer="reading as many bytes of memory once",
            peer_value=peer_value,
            less_is_better=True,
            correct=right,
        )
    claim_threads(search, name)


def claim_threads(search: Callable[[int], object], name: str) -> None:
    """Ask from two threads at once."""

    def rate(threads: int) -> float:
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(search, range(ASKED)))
        return ASKED / (time.perf_counter() - began)

    alone = rate(1)
    say(
        f"{name}: questions a second from two threads",
        value=rate(2),
        unit="questions/s",
        peer="from one thread",
        peer_value=alone,
        less_is_better=False,
    )


def claim_scores(archive: Archive, count: int, asked: list[VectorQuestion]) -> None:
    """Score every sighting inside, as the search does that weighs all evidence."""
    windows = [question.windows for question in asked]

    def scored(number: int) -> tuple[Ints, Floats32]:
        scores = archive.vectors.all_scores(MODEL, asked[number].query[None], windows[number], threads=1)
        return scores.ids.astype(np.int64), scores.values

    def multiplied(number: int) -> tuple[Ints, Floats32]:
        rows = inside(asked[number], count)
        return rows, stored_rows(rows, count) @ asked[number].query

    def same(number: int) -> bool:
        (ids, values), (rows, products) = scored(number), multiplied(number)
        order = np.argsort(ids)
        return np.array_equal(ids[order], rows) and np.allclose(values[order], products, atol=1e-5)

    held = {number: stored_rows(inside(asked[number], count), count) for number in range(11)}
    say(
        f"the scores of all sightings inside, of {count:,}, {DIMS}-d, exact: median",
        value=statistics.median(times_ms(scored, ASKED)),
        unit="ms",
        peer="numpy: multiply the float32 rows inside, copied to memory before",
        peer_value=statistics.median(times_ms(lambda number: held[number] @ asked[number].query, 10)),
        less_is_better=True,
        correct=all(same(number) for number in range(5)),
    )


def claim_of_all(archive: Archive, count: int, asked: list[VectorQuestion]) -> None:
    """Find the nearest of all sightings, where nothing is known of time and place."""
    many = min(ASKED, max(20, 20_000_000 // count))

    def search(number: int) -> list[int]:
        hits = archive.vectors.search(MODEL, asked[number].query[None], None, TOP, threads=1)
        return [int(hit.sighting) for hit in hits]

    queries = np.stack([question.query for question in asked[: many + 1]])
    truth, took_ms = nearest_of_all(queries, count)
    search(0)
    busy = times_ms(search, many, clock=time.thread_time)
    waited = times_ms(search, many)
    found = [len(set(search(number)) & set(truth[number])) / TOP for number in range(many)]
    recall = statistics.mean(found)
    for what, taken in (("median processor time", busy), ("median", waited)):
        say(
            f"the {TOP} nearest of all {count:,} vectors, {DIMS}-d, by compact codes, recall {recall:.4f}: {what}",
            value=taken[len(taken) // 2],
            unit="ms",
            peer="FAISS Flat, float32, many questions at once: processor time of each",
            peer_value=took_ms,
            less_is_better=True,
            correct=recall >= OF_ALL_RECALL,
        )


def ask_peers(archive: Archive, count: int, asked: list[VectorQuestion], names: list[str]) -> None:
    """Ask other libraries and databases some of the same questions."""
    some = asked[:ASKED_OF_PEERS]
    rows = [inside(question, count) for question in some]
    truth = [nearest(question, own, count) for question, own in zip(some, rows, strict=True)]
    of_all, _ = nearest_of_all(np.stack([question.query for question in some]), count)
    claim_peers(archive, PeerQuestions(count, some, rows, truth, of_all), names)


def claim_growth(paths: Mapping[int, Path]) -> None:
    """Ask the largest archive and the smallest in turn, as many sightings inside; the first round waits for pages."""
    small, large = min(paths), max(paths)
    asked = {count: questions(count, ASKED) for count in (small, large)}
    with Archive.open(paths[small]) as first, Archive.open(paths[large]) as second:
        archives = {small: first, large: second}
        for _ in range(2):
            taken: dict[int, list[float]] = {small: [], large: []}
            for number, count in product(range(ASKED), archives):
                question = asked[count][number]
                began = time.thread_time()
                archives[count].vectors.search(MODEL, question.query[None], question.windows, TOP, threads=1)
                taken[count].append(1000 * (time.thread_time() - began))
    value, peer_value = statistics.median(taken[large]), statistics.median(taken[small])
    say(
        f"a bounded question in an archive of {large:,}, as many sightings inside: median processor time",
        value=value,
        unit="ms",
        peer=f"in one of {small:,}, in turn",
        peer_value=peer_value,
        less_is_better=True,
        correct=value < 1.15 * peer_value,
    )


def _sum_of(rows: np.ndarray) -> int:
    """Read every byte."""
    return int(np.bitwise_xor.reduce(np.ascontiguousarray(rows).view(np.uint64), axis=None))


if __name__ == "__main__":
    main()
