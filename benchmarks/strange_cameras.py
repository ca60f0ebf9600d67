"""Measure how well real vehicles are recognised when the second camera's pictures are degraded as by a bad camera.

`python -m benchmarks.strange_cameras PICTURES --part test` takes a folder of NAME_cam1.jpg and NAME_cam2.jpg and
queries both ways: each picture of one camera among all of the other.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.claim import machine
from reid.appearance.embedders import Embedder, EmbedderOptions, HistogramEmbedder, OnnxEmbedder, Vectors
from reid.arrays import Floats
from reid.evaluation.pairs import pair_files
from reid.images import read_image
from reid.vehicle import Image
from reid.weights import Weights, find_weights, weights_at

Degrade = Callable[[Image, np.random.Generator], Image]
Curve = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]


def main() -> None:
    """Print rank-1 of each camera, and their mean."""
    arguments = _arguments()
    pairs = [pair for pair in pair_files(arguments.pictures) if pair.part == arguments.part]
    first, second = (
        [read_image(path) for path in paths] for paths in zip(*((p.first, p.second) for p in pairs), strict=True)
    )
    options = EmbedderOptions(threads=arguments.threads)
    learned = [OnnxEmbedder(find_embedder_weights(name), options) for name in arguments.weights]
    print(f"{len(pairs)} vehicles of the {arguments.part} part; {machine()}\n")
    print(f"| weights | {' | '.join(CAMERAS)} | mean of the strange |")
    print("|---" * (len(CAMERAS) + 2) + "|")
    embedders: list[Embedder] = [HistogramEmbedder(), *learned]
    for embedder in embedders:
        shares = [rank1(embedder, first, degraded(degrade, second)) for degrade in CAMERAS.values()]
        cells = " | ".join(f"{share:.3f}" for share in shares)
        print(f"| {embedder.model_id} | {cells} | {np.mean(shares[1:]):.3f} |")


def rank1(embedder: Embedder, first: Sequence[Image], second: Sequence[Image]) -> float:
    """Return how often the right picture ranks first, queried both ways; a tie counts as a miss."""
    return float(hits(embedder.embed(first), embedder.embed(second)).mean())


def hits(first: Vectors, second: Vectors) -> Floats:
    """Return for each vehicle how often its other picture ranks first, queried both ways; a tie counts as a miss."""
    similarity = first @ second.T
    own = np.diag(similarity)
    ways = [(similarity >= own[:, None]).sum(axis=1) == 1, (similarity >= own[None]).sum(axis=0) == 1]
    return np.asarray(np.mean(ways, axis=0), np.float64)


def degraded(degrade: Degrade, pictures: Sequence[Image]) -> list[Image]:
    """Return the pictures as that camera shows them, with the same random numbers in every run."""
    rng = np.random.default_rng(0)
    return [degrade(picture, rng) for picture in pictures]


def _lit(picture: Image, curve: Curve) -> Image:
    table = np.clip(curve(np.arange(256) / 255) * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table), dtype=np.uint8)


def _small(picture: Image, height_px: int) -> Image:
    width_px = max(4, round(picture.shape[1] * height_px / picture.shape[0]))
    return np.asarray(cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _compressed(picture: Image, quality: int) -> Image:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def _warm_grainy(picture: Image, rng: np.random.Generator) -> Image:
    warm = np.clip(picture * np.array([1.2, 1.0, 0.72]), 0, 255)
    return np.asarray(np.clip(np.floor(warm) + rng.normal(0, 10, picture.shape), 0, 255), dtype=np.uint8)


def _badly_cut(picture: Image, rng: np.random.Generator) -> Image:
    pale = _lit(picture, lambda light: light * 1.35 + 0.12)
    height, width = pale.shape[:2]
    left, right, top, bottom = rng.uniform(0, 0.14, 4)
    cut = pale[int(top * height) : int(height * (1 - bottom)), int(left * width) : int(width * (1 - right))]
    return np.asarray(cv2.GaussianBlur(_small(cut, 64), (0, 0), 1.5), dtype=np.uint8)


def _grey(picture: Image, rng: np.random.Generator) -> Image:
    grey = cv2.cvtColor(_lit(picture, lambda light: (light - 0.5) * 1.5 + 0.45), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


CAMERAS: Mapping[str, Degrade] = {
    "as it is": lambda picture, _: picture,
    "over-exposed": lambda picture, _: _lit(picture, lambda light: light**0.7 * 1.5),
    "dark, 40 px": lambda picture, _: _compressed(_small(_lit(picture, lambda light: light**1.8 * 0.8), 40), 50),
    "warm and grainy": _warm_grainy,
    "22 px": lambda picture, _: _compressed(_small(picture, 22), 60),
    "badly cut, pale, soft": _badly_cut,
    "grey, hard": _grey,
}
"""Name of a camera -> how it degrades a picture."""


def find_embedder_weights(name: str) -> Weights:
    """Return weights by their name, or an ONNX file beside its card."""
    path = Path(name)
    return weights_at(path) if path.exists() else find_weights(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--part", choices=("train", "validation", "test"), default="validation")
    parser.add_argument("--weights", nargs="+", default=["appearance"], help="names, or ONNX files beside their cards")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
