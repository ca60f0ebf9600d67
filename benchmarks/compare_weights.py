"""Compare appearance weights on the same questions: real pairs, those past strange cameras, and rendered vehicles.

`python -m benchmarks.compare_weights appearance other.onnx --real PICTURES --cache FOLDER` prints a row for each, and
of all but the first what they gain over the first, paired, with 95 % intervals by bootstrap over vehicles. `--rendered
validation` takes the rendered vehicles on which trainings choose their step, so that the published ones stay unseen.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from benchmarks.embed import best_s, make_crops
from benchmarks.strange_cameras import CAMERAS, degraded, find_embedder_weights, hits
from reid.appearance.embedders import Embedder, EmbedderOptions, OnnxEmbedder, Vectors
from reid.arrays import Flags, Floats
from reid.evaluation.intervals import Figure, figure
from reid.evaluation.pairs import PARTS, PairFiles, embed_pairs, groups_of, pair_files
from reid.evaluation.protocols import Labelled, rank_gallery
from reid.images import read_image
from reid.training.appearance.datasets import Crops
from reid.training.appearance.recipe import VALIDATION
from reid.training.appearance.rendered import OTHER_VIEW_DEG, PUBLISHED, rendered_crops

RENDERED = {"published": PUBLISHED, "validation": VALIDATION}
TIMED = 128
"""How many crops are timed."""


@dataclass(frozen=True, slots=True)
class Answers:
    """One value for each question, and the vehicle that each question asks for."""

    vehicles: Sequence[str]
    values: Floats

    def mean(self) -> Figure:
        """Return the mean, with its interval."""
        return figure(self.vehicles, lambda drawn: float(self.values[drawn].mean()))

    def gain_over(self, other: "Answers") -> Figure:
        """Return the gain over other answers to the same questions."""
        gain = self.values - other.values
        return figure(self.vehicles, lambda drawn: float(gain[drawn].mean()))


def main() -> None:
    """Print the two tables."""
    arguments = _arguments()
    pairs = [pair for pair in pair_files(arguments.real) if arguments.part in ("all", pair.part)]
    crops = rendered_crops(RENDERED[arguments.rendered], arguments.cache, lambda *_: None)
    options = EmbedderOptions(threads=arguments.threads)
    embedders = [OnnxEmbedder(find_embedder_weights(name), options) for name in arguments.weights]
    print(f"{len(pairs)} real vehicles ({arguments.part}), {len(crops)} rendered pictures; {machine()}\n")
    found = [answers(embedder, pairs, crops) for embedder in embedders]
    columns = " | ".join(found[0])
    print(f"| weights | numbers | crops/s | {columns} |\n{'|---' * (len(found[0]) + 3)}|")
    for embedder, own in zip(embedders, found, strict=True):
        speed = TIMED / best_s(partial(embedder.embed, make_crops(TIMED)))
        cells = " | ".join(_cell(one.mean()) for one in own.values())
        print(f"| {embedder.model_id} | {embedder.dims} | {speed:.0f} | {cells} |", flush=True)
    print(f"\n| gain over {embedders[0].model_id} | {columns} |\n{'|---' * (len(found[0]) + 1)}|")
    for embedder, own in zip(embedders[1:], found[1:], strict=True):
        cells = " | ".join(_cell(own[name].gain_over(found[0][name]), signed=True) for name in own)
        print(f"| {embedder.model_id} | {cells} |")


def answers(embedder: Embedder, pairs: Sequence[PairFiles], crops: Crops) -> Mapping[str, Answers]:
    """Return the answers to each kind of question, by its name."""
    return dict([*_real(embedder, pairs), *_strange(embedder, pairs), *_rendered(embedder, crops)])


def _real(embedder: Embedder, pairs: Sequence[PairFiles]) -> Iterator[tuple[str, Answers]]:
    """Yield rank-1 and average precision of camera 2 asked against camera 1, each group within its own gallery."""
    embedded = embed_pairs(pairs, embedder)
    for name, group in groups_of(pairs).items():
        ranks = embedded.of(group).ranks()
        yield f"real {name}: rank-1", Answers(ranks.names, (ranks.rank == 1).astype(float))
        yield f"real {name}: mAP", Answers(ranks.names, 1.0 / ranks.rank)


def _strange(embedder: Embedder, pairs: Sequence[PairFiles]) -> Iterator[tuple[str, Answers]]:
    """Yield rank-1 of real vehicles asked both ways, the mean over the strange cameras."""
    first, second = ([read_image(getattr(pair, camera)) for pair in pairs] for camera in ("first", "second"))
    known = embedder.embed(first)
    strange = [degrade for name, degrade in CAMERAS.items() if name != "as it is"]
    values = np.mean([hits(known, embedder.embed(degraded(degrade, second))) for degrade in strange], axis=0)
    yield "strange cameras: rank-1", Answers([pair.name for pair in pairs], values)


def _rendered(embedder: Embedder, crops: Crops) -> Iterator[tuple[str, Answers]]:
    """Yield rank-1 and average precision of rendered pictures, asked of all other cameras, and of other views alone."""
    vectors = embedder.embed(list(crops.boxes))
    turn = np.abs((crops.heading_deg[:, None] - crops.heading_deg[None] + 180) % 360 - 180)
    same_side = (crops.vehicle[:, None] == crops.vehicle[None]) & (turn < OTHER_VIEW_DEG)
    for name, junk in (("rendered", None), ("other view", same_side)):
        yield from _ranked(name, vectors, crops, junk)


def _ranked(name: str, vectors: Vectors, crops: Crops, junk: Flags | None) -> Iterator[tuple[str, Answers]]:
    labelled = Labelled(vectors, crops.vehicle, crops.camera)
    ranks = rank_gallery(labelled, labelled, own_camera="junk", also_junk=junk)
    vehicles = [str(vehicle) for vehicle in crops.vehicle[ranks.rows].tolist()]
    yield f"{name}: rank-1", Answers(vehicles, (ranks.first_right == 1).astype(float))
    yield f"{name}: mAP", Answers(vehicles, ranks.precision)


def _cell(found: Figure, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{found.value:{sign}.3f} [{found.low:{sign}.3f}, {found.high:{sign}.3f}]"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", nargs="+", help="names, or ONNX files beside their cards")
    parser.add_argument("--real", type=Path, required=True, help="a folder of NAME_cam1.jpg and NAME_cam2.jpg")
    parser.add_argument("--part", choices=("all", *PARTS), default="test")
    parser.add_argument("--cache", type=Path, required=True, help="rendered pictures")
    parser.add_argument("--rendered", choices=tuple(RENDERED), default="published")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
