"""Fine-tune a network that began with ImageNet weights: early layers stay, the later ones learn slowly."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from reid.appearance.network import AppearanceOutput
from reid.appearance.networks.efficientnet_lite import StripedNet, from_published
from reid.training import loop
from reid.training.appearance.batches import (
    AppearanceBatch,
    AppearanceBatches,
    EarlySteps,
    SamplingOptions,
    TwinSampler,
    normalise,
)
from reid.training.appearance.datasets import Crops
from reid.training.appearance.export import load_part
from reid.training.appearance.first_projection import discriminants
from reid.training.appearance.train import (
    LossWeights,
    classifier_rows,
    few_of_each,
    imprinted_classifier,
    validation_scores,
    weighted_losses,
)
from reid.training.augmentation import MILD_AUGMENTATION, STRONG_AUGMENTATION, AugmentOptions
from reid.training.loop import LogRow, LoopOptions, RateGroup

FROZEN_BLOCKS = 5
"""The stem and so many blocks stay as ImageNet left them: edges and textures, and half of the cost of learning."""

RATE_SHARES: Mapping[range, float] = {range(5, 8): 0.1, range(8, 11): 0.15, range(11, 16): 0.25}
"""Blocks of the body -> their share of the learning rate."""
PROJECTION_SHARE = 0.3
"""The share of the projection, which is no random start either."""

PICTURES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class TransferOptions:
    """How to fine-tune.

    In the last `full_size_steps` (by default while the rate falls) pictures have the size used for inference and
    `last_camera` augments them. Before that `camera` augments pictures of `early_side_px`, at half the cost.
    """

    loop: LoopOptions = field(
        default_factory=lambda: LoopOptions(
            steps=2_000,
            last_steps=500,
            learning_rate=1e-3,
            warm_up_steps=50,
            weight_decay=1e-4,
            average=0.99,
            report_every=10,
            validate_every=300,
        )
    )
    label_smoothing: float = 0.1
    full_size_steps: int | None = None
    early_side_px: int = 96
    sampling: SamplingOptions = field(default_factory=lambda: SamplingOptions(vehicles=12))
    camera: AugmentOptions = STRONG_AUGMENTATION
    last_camera: AugmentOptions = MILD_AUGMENTATION
    weights: LossWeights = field(default_factory=LossWeights)


class StripedIdentities(nn.Module):
    """The network, and the classifier of training vehicles; norms keep the statistics of ImageNet."""

    def __init__(self, vehicles: int) -> None:
        super().__init__()
        self.network = StripedNet()
        self.classifier = nn.Linear(self.network.project.out_features, vehicles, bias=False)
        for weights in _frozen(self.network):
            weights.requires_grad_(False)

    def train(self, mode: bool = True) -> "StripedIdentities":
        """Set the mode of everything but the body, whose norms keep their statistics."""
        super().train(mode)
        self.network.body.eval()
        return self

    def forward(self, pictures: Tensor) -> tuple[AppearanceOutput, Tensor]:
        """Return the network's outputs for the pictures, and the logits of the training vehicles."""
        network = self.network
        with torch.no_grad():
            begun = network.body.begin(pictures, FROZEN_BLOCKS)
        outputs = network.outputs_of(network.pool_maps(*network.body.end(begun, FROZEN_BLOCKS)))
        return outputs, self.classifier(outputs.after_neck)


def fine_tune(
    crops: Crops,
    validation: Mapping[str, Crops],
    out: Path,
    options: TransferOptions,
    report: Callable[[LogRow], None],
    *,
    begin: Callable[[StripedIdentities, Crops], None],
) -> StripedNet:
    """Return the average network that ranked the validation sets best; `begin` sets the weights of the first step."""
    torch.manual_seed(options.loop.seed)
    torch.set_num_threads(options.loop.threads)
    identities = StripedIdentities(crops.vehicles)
    if not (out / "state.pt").exists():
        begin(identities, crops)
    at_full_size = options.loop.last_steps if options.full_size_steps is None else options.full_size_steps
    early = EarlySteps(options.loop.steps - at_full_size, replace(options.camera, side_px=options.early_side_px))
    task: loop.TrainingTask[StripedIdentities, AppearanceBatch] = loop.TrainingTask(
        AppearanceBatches(
            crops, TwinSampler(crops, options.sampling), options.last_camera, early=early, seed=options.loop.seed
        ),
        lambda network, batch: _losses(network, batch, options),
        _recipe(options, crops),
        (lambda network: validation_scores(network.network, validation)) if validation else None,
        threads=True,
        rates=rate_groups,
    )
    return loop.train(identities, task, out, options.loop, report).network


def begin_as_trained(identities: StripedIdentities, crops: Crops, trained: Path) -> None:
    """Load the weights of an ONNX file with this network, and imprint the classifier."""
    identities.network.load_state_dict(load_part(trained, StripedNet).state_dict())
    identities.classifier.load_state_dict({"weight": imprinted_classifier(identities.network, crops)})


@torch.no_grad()
def begin_with_imagenet(identities: StripedIdentities, crops: Crops, published: Mapping[str, Tensor]) -> None:
    """Load ImageNet's weights, a projection that tells rendered vehicles apart, and a classifier to match."""
    network = identities.network
    network.body.load_state_dict(from_published(published))
    few = few_of_each(crops)
    pooled = _pooled(network, few)
    directions = discriminants(pooled.numpy(), few.vehicle, network.project.out_features)
    network.project.weight.copy_(torch.from_numpy(directions))
    before = network.outputs_of(pooled).before_neck
    figures = {"running_mean": before.mean(0), "running_var": before.var(0)}
    network.neck.load_state_dict({**network.neck.state_dict(), **figures})
    vectors = network.outputs_of(pooled).vector.numpy()
    identities.classifier.load_state_dict({"weight": classifier_rows(vectors, few.vehicle, crops.vehicles)})


def _pooled(network: StripedNet, crops: Crops) -> Tensor:
    """Return the pooled maps of the boxes, without their margin."""
    network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    starts = range(0, len(crops), PICTURES_AT_ONCE)
    return torch.cat([network.pooled(normalise(crops.boxes[start : start + PICTURES_AT_ONCE])) for start in starts])


def rate_groups(identities: StripedIdentities) -> Sequence[RateGroup]:
    """Return the weights that learn: blocks of the body slowly, head and classifier at the whole rate."""
    blocks = list(identities.network.body.blocks)
    groups = [
        RateGroup(
            [weights for number in numbers for weights in blocks[number].parameters() if weights.requires_grad], share
        )
        for numbers, share in RATE_SHARES.items()
    ]
    groups.append(RateGroup(list(identities.network.project.parameters()), PROJECTION_SHARE))
    slow = {id(weights) for group in groups for weights in group.weights}
    fast = [weights for weights in identities.parameters() if weights.requires_grad and id(weights) not in slow]
    return [*groups, RateGroup(fast, 1.0)]


def _frozen(network: StripedNet) -> Iterator[nn.Parameter]:
    """Yield the weights that do not learn: the early layers, and all filters that look at one channel.

    On a processor the gradient of those filters costs more than all the rest.
    """
    body = network.body
    yield from (*body.stem.parameters(), *body.stem_norm.parameters())
    for number, block in enumerate(body.blocks):
        yield from (block if number < FROZEN_BLOCKS else block.get_submodule("depthwise")).parameters()


def _losses(identities: StripedIdentities, batch: AppearanceBatch, options: TransferOptions) -> Mapping[str, Tensor]:
    labels = batch.to(identities.classifier.weight.device)
    outputs, logits = identities(labels.pictures)
    return weighted_losses(outputs, logits, labels, options.weights, label_smoothing=options.label_smoothing)


def _recipe(options: TransferOptions, crops: Crops) -> str:
    document = {**asdict(options), "pictures": len(crops), "vehicles": crops.vehicles}
    for left_out in ("steps", "last_steps", "threads", "loaders", "save_every_s"):
        del document["loop"][left_out]
    return json.dumps(document, sort_keys=True)
