"""Train the locator: scenes rendered once, two networks taught by pictures composed of them, ONNX files with cards."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from reid.plates.networks.corners import CornersNet
from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_WIDTH_PX
from reid.plates.networks.locator import LocatorNet
from reid.training import checkpoint
from reid.training.loop import Lessons, LoopOptions, train
from reid.training.plates import corners, heat
from reid.training.plates.compose import ComposeOptions, compose
from reid.training.plates.corner_batches import CornerBatch, CornerBatches
from reid.training.plates.decoys import Decoy, find_decoys
from reid.training.plates.export_locator import SIDE_PX, export_corners, export_locator, write_locator_card
from reid.training.plates.locator_batches import LocatorBatch, LocatorBatches
from reid.training.plates.scenes import Scene, SceneOptions, rendered_scenes
from reid.training.table import Row
from reid.weights import Card

VALIDATION = SceneOptions(seed=22, scenes=400, cameras=40)
"""Vehicles and cameras that no training renders."""

_VALIDATED_PICTURES, _VALIDATED_CUTS = 384, 1024
_HEAT = LoopOptions(6_000, 1_200, learning_rate=2e-3, report_every=100, validate_every=500)
_CORNERS = LoopOptions(4_000, 1_200, learning_rate=8e-4, report_every=100, validate_every=500)
"""At a rate of 2e-3 this network did not even learn 768 cuts by heart."""


@dataclass(frozen=True, slots=True)
class LocatorRecipe:
    """What goes in and how long each network looks at it; batches are of pictures and of cuts.

    `start` is the folder of an earlier training to go on from with other pictures.
    """

    scenes: SceneOptions = field(default_factory=SceneOptions)
    pictures: ComposeOptions = field(default_factory=ComposeOptions)
    heat: LoopOptions = field(default_factory=lambda: _HEAT)
    corners: LoopOptions = field(default_factory=lambda: _CORNERS)
    heat_batch: int = 32
    corners_batch: int = 64
    start: Path | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Who is told how far it is: scenes rendered, of how many; each line of the trainings' tables."""

    rendered: Callable[[int, int], None]
    trained: Callable[[Row], None]


def follow(recipe: LocatorRecipe, out: Path, cache: Path, progress: Progress) -> tuple[Card, Card]:
    """Write locator.onnx and plate-corners.onnx with their cards; the same recipe goes on where it was stopped."""
    seen = tuple(rendered_scenes(recipe.scenes, cache, progress.rendered))
    unseen = tuple(rendered_scenes(VALIDATION, cache, progress.rendered))
    torch.manual_seed(recipe.heat.seed)
    finder, setter = fresh(recipe)
    finder = train(finder, heat_lessons(recipe, seen, unseen), out / "heat", recipe.heat, progress.trained)
    decoys = find_decoys(finder, seen, recipe.pictures.side_px)
    lessons = corner_lessons(recipe, seen, unseen, decoys)
    setter = train(setter, lessons, out / "corners", recipe.corners, progress.trained)
    source = f"retrace train locator --scenes {len(seen)} --steps {recipe.heat.steps} --seed {recipe.heat.seed}"
    export_locator(finder, out / "locator.onnx")
    export_corners(setter, out / "plate-corners.onnx")
    cut = (CUT_WIDTH_PX, CUT_HEIGHT_PX)
    return (
        write_locator_card(
            out / "locator.onnx", name="locator", source=source, size_px=(SIDE_PX, SIDE_PX), output="heat"
        ),
        write_locator_card(
            out / "plate-corners.onnx", name="plate-corners", source=source, size_px=cut, output="offsets"
        ),
    )


def fresh(recipe: LocatorRecipe) -> tuple[LocatorNet, CornersNet]:
    """Return both networks as they are before the first step."""
    finder, setter = LocatorNet(), CornersNet()
    if recipe.start is not None:
        checkpoint.begin_with(finder, recipe.start / "heat" / "best.pt")
        checkpoint.begin_with(setter, recipe.start / "corners" / "best.pt")
    return finder, setter


def heat_lessons(
    recipe: LocatorRecipe, seen: tuple[Scene, ...], unseen: tuple[Scene, ...]
) -> Lessons[LocatorNet, LocatorBatch]:
    """Return what the first network learns: where plates are, and roughly how they lie."""
    validated = [compose(unseen, recipe.pictures, _chance(number)) for number in range(_VALIDATED_PICTURES)]
    return Lessons(
        make=LocatorBatches(seen, recipe.pictures, recipe.heat.seed, recipe.heat_batch),
        losses=heat.losses,
        recipe=_told(recipe, recipe.heat, recipe.heat_batch),
        validate=heat.Validation.of(validated),
    )


def corner_lessons(
    recipe: LocatorRecipe, seen: tuple[Scene, ...], unseen: tuple[Scene, ...], decoys: tuple[Decoy, ...]
) -> Lessons[CornersNet, CornerBatch]:
    """Return what the second network learns: how far rough corners are off, and what is a plate at all.

    `decoys` are what the first one takes for plates wrongly.
    """
    return Lessons(
        make=CornerBatches(seen, recipe.pictures, recipe.corners.seed, recipe.corners_batch, decoys),
        losses=corners.losses,
        recipe=_told(recipe, recipe.corners, recipe.corners_batch),
        validate=corners.Validation(CornerBatches(unseen, recipe.pictures, VALIDATION.seed, _VALIDATED_CUTS)(0)),
    )


def _chance(number: int) -> np.random.Generator:
    return np.random.default_rng([VALIDATION.seed, 54, number])


def _told(recipe: LocatorRecipe, loop: LoopOptions, batch: int) -> str:
    """Say what decides the outcome; how long it may go on is not part of it."""
    parts = {"scenes": asdict(recipe.scenes), "pictures": asdict(recipe.pictures), "batch": batch}
    return json.dumps({**parts, "rate": loop.learning_rate, "seed": loop.seed}, sort_keys=True)
