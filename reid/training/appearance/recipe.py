"""Make the appearance weights from start to end: render, add real pictures, train, export, write the card."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from torch import Tensor

from reid.appearance.embedders import Embedder, EmbedderOptions, OnnxEmbedder
from reid.appearance.network import AppearanceNet
from reid.errors import SeeingError
from reid.evaluation.pairs import PairFiles, pair_files
from reid.training import checkpoint
from reid.training.appearance.batches import normalise
from reid.training.appearance.colour_head import refit_colour_head
from reid.training.appearance.datasets import BOX_SIDE_PX, Crops, join
from reid.training.appearance.distillation import teacher_vectors
from reid.training.appearance.export import export_onnx, load_part, restore_norms, write_appearance_card
from reid.training.appearance.real_pairs import read_real_crops
from reid.training.appearance.rendered import RenderOptions, rendered_crops
from reid.training.appearance.train import TrainOptions, train_network
from reid.training.loop import TrainingProgress
from reid.weights import Card, file_sha256, weights_at

VALIDATION = RenderOptions(seed=2, vehicles=48, cameras=20)
"""Held-out vehicles, models and cameras."""

PICTURES_FOR_NORMS = 512
"""Pictures that restore the statistics of norms that an ONNX file has folded away."""


@dataclass(frozen=True, slots=True)
class AppearanceRecipe:
    """All inputs of a training. `more` are further sets of rendered vehicles and cameras.

    `real` is a folder of NAME_cam1.jpg and NAME_cam2.jpg: its train part is trained on, its validation part too unless
    `real_validates`; `real_share` of the vehicles of each batch are real. `start` is the `best.pt` of an earlier
    training or one of our ONNX files, such as the packaged one. `teacher` is an ONNX file with its card beside it:
    the network learns to find the same pictures similar as it does.
    """

    render: RenderOptions = field(default_factory=RenderOptions)
    more: tuple[RenderOptions, ...] = ()
    train: TrainOptions = field(default_factory=TrainOptions)
    real: Path | None = None
    real_share: float = 0.2
    real_validates: bool = True
    start: Path | None = None
    teacher: Path | None = None
    name: str = "appearance"


def train_appearance(recipe: AppearanceRecipe, out: Path, cache: Path, progress: TrainingProgress) -> Card:
    """Train and write `out`/NAME.onnx and its card; the same recipe resumes where it was stopped."""
    crops = _rendered(recipe, cache, progress)
    validation = {"rendered": rendered_crops(VALIDATION, cache, progress.rendered)}
    options = recipe.train
    if recipe.real is not None:
        pairs = pair_files(recipe.real)
        teaching = ("train",) if recipe.real_validates else ("train", "validation")
        crops = join([crops, read_real_crops(_parts(pairs, *teaching), more=True)])
        if recipe.real_validates:
            validation["real"] = read_real_crops(_parts(pairs, "validation"), more=False)
        shares = (1 - recipe.real_share, recipe.real_share)
        options = replace(options, sampling=replace(options.sampling, source_shares=shares))
    start = None if recipe.start is None else _start_weights(recipe.start, crops)
    taught = None if recipe.teacher is None else teacher_vectors(crops, _teacher(recipe.teacher, options.loop.threads))
    network = train_network(crops, validation, out, options, progress.trained, start=start, teacher=taught)
    refit_colour_head(network, crops, seed=options.loop.seed)
    onnx = out / f"{recipe.name}.onnx"
    export_onnx(network, onnx, side_px=BOX_SIDE_PX)
    return write_appearance_card(onnx, name=recipe.name, side_px=BOX_SIDE_PX, source=_source(recipe, crops))


def _rendered(recipe: AppearanceRecipe, cache: Path, progress: TrainingProgress) -> Crops:
    """Return the rendered pictures of all seeds as one source."""
    every = join([rendered_crops(one, cache, progress.rendered) for one in (recipe.render, *recipe.more)])
    return replace(every, source=np.zeros_like(every.source))


def _start_weights(start: Path, crops: Crops) -> dict[str, Tensor]:
    """Return the network's weights from an ONNX file, or from a `best.pt` without its classifier."""
    if start.suffix == ".onnx":
        network = load_part(start, AppearanceNet)
        restore_norms(network, normalise(crops.boxes[:: len(crops) // PICTURES_FOR_NORMS + 1]))
        return network.state_dict()
    kept = checkpoint.read(start).get("network", {})
    weights = {name.removeprefix("network."): value for name, value in kept.items() if name.startswith("network.")}
    if not weights:
        raise SeeingError(f"{start} holds no weights of this network: give the best.pt of an earlier one")
    return weights


def _teacher(onnx: Path, threads: int) -> Embedder:
    """Return the embedder of an ONNX file with its card beside it."""
    return OnnxEmbedder(weights_at(onnx), EmbedderOptions(threads))


def _parts(pairs: list[PairFiles], *parts: str) -> list[PairFiles]:
    return [pair for pair in pairs if pair.part in parts]


def _source(recipe: AppearanceRecipe, crops: Crops) -> str:
    parts = "train part" if recipe.real_validates else "train and validation parts"
    real = f" and the {parts} of a folder of real pairs" if recipe.real is not None else ""
    taught = "" if recipe.teacher is None else f", taught by the file of SHA-256 {file_sha256(recipe.teacher)}"
    return f"retrace train appearance, seed {recipe.train.loop.seed}: {len(crops)} pictures, rendered{real}{taught}"
