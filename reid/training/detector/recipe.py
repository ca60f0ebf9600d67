"""Make the detector weights from start to end: render streets, train, choose the best step, export with a card."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from reid import boxes
from reid.arrays import Floats
from reid.detect.learned import (
    CHANNELS,
    NETWORK_HEIGHT_PX,
    NETWORK_WIDTH_PX,
    Channels,
    LearnedDetector,
    decode_grid,
    pad_channels,
    round_up,
)
from reid.detect.network import DetectorNet, flattened
from reid.detect.onnx_detector import OnnxDetector, OnnxOptions
from reid.errors import SeeingError
from reid.evaluation.metrics import PictureDetections, detection_precision
from reid.training.detector.augmentation import MomentAugmentOptions
from reid.training.detector.losses import DetectorBatch, detector_losses
from reid.training.detector.real_streets import RealFolders, RealStreets, real_streets
from reid.training.detector.samples import DetectorBatches, SampleOptions, StreetKind, load_street, whole_sample
from reid.training.detector.streets import RENDER_VERSION, StreetOptions, rendered_streets
from reid.training.detector.teachers import LEAST_SCORE as LEAST_TAUGHT
from reid.training.detector.teachers import Teachers
from reid.training.loop import LoopOptions, RateGroup, TrainingProgress, TrainingTask, train
from reid.training.onnx_file import Ports, ServedNetwork, write_onnx, write_onnx_card
from reid.training.served_start import load_start
from reid.weights import Card, PictureInput, file_sha256

VALIDATION_STREETS = StreetOptions(seed=2, streets=30)
"""Held-out streets."""

LOOP = LoopOptions(steps=9000, last_steps=2000, learning_rate=2e-3, average=0.998, validate_every=1000)
REAL_LOOP = LoopOptions(steps=4000, last_steps=1500, learning_rate=3e-4, average=0.995, validate_every=1000)
"""Real streets teach a network that has learned from rendered ones."""

SHARES = {"clips": 0.12, "scenes": 0.18, "stills": 0.04}
"""How many of the samples are of real streets of each kind; all others are of rendered ones."""

EARLY_RATE = 0.1
"""The share of the rate at which the first layers learn from real streets."""

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

    `start` is the `best.pt` of an earlier training to start from with other streets, or the ONNX file of one. With
    `real` folders it needs two `teachers`, networks of others as ONNX files.
    """

    scenes: StreetOptions = field(default_factory=StreetOptions)
    loop: LoopOptions = field(default_factory=lambda: LOOP)
    start: Path | None = None
    name: str = "detector"
    real: RealFolders | None = None
    teachers: tuple[Path, ...] = ()


def train_detector(recipe: DetectorRecipe, out: Path, cache: Path, progress: TrainingProgress) -> Card:
    """Train and write `out`/NAME.onnx and its card; the same recipe resumes where it was stopped."""
    real = None if recipe.real is None else _labelled(recipe.real, recipe.teachers, cache, progress)
    validation = rendered_streets(VALIDATION_STREETS, cache, progress.rendered)
    paths = rendered_streets(recipe.scenes, cache, progress.rendered)
    task: TrainingTask[DetectorNet, DetectorBatch] = TrainingTask(
        make=DetectorBatches(street_kinds(paths, real), recipe.loop.seed),
        losses=detector_losses,
        recipe=_recipe_text(recipe, real),
        validate=lambda network: validation_scores(network, validation, () if real is None else real.held),
        rates=None if real is None else _rates,
    )
    network = DetectorNet()
    if recipe.start is not None:
        load_start(network, torch.zeros(1, 32, 32, CHANNELS, dtype=torch.uint8), recipe.start)
    network = train(network, task, out, recipe.loop, progress.trained)
    path = out / f"{recipe.name}.onnx"
    export_detector(network, path)
    source = f"retrace train detector, seed {recipe.loop.seed}: {len(paths)} rendered streets, {_real_words(real)}"
    return write_detector_card(path, name=recipe.name, source=source)


def street_kinds(rendered: Sequence[Path], real: RealStreets | None) -> tuple[StreetKind, ...]:
    """Return what samples are drawn from: rendered streets, and real ones in their shares."""
    if real is None:
        return (StreetKind(tuple(rendered)),)
    # Pictures of real cameras are degraded already.
    camera = MomentAugmentOptions(grey_share=0.05, blur_share=0.2, noise_share=0.25, jpeg_share=0.35)
    plain = SampleOptions(camera=camera, cluttered_share=0.0, disturbed_share=0.3)
    kinds = [
        StreetKind(real.clips, SHARES["clips"], replace(plain, still_share=0.2)),
        StreetKind(real.scenes, SHARES["scenes"], replace(plain, still_share=0.35)),
        StreetKind(real.stills, SHARES["stills"], replace(plain, still_share=1.0)),
    ]
    kinds = [kind for kind in kinds if kind.paths]
    left = 1 - sum(kind.share for kind in kinds)
    drawn = SampleOptions(cluttered_share=0.6, backgrounds=real.backgrounds)
    return (StreetKind(tuple(rendered), left, drawn), *kinds)


def validation_scores(network: DetectorNet, paths: Sequence[Path], real: Sequence[Path] = ()) -> dict[str, float]:
    """Return the average precision on whole moments: the mean of all, with motion channels, and as stills.

    `real` are labelled streets kept aside; they count as much as the rendered ones.
    """
    scores = {"moving": _precision(network, paths, moving=True), "still": _precision(network, paths, moving=False)}
    for name, moving in (("real moving", True), ("real still", False)) if real else ():
        scores[name] = _precision(network, real, moving=moving, every=1)
    return {"ap": sum(scores.values()) / len(scores), **scores}


def detect(network: DetectorNet, channels: Channels) -> tuple[boxes.Boxes, Floats]:
    """Return the boxes and scores that a network in training detects in one picture."""
    device = next(network.parameters()).device
    channels = pad_channels(channels, round_up(channels.shape[0]), round_up(channels.shape[1]))
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


def _labelled(folders: RealFolders, teachers: Sequence[Path], cache: Path, progress: TrainingProgress) -> RealStreets:
    if len(teachers) != 2:
        raise SeeingError("real streets are labelled by what two networks of others agree on: give --teacher twice")
    first, second = (OnnxDetector(path, OnnxOptions(min_score=LEAST_TAUGHT)) for path in teachers)
    return real_streets(folders, Teachers(first, second, LearnedDetector()), cache, progress.rendered)


def _rates(network: DetectorNet) -> list[RateGroup]:
    early = [*network.stem.parameters(), *network.stage4.parameters()]
    known = {id(weights) for weights in early}
    return [RateGroup(early, EARLY_RATE), RateGroup([one for one in network.parameters() if id(one) not in known], 1.0)]


def _real_words(real: RealStreets | None) -> str:
    if real is None:
        return "nothing real"
    number = len(real.clips) + len(real.scenes) + len(real.stills)
    return f"{number} real ones labelled by what {' and '.join(real.teachers)} agree on"


def _precision(network: DetectorNet, paths: Sequence[Path], *, moving: bool, every: int = EVERY_MOMENT) -> float:
    pictures = []
    for path in paths:
        street = load_street(path)
        for moment in range(0, street.moments, every):
            sample = whole_sample(street, moment, moving=moving)
            found, certain = detect(network, sample.channels)
            pictures.append(PictureDetections(found, certain, sample.boxes.astype(np.float64), sample.labelled))
    return detection_precision(pictures)


def _recipe_text(recipe: DetectorRecipe, real: RealStreets | None) -> str:
    """Return all options that decide the outcome as comparable text; those of length and speed are left out."""
    start = None if recipe.start is None else file_sha256(recipe.start)
    document: dict[str, object] = {
        "scenes": asdict(recipe.scenes),
        "look": RENDER_VERSION,
        "seed": recipe.loop.seed,
        "start": start,
    }
    if real is not None:
        document["real"] = [[path.stem for path in (*real.clips, *real.scenes, *real.stills)], real.teachers, SHARES]
        document["types"] = real.types
    document["rate"] = [recipe.loop.learning_rate, recipe.loop.weight_decay, recipe.loop.average]
    return json.dumps(document, sort_keys=True)
