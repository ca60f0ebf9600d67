"""Say what the appearance network learns: to name the training vehicles, and to keep each near to itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import AppearanceNet, NetworkOptions, Seen
from reid.training import losses as losses_of
from reid.training.augmentation import ANY_CAMERA, USUAL_CAMERA, CameraOptions
from reid.training.batches import Batch
from reid.training.loop import LoopOptions
from reid.training.sampling import SamplingOptions


@dataclass(frozen=True, slots=True)
class LossWeights:
    """How much each lesson counts."""

    identity: float = 1.0
    triplet: float = 1.0
    circle: float = 0.1
    type: float = 0.1
    colour: float = 0.1
    heading: float = 0.1


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How to train.

    In the last `full_size_steps` pictures are as large as when served, by default while the rate falls, and shown by
    `last_camera`; before that `camera` makes them `early_side_px` large, which teaches nearly as much at half the cost.
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
    camera: CameraOptions = ANY_CAMERA
    last_camera: CameraOptions = USUAL_CAMERA
    weights: LossWeights = field(default_factory=LossWeights)


class Identities(nn.Module):
    """The network, and the classifier of training vehicles that it needs only while it learns."""

    def __init__(self, options: NetworkOptions, vehicles: int) -> None:
        super().__init__()
        self.network = AppearanceNet(options)
        self.classifier = nn.Linear(options.dims, vehicles, bias=False)
        nn.init.normal_(self.classifier.weight, std=0.001)

    def forward(self, pictures: Tensor) -> tuple[Seen, Tensor]:
        """Return what the network makes of the pictures, and the logits of the training vehicles."""
        seen = self.network(pictures)
        return seen, self.classifier(seen.after_neck)


def losses(identities: Identities, batch: Batch, options: TrainOptions) -> Mapping[str, Tensor]:
    """Return the weighted losses of a batch."""
    told = batch.to(identities.classifier.weight.device)
    seen, logits = identities(told.pictures)
    before, after = seen.before_neck.float(), seen.after_neck.float()
    weights = options.weights
    named = functional.cross_entropy(logits.float(), told.vehicle, label_smoothing=options.label_smoothing)
    return {
        "identity": weights.identity * named,
        "triplet": weights.triplet * losses_of.batch_hard_triplet(before, told.vehicle),
        "circle": weights.circle * losses_of.circle(after, told.vehicle),
        "type": weights.type * losses_of.known_cross_entropy(seen.type_logits.float(), told.type),
        "colour": weights.colour * losses_of.known_cross_entropy(seen.colour_logits.float(), told.colour),
        "heading": weights.heading * losses_of.heading_loss(seen.heading.float(), told.heading_deg),
    }
