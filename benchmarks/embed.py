"""Measure the packaged embedder: crops a second in batches, the time for one, and torch on the same network.

`python -m benchmarks.embed` needs torch for the peer (`pip install 'retrace[train]'`).
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.claim import say
from reid.appearance.embedders import EmbedderOptions, OnnxEmbedder
from reid.appearance.network import VehicleNet
from reid.onnx import resized, to_blob
from reid.training.appearance.export import load_network
from reid.vehicle import Image
from reid.weights import find_weights

BATCH = 256
CORES = 2
ROUNDS = 12


def main() -> None:
    """Print the claims."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    torch.set_num_threads(CORES)
    weights = find_weights("appearance")
    embedder = OnnxEmbedder(weights, EmbedderOptions(threads=CORES))
    network = load_network(weights.path)
    crops = make_crops(BATCH)
    claim_batches(embedder, network, crops)
    claim_one(embedder, network, crops[:1])


def claim_batches(embedder: OnnxEmbedder, network: VehicleNet, crops: list[Image]) -> None:
    """Embed many crops, resizing included."""
    vectors = embedder.embed(crops)
    say(
        f"crops of 60 to 300 px embedded in one call of {len(crops)}, {CORES} threads, warm",
        value=len(crops) / best_s(lambda: embedder.embed(crops)),
        unit="crops/s",
        peer=f"torch {torch.__version__} eager, the same network, the same resizing",
        peer_value=len(crops) / best_s(lambda: _torch(embedder, network, crops)),
        less_is_better=False,
        correct=_is_right(embedder, vectors, crops),
    )


def claim_one(embedder: OnnxEmbedder, network: VehicleNet, crops: list[Image]) -> None:
    """Embed one crop, as when a question is asked."""
    vectors = embedder.embed(crops)
    say(
        f"one crop embedded, {CORES} threads, warm",
        value=1000 * best_s(lambda: embedder.embed(crops)),
        unit="ms",
        peer=f"torch {torch.__version__} eager, the same network, the same resizing",
        peer_value=1000 * best_s(lambda: _torch(embedder, network, crops)),
        less_is_better=True,
        correct=_is_right(embedder, vectors, crops),
    )


def make_crops(count: int) -> list[Image]:
    """Return random pictures of usual crop sizes."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(60, 300, (count, 2))
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for height, width in sizes.tolist()]


def best_s(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest round after one warm-up, because the machine may be shared."""
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


@torch.no_grad()
def _torch(embedder: OnnxEmbedder, network: VehicleNet, crops: list[Image]) -> object:
    return network(
        torch.from_numpy(to_blob(resized(crops, embedder.card.picture), embedder.card.picture))
    ).vector.numpy()


def _is_right(embedder: OnnxEmbedder, vectors: np.ndarray, crops: list[Image]) -> bool:
    """Return whether vectors have unit length and are the same alone as in a batch."""
    alone = np.concatenate([embedder.embed([crop]) for crop in crops[:8]])
    lengths = np.linalg.norm(vectors, axis=1)
    return bool(np.allclose(lengths, 1, atol=1e-5) and (alone * vectors[:8]).sum(axis=1).min() > 1 - 1e-4)


if __name__ == "__main__":
    main()
