"""Carry out the whole recipe of the detector: render streets, train, choose the best step, export, write the card."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from reid import boxes
from reid.detect.channels import Channels
from reid.detect.grid import read_grid
from reid.detect.network import DetectorNet, flattened
from reid.evaluation.detections import FoundIn, average_precision
from reid.training import checkpoint
from reid.training.detector.drawing import DrawBatch
from reid.training.detector.export import export_detector, write_detector_card
from reid.training.detector.lessons import DetectorBatch, detector_losses
from reid.training.detector.pictures import street, whole_lesson
from reid.training.detector.scenes import LOOK, SceneOptions, rendered_streets
from reid.training.loop import Lessons, LoopOptions, train
from reid.training.table import Row
from reid.weights import Card, file_sha256

VALIDATION = SceneOptions(seed=2, streets=30)
"""Streets that no training renders."""

LOOP = LoopOptions(steps=9000, last_steps=2000, learning_rate=2e-3, average=0.998, validate_every=1000)

EVERY_MOMENT = 4
LEAST_SCORE, MOST_IOU, MOST_BOXES = 0.05, 0.6, 200


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes in: which streets, and how to learn from them; `name` is that of the file written.

    `start` is the `best.pt` of an earlier training to go on from with other streets.
    """

    scenes: SceneOptions = field(default_factory=SceneOptions)
    loop: LoopOptions = field(default_factory=lambda: LOOP)
    start: Path | None = None
    name: str = "detector"


@dataclass(frozen=True, slots=True)
class Progress:
    """Who is told how far it is: streets rendered, of how many; each line of the training's table."""

    rendered: Callable[[int, int], None]
    trained: Callable[[Row], None]


def follow(recipe: Recipe, out: Path, cache: Path, progress: Progress) -> Card:
    """Write `out`/NAME.onnx and its card; the same recipe goes on where it was stopped."""
    validation = rendered_streets(VALIDATION, cache, progress.rendered)
    paths = rendered_streets(recipe.scenes, cache, progress.rendered)
    lessons: Lessons[DetectorNet, DetectorBatch] = Lessons(
        make=DrawBatch(tuple(paths), recipe.loop.seed),
        losses=detector_losses,
        recipe=_told(recipe),
        validate=lambda network: scores(network, validation),
    )
    network = DetectorNet()
    if recipe.start is not None:
        checkpoint.begin_with(network, recipe.start)
    network = train(network, lessons, out, recipe.loop, progress.trained)
    path = out / f"{recipe.name}.onnx"
    export_detector(network, path)
    source = f"retrace train detector, seed {recipe.loop.seed}: {len(paths)} rendered streets, nothing real"
    return write_detector_card(path, name=recipe.name, source=source)


def scores(network: DetectorNet, paths: Sequence[Path]) -> dict[str, float]:
    """Return the average precision on whole moments: with what moves, and as stills; the mean of both first."""
    told = {"moving": _precision(network, paths, moving=True), "still": _precision(network, paths, moving=False)}
    return {"ap": (told["moving"] + told["still"]) / 2, **told}


def _precision(network: DetectorNet, paths: Sequence[Path], *, moving: bool) -> float:
    pictures = []
    for path in paths:
        of = street(path)
        for moment in range(0, of.moments, EVERY_MOMENT):
            lesson = whole_lesson(of, moment, moving=moving)
            found, certain = find(network, lesson.channels)
            pictures.append(FoundIn(found, certain, lesson.boxes.astype(np.float64), lesson.asked))
    return average_precision(pictures)


def find(network: DetectorNet, channels: Channels) -> tuple[boxes.Boxes, npt.NDArray[np.float64]]:
    """Return the boxes and scores that a network in training sees in one picture."""
    device = next(network.parameters()).device
    network.eval()
    with torch.no_grad():
        told = flattened(network(torch.from_numpy(channels)[None].to(device)))[0].float().cpu().numpy()
    found, certain, _ = read_grid(told, channels.shape[0], channels.shape[1], LEAST_SCORE)
    best = np.argsort(-certain, kind="stable")[:MOST_BOXES]
    found, certain = found[best], certain[best]
    kept = boxes.keep_best(found, certain, max_iou=MOST_IOU)
    return found[kept], certain[kept]


def _told(recipe: Recipe) -> str:
    """Return what decides the outcome, as text that two runs can compare; how long and how fast is left out."""
    start = None if recipe.start is None else file_sha256(recipe.start)
    told: dict[str, object] = {"scenes": asdict(recipe.scenes), "look": LOOK, "seed": recipe.loop.seed, "start": start}
    told["rate"] = [recipe.loop.learning_rate, recipe.loop.weight_decay, recipe.loop.average]
    return json.dumps(told, sort_keys=True)
