"""Ask whether shifting each camera's vectors to the mean of all cameras helps, when other vehicles teach the means.

`python -m benchmarks.camera_shifts PICTURES --part test` takes a folder of NAME_cam1.jpg and NAME_cam2.jpg. An archive
knows a camera by the vehicles that passed it, which are not those of the other camera: so half of the vehicles, drawn
at random, teach the mean of camera 1 and the other half that of camera 2. (`benchmarks.camera_means` takes off the
means of the very vehicles that are asked for.) Camera 2 is as it is, and as the strange cameras of
`benchmarks.strange_cameras` would show it.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from benchmarks.strange_cameras import CAMERAS, degraded, find_embedder_weights, hits
from reid.appearance.embedders import Embedder, EmbedderOptions, OnnxEmbedder, Vectors, unit_vectors
from reid.arrays import Floats
from reid.evaluation.intervals import figure
from reid.evaluation.pairs import PARTS, pair_files
from reid.images import read_image
from reid.vehicle import Image

DRAWS = 20
"""How often the vehicles are halved at random."""


def main() -> None:
    """Print a row for each embedder and camera."""
    arguments = _arguments()
    pairs = [pair for pair in pair_files(arguments.pictures) if arguments.part in ("all", pair.part)]
    first, second = (
        [read_image(path) for path in paths] for paths in zip(*((p.first, p.second) for p in pairs), strict=True)
    )
    names = [pair.name for pair in pairs]
    print(f"{len(pairs)} vehicles, asked both ways, a tie counts as a miss; {machine()}\n")
    print("| weights | camera 2 | rank-1 | gain by the shift [95 %] | how much of the shift is believed |")
    print("|---" * 5 + "|")
    options = EmbedderOptions(threads=arguments.threads)
    for embedder in [OnnxEmbedder(find_embedder_weights(name), options) for name in arguments.weights]:
        for row in _rows(embedder, names, first, second):
            print(row, flush=True)


def shifts(first: Vectors, second: Vectors) -> tuple[Floats, Floats, float]:
    """Return the shift of each camera to the mean of both, shrunk by its noise, and the mean weight of the shrinking.

    The weight is that of an empirical Bayes estimate (Efron and Morris, 1973): the variance between the cameras against
    the variance of a mean of so few vehicles.
    """
    means = np.stack([first.mean(axis=0), second.mean(axis=0)]).astype(np.float64)
    counts = np.array([len(first), len(second)])
    within = np.mean([np.var(own, axis=0, ddof=1).sum() for own in (first, second)])
    between = max(0.0, float(((means[0] - means[1]) ** 2).sum() / 2 - within * (1 / counts).mean()))
    weight = between / (between + within / counts)
    moved = weight[:, None] * (means.mean(axis=0) - means)
    return moved[0], moved[1], float(weight.mean())


def _rows(embedder: Embedder, names: Sequence[str], first: Sequence[Image], second: Sequence[Image]) -> Iterator[str]:
    known = embedder.embed(first)
    gains = []
    for camera, degrade in CAMERAS.items():
        other = embedder.embed(degraded(degrade, second))
        kept = hits(known, other)
        gain, weight = _gain(known, other)
        gains.append(gain)
        yield f"| {embedder.model_id} | {camera} | {kept.mean():.3f} | {_cell(names, gain)} | {weight:.2f} |"
    yield f"| {embedder.model_id} | mean of the strange | | {_cell(names, np.mean(gains[1:], axis=0))} | |"


def _gain(first: Vectors, second: Vectors) -> tuple[Floats, float]:
    """Return each vehicle's gain in rank-1, the mean over the draws, and the mean weight."""
    kept, gains, weights = hits(first, second), [], []
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(len(first))
        some, others = order[: len(order) // 2], order[len(order) // 2 :]
        one, two, weight = shifts(first[some], second[others])
        gains.append(hits(_moved(first, one), _moved(second, two)) - kept)
        weights.append(weight)
    return np.mean(gains, axis=0), float(np.mean(weights))


def _moved(vectors: Vectors, shift: Floats) -> Vectors:
    return unit_vectors((vectors + shift).astype(np.float32))


def _cell(names: Sequence[str], gain: Floats) -> str:
    found = figure(names, lambda drawn: float(gain[drawn].mean()))
    return f"{found.value:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--part", choices=("all", *PARTS), default="test")
    parser.add_argument("--weights", nargs="+", default=["appearance"], help="names, or ONNX files beside their cards")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
