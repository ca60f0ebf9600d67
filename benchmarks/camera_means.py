"""Ask how well real pairs are known again, with and without the mean of each camera taken off the vectors.

`python -m benchmarks.camera_means PICTURES --weights appearance transfer.onnx --published efficientnet-lite0.pth` takes
a folder of NAME_cam1.jpg and NAME_cam2.jpg; `--published` adds the features of ImageNet as they are.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.claim import machine
from benchmarks.strange_cameras import find_embedder_weights
from reid.appearance.embedders import (
    Appearance,
    Embedder,
    EmbedderOptions,
    HistogramEmbedder,
    OnnxEmbedder,
    Vectors,
    unit_vectors,
)
from reid.appearance.networks.efficientnet_lite import POOLED, StripedNet, from_published
from reid.evaluation.pairs import PARTS, EmbeddedPairs, embed_pairs, groups_of, pair_files
from reid.onnx import resized, to_blob
from reid.training.appearance.batches import MEAN, SPREAD
from reid.training.appearance.datasets import BOX_SIDE_PX
from reid.training.conversion import read_weights
from reid.vehicle import Image
from reid.weights import PictureInput

PICTURES_AT_ONCE = 32


class ImageNetEmbedder:
    """Pool the maps of a body that has embedded ImageNet alone: what fine-tuning must beat."""

    model_id = "imagenet"
    dims = POOLED

    def __init__(self, published: Path) -> None:
        self._network = StripedNet().eval()
        self._network.body.load_state_dict(from_published(read_weights(published)))

    @torch.no_grad()
    def embed(self, pictures: Sequence[Image]) -> Vectors:
        """Return one unit vector a picture, in the order given."""
        way = PictureInput(BOX_SIDE_PX, BOX_SIDE_PX, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
        starts = range(0, len(pictures), PICTURES_AT_ONCE)
        blobs = (
            torch.from_numpy(to_blob(resized(pictures[start : start + PICTURES_AT_ONCE], way), way)) for start in starts
        )
        return unit_vectors(np.concatenate([self._network.pooled(blob).numpy() for blob in blobs]))

    def appearance(self, pictures: Sequence[Image]) -> Appearance:
        """Return the vectors: nothing else was learned."""
        return Appearance(self.embed(pictures))


def main() -> None:
    """Print a table of the embedders that were asked for."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    pairs = [pair for pair in pair_files(arguments.pictures) if arguments.part in ("all", pair.part)]
    groups = groups_of(pairs)
    print(f"{len(pairs)} vehicles; rank-1 [95 %] / mAP, camera 2 asked against camera 1; {machine()}\n")
    print(f"| weights | camera's mean | {' | '.join(f'{name} ({len(group)})' for name, group in groups.items())} |")
    print("|---" * (len(groups) + 2) + "|")
    for embedder in _embedders(arguments):
        embedded = embed_pairs(pairs, embedder)
        for name, vectors in (("kept", embedded), ("off", without_means(embedded))):
            cells = " | ".join(_cell(vectors.of(group)) for group in groups.values())
            print(f"| {embedder.model_id} | {name} | {cells} |", flush=True)


def without_means(embedded: EmbeddedPairs) -> EmbeddedPairs:
    """Return the vectors without what all of a camera's have in common; no label is used."""
    first, second = (unit_vectors(vectors - vectors.mean(axis=0)) for vectors in (embedded.first, embedded.second))
    return EmbeddedPairs(embedded.pairs, first, second)


def _cell(embedded: EmbeddedPairs) -> str:
    ranks = embedded.ranks()
    hit, precision = ranks.share_within(1), ranks.mean_precision()
    interval = "" if hit.low is None or hit.high is None else f" [{hit.low:.3f}, {hit.high:.3f}]"
    return f"{hit.value:.3f}{interval} / {precision.value:.3f}"


def _embedders(arguments: argparse.Namespace) -> list[Embedder]:
    options = EmbedderOptions(threads=arguments.threads)
    learned: list[Embedder] = [OnnxEmbedder(find_embedder_weights(name), options) for name in arguments.weights]
    untrained: list[Embedder] = [ImageNetEmbedder(arguments.published)] if arguments.published else []
    return [HistogramEmbedder(), *untrained, *learned]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--part", choices=("all", *PARTS), default="all")
    parser.add_argument("--weights", nargs="+", default=["appearance"], help="names, or ONNX files beside their cards")
    parser.add_argument("--published", type=Path, help="the state dict of EfficientNet-Lite0")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
