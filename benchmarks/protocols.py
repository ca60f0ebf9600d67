"""Measure scoring by a published benchmark's rules at full size: VERI-Wild's largest test, with random vectors.

`python -m benchmarks.protocols` prints one JSON object a claim; `--full` asks all of its 10,000 queries.
"""

import argparse
import time
import tracemalloc

import numpy as np

from benchmarks.claim import say
from reid.evaluation.protocols import Labelled, rank_gallery

VEHICLES, GALLERY, CAMERAS, DIMS = 10_000, 138_517, 174, 256
SORTED = 50
"""This many queries are also scored by sorting the whole gallery."""


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="all 10,000 queries")
    claim_scoring(VEHICLES if parser.parse_args().full else 500)


def claim_scoring(queries: int) -> None:
    """Score random vectors, against sorting the gallery for some of the queries."""
    rng = np.random.default_rng(1)
    gallery = random_vectors(rng, np.arange(GALLERY) % VEHICLES)
    query = random_vectors(rng, np.arange(queries))
    tracemalloc.start()
    began = time.process_time()
    ranks = rank_gallery(query, gallery, own_camera="junk of the vehicle")
    taken_s = time.process_time() - began
    peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    began = time.process_time()
    expected = [sorted_precision(query, gallery, row) for row in range(SORTED)]
    slow_s = (time.process_time() - began) * queries / SORTED
    precision = dict(zip(ranks.rows.tolist(), ranks.precision.tolist(), strict=True))
    same = all(abs(precision[row] - value) < 1e-9 for row, value in enumerate(expected))
    what = f"{queries} queries of {GALLERY} pictures ({DIMS}-d) scored by VERI-Wild's rules"
    argsort = f"ordering the gallery for each (numpy, {SORTED} of them measured)"
    common = {"less_is_better": True, "correct": same}
    say(f"{what}, processor time", value=taken_s, unit="s", peer=argsort, peer_value=slow_s, **common)
    whole_mb = 4e-6 * queries * GALLERY
    say(f"{what}, memory", value=peak_mb, unit="MB", peer="all similarities at once", peer_value=whole_mb, **common)


def random_vectors(rng: np.random.Generator, vehicle: np.ndarray) -> Labelled:
    """Return vectors that are somewhat similar for the same vehicle, rounded so that products are exact."""
    own = np.random.default_rng(2).standard_normal((VEHICLES, DIMS), dtype=np.float32)[vehicle]
    vectors = own * np.float32(0.5) + rng.standard_normal((len(vehicle), DIMS), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.round(vectors * 64) / np.float32(64)
    return Labelled(vectors, vehicle.astype(np.int64), rng.integers(0, CAMERAS, len(vehicle)))


def sorted_precision(query: Labelled, gallery: Labelled, row: int) -> float:
    """Return the average precision of a query by sorting the whole gallery."""
    order = np.argsort(-(gallery.vectors @ query.vectors[row]), kind="stable")
    own = gallery.camera[order] == query.camera[row]
    right = gallery.vehicle[order] == query.vehicle[row]
    answers = right[~(own & right)]
    places = np.flatnonzero(answers) + 1
    return float((np.arange(1, len(places) + 1) / places).mean())


if __name__ == "__main__":
    main()
