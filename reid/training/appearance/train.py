"""Train the appearance network: options, losses, the training task and the scores that choose the best step."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import AppearanceNet, AppearanceOutput, NetworkOptions, VehicleNet
from reid.arrays import Floats32, Ints
from reid.evaluation.protocols import Labelled, Ranks, rank_gallery
from reid.training import loop
from reid.training.appearance import losses as losses_of
from reid.training.appearance.batches import (
    AppearanceBatch,
    AppearanceBatches,
    EarlySteps,
    SamplingOptions,
    TwinSampler,
    normalise,
)
from reid.training.appearance.datasets import Crops
from reid.training.appearance.distillation import TaughtWeights, reduced, relation_loss, turned_to, vector_loss
from reid.training.augmentation import MILD_AUGMENTATION, STRONG_AUGMENTATION, AugmentOptions
from reid.training.loop import LogRow, LoopOptions

PICTURES_AT_ONCE = 128
IMPRINTED_PICTURES, IMPRINTED_LENGTH = 4, 0.8
"""Pictures averaged for each row of a new classifier, and the length of its rows, as in trained classifiers."""


@dataclass(frozen=True, slots=True)
class LossWeights:
    """The weight of each loss."""

    identity: float = 1.0
    triplet: float = 1.0
    circle: float = 0.1
    type: float = 0.1
    colour: float = 0.1
    heading: float = 0.1


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How to train.

    In the last `full_size_steps` (by default while the learning rate falls) pictures have the size used for inference
    and `last_camera` augments them. Before that `camera` augments pictures of `early_side_px`: nearly as good, at half
    the cost.
    """

    loop: LoopOptions = field(
        default_factory=lambda: LoopOptions(
            steps=10_000,
            last_steps=1_000,
            learning_rate=1.2e-3,
            weight_decay=5e-4,
            average=0.995,
            report_every=500,
            validate_every=500,
        )
    )
    label_smoothing: float = 0.1
    full_size_steps: int | None = None
    early_side_px: int = 96
    network: NetworkOptions = field(default_factory=NetworkOptions)
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    camera: AugmentOptions = STRONG_AUGMENTATION
    last_camera: AugmentOptions = MILD_AUGMENTATION
    weights: LossWeights = field(default_factory=LossWeights)
    taught: TaughtWeights = field(default_factory=TaughtWeights)


class IdentityNet(nn.Module):
    """The appearance network with a classifier of the training vehicles, which only training needs."""

    def __init__(self, options: NetworkOptions, vehicles: int) -> None:
        super().__init__()
        self.network = AppearanceNet(options)
        self.classifier = nn.Linear(options.dims, vehicles, bias=False)
        nn.init.normal_(self.classifier.weight, std=0.001)

    def forward(self, pictures: Tensor) -> tuple[AppearanceOutput, Tensor]:
        """Return the network's outputs for the pictures, and the logits of the training vehicles."""
        outputs = self.network(pictures)
        return outputs, self.classifier(outputs.after_neck)


def identity_losses(identities: IdentityNet, batch: AppearanceBatch, options: TrainOptions) -> Mapping[str, Tensor]:
    """Return the weighted losses of a batch."""
    labels = batch.to(identities.classifier.weight.device)
    outputs, logits = identities(labels.pictures)
    labelled = weighted_losses(outputs, logits, labels, options.weights, label_smoothing=options.label_smoothing)
    return {**labelled, **taught_losses(outputs, labels, options.taught)}


def taught_losses(outputs: AppearanceOutput, labels: AppearanceBatch, weights: TaughtWeights) -> Mapping[str, Tensor]:
    """Return the weighted losses of what a teacher says of the pictures, none without a teacher."""
    if labels.taught.shape[1] == 0:
        return {}
    vectors = outputs.vector.float()
    return {
        "vector": weights.vector * vector_loss(vectors, labels.taught),
        "relation": weights.relation * relation_loss(vectors, labels.taught, weights.temperature),
    }


def weighted_losses(
    outputs: AppearanceOutput, logits: Tensor, labels: AppearanceBatch, weights: LossWeights, *, label_smoothing: float
) -> Mapping[str, Tensor]:
    """Return the weighted losses of a network's outputs; `logits` are those of the training vehicles."""
    before, after = outputs.before_neck.float(), outputs.after_neck.float()
    named = functional.cross_entropy(logits.float(), labels.vehicle, label_smoothing=label_smoothing)
    return {
        "identity": weights.identity * named,
        "triplet": weights.triplet * losses_of.batch_hard_triplet(before, labels.vehicle),
        "circle": weights.circle * losses_of.circle(after, labels.vehicle),
        "type": weights.type * losses_of.known_cross_entropy(outputs.type_logits.float(), labels.type),
        "colour": weights.colour * losses_of.known_cross_entropy(outputs.colour_logits.float(), labels.colour),
        "heading": weights.heading * losses_of.heading_loss(outputs.heading.float(), labels.heading_deg),
    }


def train_network(
    crops: Crops,
    validation: Mapping[str, Crops],
    out: Path,
    options: TrainOptions,
    report: Callable[[LogRow], None],
    *,
    start: Mapping[str, Tensor] | None = None,
    teacher: Floats32 | None = None,
) -> AppearanceNet:
    """Return the averaged network of the step with the best validation mAP, the mean over the validation sets.

    `start` are weights of another training to start from; `teacher` (n, d) are another network's vectors of the crops,
    which this one's are to follow.
    """
    torch.manual_seed(options.loop.seed)
    identities = IdentityNet(options.network, crops.vehicles)
    if start is not None:
        identities.network.load_state_dict(start)
        identities.classifier.load_state_dict({"weight": imprinted_classifier(identities.network, crops)})
    taught = (
        None
        if teacher is None
        else turned_to(reduced(teacher, options.network.dims), vectors_of(identities.network, crops))
    )
    at_full_size = options.loop.last_steps if options.full_size_steps is None else options.full_size_steps
    early = EarlySteps(options.loop.steps - at_full_size, replace(options.camera, side_px=options.early_side_px))
    seed = options.loop.seed
    task: loop.TrainingTask[IdentityNet, AppearanceBatch] = loop.TrainingTask(
        AppearanceBatches(
            crops, TwinSampler(crops, options.sampling), options.last_camera, early=early, seed=seed, taught=taught
        ),
        lambda network, batch: identity_losses(network, batch, options),
        recipe_text(options, crops, teacher),
        (lambda network: validation_scores(network.network, validation)) if validation else None,
        threads=True,
    )
    return loop.train(identities, task, out, options.loop, report).network


def rank(network: VehicleNet, crops: Crops) -> Ranks:
    """Rank all pictures of the other cameras for each picture."""
    embedded = Labelled(vectors_of(network, crops), crops.vehicle, crops.camera)
    return rank_gallery(embedded, embedded, own_camera="junk")


@torch.no_grad()
def vectors_of(network: VehicleNet, crops: Crops) -> Floats32:
    """Return the vectors of the boxes, cut without their margin."""
    network.eval()
    device = next(network.parameters()).device
    blocks = [
        network(normalise(crops.boxes[start : start + PICTURES_AT_ONCE]).to(device)).vector.float().cpu().numpy()
        for start in range(0, len(crops), PICTURES_AT_ONCE)
    ]
    return np.concatenate(blocks)


def imprinted_classifier(network: VehicleNet, crops: Crops) -> Tensor:
    """Return classifier weights (vehicles, d) imprinted from the network's own vectors.

    Each row is the mean of a few vectors of one vehicle (Qi et al., "Low-Shot Learning with Imprinted Weights", 2018,
    section 3.1), so that a random classifier does not disturb a network that is already trained.
    """
    few = few_of_each(crops)
    return classifier_rows(vectors_of(network, few), few.vehicle, crops.vehicles)


def few_of_each(crops: Crops) -> Crops:
    """Return the first few pictures of each vehicle."""
    order = np.argsort(crops.vehicle, kind="stable")
    counts = np.bincount(crops.vehicle, minlength=crops.vehicles)
    turn = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    return crops.take(order[turn < IMPRINTED_PICTURES])


def classifier_rows(vectors: Floats32, vehicle: Ints, vehicles: int) -> Tensor:
    """Return a row of the classifier for each vehicle (vehicles, d): the mean of its vectors (n, d)."""
    sums = np.zeros((vehicles, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, vehicle, vectors)
    return IMPRINTED_LENGTH * functional.normalize(torch.from_numpy(sums), dim=1)


def recipe_text(options: TrainOptions, crops: Crops, teacher: Floats32 | None) -> str:
    """Return all options that decide the outcome as comparable text; those of length and speed are left out."""
    taught = None if teacher is None else hashlib.sha256(teacher.tobytes()).hexdigest()
    document = {**asdict(options), "pictures": len(crops), "vehicles": crops.vehicles, "teacher": taught}
    for left_out in ("steps", "threads", "loaders", "save_every_s"):
        del document["loop"][left_out]
    return json.dumps(document, sort_keys=True)


def validation_scores(network: VehicleNet, validation: Mapping[str, Crops]) -> Mapping[str, float]:
    """Return the mean mAP over the validation sets, then mAP and rank-1 of each."""
    ranks = {name: rank(network, held) for name, held in validation.items()}
    scores = {"map": float(np.mean([one.mean_precision for one in ranks.values()]))}
    for name, one in ranks.items():
        scores |= {f"{name}_map": one.mean_precision, f"{name}_rank1": one.hit(1)}
    return scores
