"""Make the locator's weights from start to end: render scenes, train the heat map and corner networks, export them."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from reid.plates.networks.corners import CornersNet
from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_WIDTH_PX, MEAN, MULTIPLE_PX, SPREAD
from reid.plates.networks.locator import LocatorNet
from reid.training import checkpoint
from reid.training.loop import LoopOptions, TrainingProgress, TrainingTask, train
from reid.training.onnx_file import Ports, ServedNetwork, write_onnx, write_onnx_card
from reid.training.plates import corners, heatmap
from reid.training.plates.compose import ComposeOptions, compose
from reid.training.plates.corners import CornerBatch, CornerBatches, HardNegative, find_hard_negatives
from reid.training.plates.heatmap import LocatorBatch, LocatorBatches
from reid.training.plates.scenes import PlateScene, PlateSceneOptions, rendered_scenes
from reid.weights import Card, PictureInput

VALIDATION_SCENES = PlateSceneOptions(seed=22, scenes=400, cameras=40)
"""Held-out vehicles and cameras."""

_VALIDATED_PICTURES, _VALIDATED_CUTS = 384, 1024
_HEAT = LoopOptions(6_000, 1_200, learning_rate=2e-3, report_every=100, validate_every=500)
_CORNERS = LoopOptions(4_000, 1_200, learning_rate=8e-4, report_every=100, validate_every=500)
"""At a learning rate of 2e-3 this network did not even fit 768 training cuts."""

TASK = "plate locator"
SIDE_PX = 160


@dataclass(frozen=True, slots=True)
class LocatorRecipe:
    """All inputs of a training, and the loop of each network; batch sizes count pictures and cuts.

    `start` is the folder of an earlier training to start from.
    """

    scenes: PlateSceneOptions = field(default_factory=PlateSceneOptions)
    pictures: ComposeOptions = field(default_factory=ComposeOptions)
    heat: LoopOptions = field(default_factory=lambda: _HEAT)
    corners: LoopOptions = field(default_factory=lambda: _CORNERS)
    heat_batch: int = 32
    corners_batch: int = 64
    start: Path | None = None


def train_locator(recipe: LocatorRecipe, out: Path, cache: Path, progress: TrainingProgress) -> tuple[Card, Card]:
    """Train and write locator.onnx and plate-corners.onnx with their cards; the same recipe resumes."""
    seen = tuple(rendered_scenes(recipe.scenes, cache, progress.rendered))
    unseen = tuple(rendered_scenes(VALIDATION_SCENES, cache, progress.rendered))
    torch.manual_seed(recipe.heat.seed)
    locator, corner_network = new_networks(recipe)
    locator = train(locator, heatmap_task(recipe, seen, unseen), out / "heat", recipe.heat, progress.trained)
    hard_negatives = find_hard_negatives(locator, seen, recipe.pictures.side_px)
    task = corner_task(recipe, seen, unseen, hard_negatives)
    corner_network = train(corner_network, task, out / "corners", recipe.corners, progress.trained)
    source = f"retrace train locator --scenes {len(seen)} --steps {recipe.heat.steps} --seed {recipe.heat.seed}"
    export_locator(locator, out / "locator.onnx")
    export_corners(corner_network, out / "plate-corners.onnx")
    cut = (CUT_WIDTH_PX, CUT_HEIGHT_PX)
    return (
        write_locator_card(
            out / "locator.onnx", name="locator", source=source, size_px=(SIDE_PX, SIDE_PX), output="heat"
        ),
        write_locator_card(
            out / "plate-corners.onnx", name="plate-corners", source=source, size_px=cut, output="offsets"
        ),
    )


def new_networks(recipe: LocatorRecipe) -> tuple[LocatorNet, CornersNet]:
    """Return both networks before the first step."""
    locator, corner_network = LocatorNet(), CornersNet()
    if recipe.start is not None:
        checkpoint.load_weights(locator, recipe.start / "heat" / "best.pt")
        checkpoint.load_weights(corner_network, recipe.start / "corners" / "best.pt")
    return locator, corner_network


def heatmap_task(
    recipe: LocatorRecipe, seen: tuple[PlateScene, ...], unseen: tuple[PlateScene, ...]
) -> TrainingTask[LocatorNet, LocatorBatch]:
    """Return the task of the heat map network: the middles and rough corners of plates."""
    validated = [compose(unseen, recipe.pictures, _validation_rng(number)) for number in range(_VALIDATED_PICTURES)]
    return TrainingTask(
        make=LocatorBatches(seen, recipe.pictures, recipe.heat.seed, recipe.heat_batch),
        losses=heatmap.heatmap_losses,
        recipe=_recipe_text(recipe, recipe.heat, recipe.heat_batch),
        validate=heatmap.HeatmapValidation.of(validated),
    )


def corner_task(
    recipe: LocatorRecipe,
    seen: tuple[PlateScene, ...],
    unseen: tuple[PlateScene, ...],
    hard_negatives: tuple[HardNegative, ...],
) -> TrainingTask[CornersNet, CornerBatch]:
    """Return the task of the corner network: the offsets of rough corners, and which cuts show a plate.

    `hard_negatives` are false detections of the first network.
    """
    return TrainingTask(
        make=CornerBatches(seen, recipe.pictures, recipe.corners.seed, recipe.corners_batch, hard_negatives),
        losses=corners.corner_losses,
        recipe=_recipe_text(recipe, recipe.corners, recipe.corners_batch),
        validate=corners.CornerValidation(
            CornerBatches(unseen, recipe.pictures, VALIDATION_SCENES.seed, _VALIDATED_CUTS)(0)
        ),
    )


def export_locator(network: LocatorNet, path: Path) -> None:
    """Write the locator for any number of pictures, whose sides are multiples of grid.MULTIPLE_PX."""
    free = {"pictures": {0: "n", 2: "high", 3: "wide"}, "heat": {0: "n"}, "corners": {0: "n"}}
    example = torch.zeros(1, 3, 2 * MULTIPLE_PX, 3 * MULTIPLE_PX)
    ports = Ports(("pictures",), ("heat", "corners"), free)
    write_onnx(ServedNetwork(network, _serve_locator), (example,), path, ports, half=True)


def export_corners(network: CornersNet, path: Path) -> None:
    """Write the corner network for any number of cuts."""
    free = {name: {0: "n"} for name in ("cuts", "offsets", "chance")}
    example = torch.zeros(2, 3, CUT_HEIGHT_PX, CUT_WIDTH_PX)
    ports = Ports(("cuts",), ("offsets", "chance"), free)
    write_onnx(ServedNetwork(network, _serve_corners), (example,), path, ports, half=True)


def write_locator_card(onnx: Path, *, name: str, source: str, size_px: tuple[int, int], output: str) -> Card:
    """Write the card beside the file and return it; `size_px` is width and height."""
    picture = PictureInput(*size_px, "RGB", (MEAN,) * 3, (SPREAD,) * 3)
    return write_onnx_card(onnx, name=name, task=TASK, source=source, picture=picture, output=output)


def _serve_locator(network: LocatorNet, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Return the heat (n, h, w), 0 to 1, and the corners (n, 8, h, w)."""
    outputs = network(pictures)
    return outputs.logits[:, 0].sigmoid(), outputs.corners


def _serve_corners(network: CornersNet, cuts: Tensor) -> tuple[Tensor, Tensor]:
    """Return the offsets (n, 8) and the probabilities that the cuts show a plate (n,)."""
    outputs = network(cuts)
    return outputs.offsets, outputs.logits.sigmoid()


def _validation_rng(number: int) -> np.random.Generator:
    return np.random.default_rng([VALIDATION_SCENES.seed, 54, number])


def _recipe_text(recipe: LocatorRecipe, loop: LoopOptions, batch: int) -> str:
    """Return all options that decide the outcome as comparable text, without the number of steps."""
    parts = {"scenes": asdict(recipe.scenes), "pictures": asdict(recipe.pictures), "batch": batch}
    return json.dumps({**parts, "rate": loop.learning_rate, "seed": loop.seed}, sort_keys=True)
