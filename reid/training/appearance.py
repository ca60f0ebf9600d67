"""Train the appearance network to the end: its lessons, and what its average is judged by."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reid.appearance.network import AppearanceNet
from reid.evaluation.protocols import Labelled, Ranks, rank_gallery
from reid.training import loop
from reid.training.batches import Batch, BatchMaker, Early, normalise
from reid.training.datasets import Crops
from reid.training.identities import Identities, TrainOptions, losses
from reid.training.sampling import TwinSampler
from reid.training.table import Row

PICTURES_AT_ONCE = 128
IMPRINTED_PICTURES, IMPRINTED_LENGTH = 4, 0.8
"""So many pictures make a row of a classifier that begins, and as long as those that a training left it is."""


def train(
    crops: Crops,
    validation: Mapping[str, Crops],
    out: Path,
    options: TrainOptions,
    report: Callable[[Row], None],
    *,
    start: Mapping[str, Tensor] | None = None,
) -> AppearanceNet:
    """Return the average network of the step whose validation mAP, meant over the sets, was best.

    `start` are the weights to begin with, those of another training.
    """
    torch.manual_seed(options.loop.seed)
    identities = Identities(options.network, crops.vehicles)
    if start is not None:
        identities.network.load_state_dict(start)
        identities.classifier.load_state_dict({"weight": imprinted(identities.network, crops)})
    at_full_size = options.loop.last_steps if options.full_size_steps is None else options.full_size_steps
    early = Early(options.loop.steps - at_full_size, replace(options.camera, side_px=options.early_side_px))
    seed = options.loop.seed
    lessons: loop.Lessons[Identities, Batch] = loop.Lessons(
        BatchMaker(crops, TwinSampler(crops, options.sampling), options.last_camera, early=early, seed=seed),
        lambda network, batch: losses(network, batch, options),
        recipe(options, crops),
        (lambda network: _scores(network.network, validation)) if validation else None,
        threads=True,
    )
    return loop.train(identities, lessons, out, options.loop, report).network


def rank(network: AppearanceNet, crops: Crops) -> Ranks:
    """Rank all pictures of the other cameras for each picture."""
    seen = Labelled(vectors_of(network, crops), crops.vehicle, crops.camera)
    return rank_gallery(seen, seen, own_camera="junk")


@torch.no_grad()
def vectors_of(network: AppearanceNet, crops: Crops) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return the vectors of the boxes, without their margin."""
    network.eval()
    device = next(network.parameters()).device
    blocks = [
        network(normalise(crops.boxes[start : start + PICTURES_AT_ONCE]).to(device)).vector.float().cpu().numpy()
        for start in range(0, len(crops), PICTURES_AT_ONCE)
    ]
    return np.concatenate(blocks)


def imprinted(network: AppearanceNet, crops: Crops) -> Tensor:
    """Return a classifier (vehicles, d) that knows the vehicles as well as the network does already.

    Its rows point to the mean of some vectors of each vehicle (Qi et al., "Low-Shot Learning with Imprinted Weights",
    2018, section 3.1): a network that has learned before is not led astray by a classifier that knows nothing.
    """
    order = np.argsort(crops.vehicle, kind="stable")
    counts = np.bincount(crops.vehicle, minlength=crops.vehicles)
    turn = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    some = crops.take(order[turn < IMPRINTED_PICTURES])
    sums = np.zeros((crops.vehicles, network.project.out_features), dtype=np.float32)
    np.add.at(sums, some.vehicle, vectors_of(network, some))
    return IMPRINTED_LENGTH * functional.normalize(torch.from_numpy(sums), dim=1)


def recipe(options: TrainOptions, crops: Crops) -> str:
    """Return what decides the outcome, as text that two runs can compare; how long and how fast is left out."""
    told = {**asdict(options), "pictures": len(crops), "vehicles": crops.vehicles}
    for told_elsewhere in ("steps", "threads", "loaders", "save_every_s"):
        del told["loop"][told_elsewhere]
    return json.dumps(told, sort_keys=True)


def _scores(network: AppearanceNet, validation: Mapping[str, Crops]) -> Mapping[str, float]:
    ranks = {name: rank(network, held) for name, held in validation.items()}
    scores = {"map": float(np.mean([one.mean_precision for one in ranks.values()]))}
    for name, one in ranks.items():
        scores |= {f"{name}_map": one.mean_precision, f"{name}_rank1": one.hit(1)}
    return scores
