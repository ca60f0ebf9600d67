"""Make the detector weights from start to end: render streets, train, choose the best step, export with a card."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from reid import boxes
from reid.arrays import Floats
from reid.detect.learned import CHANNELS, NETWORK_HEIGHT_PX, NETWORK_WIDTH_PX, Channels, decode_grid
from reid.detect.network import DetectorNet, flattened
from reid.evaluation.metrics import PictureDetections, detection_precision
from reid.training.detector.losses import DetectorBatch, detector_losses
from reid.training.detector.samples import DetectorBatches, load_street, whole_sample
from reid.training.detector.start import load_start
from reid.training.detector.streets import RENDER_VERSION, StreetOptions, rendered_streets
from reid.training.loop import LoopOptions, TrainingProgress, TrainingTask, train
from reid.training.onnx_file import Ports, ServedNetwork, write_onnx, write_onnx_card
from reid.weights import Card, PictureInput, file_sha256

VALIDATION_STREETS = StreetOptions(seed=2, streets=30)
"""Held-out streets."""

LOOP = LoopOptions(steps=9000, last_steps=2000, learning_rate=2e-3, average=0.998, validate_every=1000)
EVERY_MOMENT = 4
LEAST_SCORE, MOST_IOU, MOST_BOXES = 0.05, 0.6, 200
PORTS = Ports(
    inputs=["channels"],
    outputs=["places"],
    free={"channels": {0: "pictures", 1: "height", 2: "width"}, "places": {0: "pictures", 1: "places"}},
)


@dataclass(frozen=True, slots=True)
class DetectorRecipe:
    """All inputs of a training; `name` is that of the file written.

    `start` is the `best.pt` of an earlier training to start from with other streets, or the ONNX file of one.
    """

    scenes: StreetOptions = field(default_factory=StreetOptions)
    loop: LoopOptions = field(default_factory=lambda: LOOP)
    start: Path | None = None
    name: str = "detector"


def train_detector(recipe: DetectorRecipe, out: Path, cache: Path, progress: TrainingProgress) -> Card:
    """Train and write `out`/NAME.onnx and its card; the same recipe resumes where it was stopped."""
    validation = rendered_streets(VALIDATION_STREETS, cache, progress.rendered)
    paths = rendered_streets(recipe.scenes, cache, progress.rendered)
    task: TrainingTask[DetectorNet, DetectorBatch] = TrainingTask(
        make=DetectorBatches(tuple(paths), recipe.loop.seed),
        losses=detector_losses,
        recipe=_recipe_text(recipe),
        validate=lambda network: validation_scores(network, validation),
    )
    network = DetectorNet()
    if recipe.start is not None:
        load_start(network, recipe.start)
    network = train(network, task, out, recipe.loop, progress.trained)
    path = out / f"{recipe.name}.onnx"
    export_detector(network, path)
    source = f"retrace train detector, seed {recipe.loop.seed}: {len(paths)} rendered streets, nothing real"
    return write_detector_card(path, name=recipe.name, source=source)


def validation_scores(network: DetectorNet, paths: Sequence[Path]) -> dict[str, float]:
    """Return the average precision on whole moments: the mean of both, with motion channels, and as stills."""
    precision = {"moving": _precision(network, paths, moving=True), "still": _precision(network, paths, moving=False)}
    return {"ap": (precision["moving"] + precision["still"]) / 2, **precision}


def detect(network: DetectorNet, channels: Channels) -> tuple[boxes.Boxes, Floats]:
    """Return the boxes and scores that a network in training detects in one picture."""
    device = next(network.parameters()).device
    network.eval()
    with torch.no_grad():
        places = flattened(network(torch.from_numpy(channels)[None].to(device)))[0].float().cpu().numpy()
    found, certain, _ = decode_grid(places, channels.shape[0], channels.shape[1], LEAST_SCORE)
    best = np.argsort(-certain, kind="stable")[:MOST_BOXES]
    found, certain = found[best], certain[best]
    kept = boxes.non_maximum_suppression(found, certain, max_iou=MOST_IOU)
    return found[kept], certain[kept]


def export_detector(network: DetectorNet, path: Path) -> None:
    """Write the network for pictures of any size, its weights in half precision."""
    example = torch.zeros(1, 64, 96, CHANNELS, dtype=torch.uint8)
    write_onnx(ServedNetwork(network, _serve), (example,), path, PORTS, half=True)


def write_detector_card(path: Path, *, name: str, source: str) -> Card:
    """Write the card beside the file and return it."""
    picture = PictureInput(NETWORK_WIDTH_PX, NETWORK_HEIGHT_PX, "RGB")
    return write_onnx_card(path, name=name, task="detector", source=source, picture=picture, output="places")


def _serve(network: DetectorNet, channels: Tensor) -> Tensor:
    """Return the places of all strides in one table, (n, places, numbers)."""
    return flattened(network(channels))


def _precision(network: DetectorNet, paths: Sequence[Path], *, moving: bool) -> float:
    pictures = []
    for path in paths:
        street = load_street(path)
        for moment in range(0, street.moments, EVERY_MOMENT):
            sample = whole_sample(street, moment, moving=moving)
            found, certain = detect(network, sample.channels)
            pictures.append(PictureDetections(found, certain, sample.boxes.astype(np.float64), sample.labelled))
    return detection_precision(pictures)


def _recipe_text(recipe: DetectorRecipe) -> str:
    """Return all options that decide the outcome as comparable text; those of length and speed are left out."""
    start = None if recipe.start is None else file_sha256(recipe.start)
    document: dict[str, object] = {
        "scenes": asdict(recipe.scenes),
        "look": RENDER_VERSION,
        "seed": recipe.loop.seed,
        "start": start,
    }
    document["rate"] = [recipe.loop.learning_rate, recipe.loop.weight_decay, recipe.loop.average]
    return json.dumps(document, sort_keys=True)
