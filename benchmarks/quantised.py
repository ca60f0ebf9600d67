"""Measure what the appearance weights lose and gain in 8 bits, against the packaged 32.

`python -m benchmarks.quantised --real PICTURES --cache FOLDER` needs `onnx` (`pip install 'retrace[train]'`).
"""

import argparse
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from benchmarks.claim import machine
from benchmarks.embed import BATCH, best_s, make_crops
from reid.appearance.embedders import Embedder, EmbedderOptions, OnnxEmbedder
from reid.evaluation.intervals import as_json, figure
from reid.evaluation.pairs import evaluate_pairs, pair_files
from reid.evaluation.protocols import Labelled, Ranks, rank_gallery
from reid.onnx import resized, to_blob
from reid.training.appearance.datasets import Crops
from reid.training.appearance.recipe import VALIDATION
from reid.training.appearance.rendered import PUBLISHED, rendered_crops
from reid.vehicle import Image
from reid.weights import Card, PictureInput, Weights, file_sha256, find_weights

PICTURES, AT_ONCE = 256, 16
"""This many pictures calibrate the ranges of the activations."""
Figures = Mapping[str, Any]


def main() -> None:
    """Print the table."""
    arguments = _arguments()
    weights = find_weights("appearance")
    crops, calibration = (
        rendered_crops(options, arguments.cache, lambda *_: None) for options in (PUBLISHED, VALIDATION)
    )
    options = EmbedderOptions(threads=arguments.threads)
    with TemporaryDirectory() as folder:
        small = in_8_bits(weights, list(calibration.boxes[:: len(calibration) // PICTURES + 1]), Path(folder))
        whole, quantised = OnnxEmbedder(weights, options), OnnxEmbedder(small, options)
        print(f"{weights.model_id}, {small.path.stat().st_size / 1e6:.1f} MB in 8 bits; {machine()}")
        pairs = [pair for pair in pair_files(arguments.real) if pair.part == "test"]
        found: Figures = evaluate_pairs(pairs, quantised, whole)["all"]
        print(f"real: rank-1 {found['rank1_gain']:+.4f} {found['rank1_gain_ci']} against 32 bits")
        for name, gain in _rendered(crops, quantised, whole):
            print(f"rendered: {name} {gain}")
        timed = make_crops(BATCH)
        first, second = (len(timed) / best_s(partial(one.embed, timed)) for one in (quantised, whole))
        print(f"{first:.0f} crops/s against {second:.0f}, {arguments.threads} threads")


def in_8_bits(weights: Weights, pictures: list[Image], folder: Path) -> Weights:
    """Return the weights with convolutions in 8 bits, calibrated on these pictures."""
    prepared, path = folder / "prepared.onnx", folder / "quantised.onnx"
    quant_pre_process(str(weights.path), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(path),
        _Pictures(pictures, weights.card.picture),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Conv"],
    )
    card = Card("quantised", "appearance", file_sha256(path), "", "", weights.card.picture, weights.card.output)
    return Weights(card, path, packaged=False)


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    """Yields pictures as the network takes them."""

    def __init__(self, pictures: list[Image], picture_input: PictureInput) -> None:
        self._blobs = iter(
            to_blob(resized(pictures[start : start + AT_ONCE], picture_input), picture_input)
            for start in range(0, len(pictures), AT_ONCE)
        )

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        blob = next(self._blobs, None)
        return None if blob is None else {"pictures": blob}


def _rendered(crops: Crops, quantised: Embedder, whole: Embedder) -> Iterator[tuple[str, object]]:
    """Yield the gains in rank-1 and mAP on the same questions, with intervals over vehicles."""
    new, old = (_ranks(crops, one) for one in (quantised, whole))
    vehicles = [str(vehicle) for vehicle in crops.vehicle[new.rows].tolist()]
    first = (new.first_right == 1).astype(float) - (old.first_right == 1)
    for name, gain in (("rank-1", first), ("mAP", new.precision - old.precision)):
        found: Figures = as_json(gain=figure(vehicles, partial(_mean, gain)))
        yield name, f"{found['gain']:+.4f} {found['gain_ci']}"


def _mean(values: npt.NDArray[np.float64], drawn: npt.NDArray[np.int64]) -> float:
    return float(values[drawn].mean())


def _ranks(crops: Crops, embedder: Embedder) -> Ranks:
    labelled = Labelled(embedder.embed(list(crops.boxes)), crops.vehicle, crops.camera)
    return rank_gallery(labelled, labelled, own_camera="junk")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, required=True, help="a folder of NAME_cam1.jpg and NAME_cam2.jpg")
    parser.add_argument("--cache", type=Path, required=True, help="rendered pictures")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
