"""Carry out the whole recipe of the appearance weights: render, add real pictures, train, export, write the card."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from torch import Tensor

from reid.errors import SeeingError
from reid.evaluation.pairs import PairFiles, pair_files
from reid.training import checkpoint
from reid.training.appearance import train
from reid.training.batches import normalise
from reid.training.colour_head import teach_colours
from reid.training.datasets import BOX_SIDE_PX, Crops, join
from reid.training.export import export_onnx, write_appearance_card
from reid.training.identities import TrainOptions
from reid.training.reload import find_norms, network_of
from reid.training.rendered import RenderOptions, rendered_crops
from reid.training.table import Row
from reid.training.two_cameras import read_crops
from reid.weights import Card

VALIDATION = RenderOptions(seed=2, vehicles=48, cameras=20)
"""Vehicles, models and cameras that no training renders."""

PICTURES_FOR_NORMS = 512
"""So many tell the norms that an ONNX file has no longer."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes in. `more` are further rendered vehicles, past further cameras.

    `real` is a folder of NAME_cam1.jpg and NAME_cam2.jpg, of which the train part teaches, and the validation part too
    unless `real_validates`; `real_share` of the vehicles of each batch come from there. `start` is what to go on from
    with other pictures: the `best.pt` of an earlier training, or an ONNX file of ours, such as the packaged one.
    """

    render: RenderOptions = field(default_factory=RenderOptions)
    more: tuple[RenderOptions, ...] = ()
    train: TrainOptions = field(default_factory=TrainOptions)
    real: Path | None = None
    real_share: float = 0.2
    real_validates: bool = True
    start: Path | None = None
    name: str = "appearance"


@dataclass(frozen=True, slots=True)
class Progress:
    """Who is told how far it is: models rendered, of how many; each line of the training's table."""

    rendered: Callable[[int, int], None]
    trained: Callable[[Row], None]


def follow(recipe: Recipe, out: Path, cache: Path, progress: Progress) -> Card:
    """Write `out`/NAME.onnx and its card; the same recipe goes on where it was stopped."""
    crops = _rendered(recipe, cache, progress)
    validation = {"rendered": rendered_crops(VALIDATION, cache, progress.rendered)}
    options = recipe.train
    if recipe.real is not None:
        pairs = pair_files(recipe.real)
        teaching = ("train",) if recipe.real_validates else ("train", "validation")
        crops = join([crops, read_crops(_parts(pairs, *teaching), more=True)])
        if recipe.real_validates:
            validation["real"] = read_crops(_parts(pairs, "validation"), more=False)
        shares = (1 - recipe.real_share, recipe.real_share)
        options = replace(options, sampling=replace(options.sampling, source_shares=shares))
    start = None if recipe.start is None else _network(recipe.start, crops)
    network = train(crops, validation, out, options, progress.trained, start=start)
    teach_colours(network, crops, seed=options.loop.seed)
    onnx = out / f"{recipe.name}.onnx"
    export_onnx(network, onnx, side_px=BOX_SIDE_PX)
    return write_appearance_card(onnx, name=recipe.name, side_px=BOX_SIDE_PX, source=_source(recipe, crops))


def _rendered(recipe: Recipe, cache: Path, progress: Progress) -> Crops:
    """Return the rendered pictures of all seeds as one source."""
    every = join([rendered_crops(one, cache, progress.rendered) for one in (recipe.render, *recipe.more)])
    return replace(every, source=np.zeros_like(every.source))


def _network(start: Path, crops: Crops) -> dict[str, Tensor]:
    """Return the network's weights of an ONNX file, or of a `best.pt` without the classifier of its training."""
    if start.suffix == ".onnx":
        network = network_of(start)
        find_norms(network, normalise(crops.boxes[:: len(crops) // PICTURES_FOR_NORMS + 1]))
        return network.state_dict()
    kept = checkpoint.read(start).get("network", {})
    weights = {name.removeprefix("network."): value for name, value in kept.items() if name.startswith("network.")}
    if not weights:
        raise SeeingError(f"{start} holds no weights of this network: give the best.pt of an earlier one")
    return weights


def _parts(pairs: list[PairFiles], *parts: str) -> list[PairFiles]:
    return [pair for pair in pairs if pair.part in parts]


def _source(recipe: Recipe, crops: Crops) -> str:
    parts = "train part" if recipe.real_validates else "train and validation parts"
    real = f" and the {parts} of a folder of real pairs" if recipe.real is not None else ""
    return f"retrace train appearance, seed {recipe.train.loop.seed}: {len(crops)} pictures, rendered{real}"
