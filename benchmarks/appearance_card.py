"""Measure every figure of the appearance weights' model card in one go, and write its calibration plot.

`python -m benchmarks.appearance_card --real PICTURES --cache FOLDER` prints the card's tables as Markdown.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.claim import machine
from reid.appearance.embedders import Embedder, EmbedderOptions, HistogramEmbedder, OnnxEmbedder
from reid.evaluation.calibration import (
    ALL_VIEWS,
    ViewCalibration,
    calibrate_by_view,
    draw_image_pairs,
    reliability_diagram,
)
from reid.evaluation.pairs import EmbeddedPairs, PairFiles, embed_pairs, evaluate_pairs, pair_files
from reid.evaluation.protocols import Labelled
from reid.images import encode_png, read_image
from reid.training.appearance.batches import normalise
from reid.training.appearance.datasets import BOX_SIDE_PX, Crops
from reid.training.appearance.export import load_network
from reid.training.appearance.rendered import PUBLISHED, rendered_crops, score_rendered
from reid.vehicle import Image
from reid.weights import Weights, find_weights

PLOT = Path(__file__).parent.parent / "docs" / "models" / "appearance-calibration.png"
QUALITIES_PX = (None, 32, 20)
"""Heights to which pictures are shrunk before embedding; None leaves them as filmed."""
Figures = Mapping[str, Any]


def main() -> None:
    """Print the tables and write the plot."""
    arguments = _arguments()
    weights = find_weights(arguments.weights)
    embedder = OnnxEmbedder(weights, EmbedderOptions(threads=arguments.threads))
    pairs = [pair for pair in pair_files(arguments.real) if pair.part == "test"]
    crops = rendered_crops(PUBLISHED, arguments.cache, lambda *_: None)
    print(f"model id `{weights.model_id}`, {weights.path.stat().st_size / 1e6:.1f} MB; {machine()}\n")
    real = embed_pairs(pairs, embedder)
    views = {quality: _calibration_by_view(crops, embedder, quality) for quality in QUALITIES_PX}
    for section in (
        _real(pairs, embedder),
        _rendered(crops, embedder),
        _calibrated(views, real),
        _agreement(weights, pairs),
    ):
        print("\n".join(section), end="\n\n")
    everything = views[None][ALL_VIEWS]
    title = f"looks, rendered vehicles on other cameras: {len(everything.true)} pairs"
    arguments.plot.write_bytes(encode_png(reliability_diagram(everything.probability, everything.true, title)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="appearance")
    parser.add_argument("--real", type=Path, required=True, help="a folder of NAME_cam1.jpg and NAME_cam2.jpg")
    parser.add_argument("--cache", type=Path, required=True, help="rendered pictures")
    parser.add_argument("--plot", type=Path, default=PLOT)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def _real(pairs: Sequence[PairFiles], embedder: Embedder) -> Iterator[str]:
    """Yield the table of the two real cameras."""
    yield "| vehicles | n | rank-1 | mAP | histogram rank-1 | gain in rank-1 |"
    yield "|---|---|---|---|---|---|"
    for name, found in evaluate_pairs(pairs, embedder, HistogramEmbedder()).items():
        figures: Figures = found
        rank1 = _interval(figures["cmc"]["1"], figures["cmc_ci"]["1"])
        gain = _interval(figures["rank1_gain"], figures["rank1_gain_ci"], signed=True)
        precision = _interval(figures["map"], figures["map_ci"])
        yield f"| {name} | {figures['queries']} | {rank1} | {precision} | {figures['against_rank1']:.3f} | {gain} |"


def _rendered(crops: Crops, embedder: Embedder) -> Iterator[str]:
    """Yield the table of rendered vehicles, with the histogram's figures."""
    ours: Figures = score_rendered(crops, embedder)
    theirs: Figures = score_rendered(crops, HistogramEmbedder())
    yield f"{ours['queries']} questions, gallery {ours['gallery']}, seed {PUBLISHED.seed}\n"
    yield "| | rank-1 | mAP | histogram rank-1 | histogram mAP |"
    yield "|---|---|---|---|---|"
    for name, start in (("all", ""), ("same view", "same_view_"), ("other view", "other_view_")):
        cells = [
            _interval(scores[f"{start}{kind}"], scores[f"{start}{kind}_ci"])
            for scores in (ours, theirs)
            for kind in ("rank1", "map")
        ]
        yield f"| {name} | {' | '.join(cells)} |"


def _calibration_by_view(crops: Crops, embedder: Embedder, quality_px: int | None) -> dict[str, ViewCalibration]:
    """Return the calibration of similarity by view, on rendered pictures shrunk to a height first."""
    pictures = [_shrunk(picture, quality_px) for picture in crops.boxes]
    labelled = Labelled(embedder.embed(pictures), crops.vehicle, crops.camera)
    return calibrate_by_view(draw_image_pairs(labelled, crops.heading_deg))


def _shrunk(picture: Image, height_px: int | None) -> Image:
    if height_px is None:
        return picture
    small = cv2.resize(picture, (height_px, height_px), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (BOX_SIDE_PX, BOX_SIDE_PX), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _calibrated(views: Mapping[int | None, Mapping[str, ViewCalibration]], real: EmbeddedPairs) -> Iterator[str]:
    """Yield the table of fitted llr scales: of rendered vehicles by view and height, and of the real pairs."""
    yield "| pictures | views | ratio | ECE | Brier | of base rate | pairs |"
    yield "|---|---|---|---|---|---|---|"
    for quality, by_view in views.items():
        height = "as filmed" if quality is None else f"shrunk to {quality} px"
        for view, calibrated in by_view.items():
            scale, check = calibrated.scale, calibrated.check
            llr = f"{scale.bias:.2f} + {scale.per_similarity:.2f} x similarity"
            yield (
                f"| rendered, {height} | {view} | {llr} | {check.error:.3f} | {check.brier:.3f} "
                f"| {check.brier_base:.3f} | {check.pairs} |"
            )
    found: Figures = real.calibration()
    llr = f"{found['bias']:.2f} + {found['per_similarity']:.2f} x similarity"
    checked = f"{found['ece']:.3f} | {found['brier']:.3f} | {found['brier_base']:.3f} | {2 * len(real.pairs)}"
    yield f"| two real cameras | rear | {llr} | {checked} |"


def _agreement(weights: Weights, pairs: Sequence[PairFiles]) -> Iterator[str]:
    """Yield how far the vectors of the ONNX file are from those of the network in torch."""
    pictures = [read_image(pair.first) for pair in pairs]
    size = weights.card.picture
    resized = np.stack([cv2.resize(picture, (size.width_px, size.height_px)) for picture in pictures]).astype(np.uint8)
    with torch.no_grad():
        again = load_network(weights.path)(normalise(resized)).vector.numpy()
    served = OnnxEmbedder(weights, EmbedderOptions(threads=1)).embed(list(resized))
    worst = float((again * served).sum(axis=1).min())
    yield f"ONNX and torch on {len(pictures)} real pictures: cosine {worst:.6f} or more"


def _interval(value: float, interval: Sequence[float], *, signed: bool = False) -> str:
    low, high = interval
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]" if signed else f"{value:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
