"""Fine-tune the appearance network on pictures with partial labels: some pairs are same, some are different."""

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import AppearanceOutput, VehicleNet
from reid.appearance.networks.joined import JoinedNet
from reid.arrays import Flags, Ints
from reid.training.appearance import losses
from reid.training.appearance.batches import normalise
from reid.training.appearance.datasets import Pictures
from reid.training.augmentation import AugmentOptions, augmented
from reid.training.loop import LogRow, LoopOptions, TrainingTask, train

LINKED_SHARE = 0.6
"""Share of a batch for vehicles known on two cameras or more; the rest is drawn from all vehicles."""


@dataclass(frozen=True, slots=True)
class TuningLabels:
    """Labels of n pictures (n, side, side, 3), boxes with their margin.

    `vehicle` (n,) numbers known vehicles from 0, `camera` (n,) is the camera of each picture; `negatives` (v, v) marks
    pairs of numbers that are certainly two vehicles. Nothing is known of the other pairs.
    """

    pictures: Pictures
    vehicle: Ints
    camera: Ints
    negatives: Flags

    def digest(self) -> str:
        """Return a hash of pictures and labels, so that no training resumes with others."""
        parts = (self.pictures, self.vehicle, self.camera, self.negatives)
        return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """Length and strength of tuning; `stay` is the weight of the loss that holds the network near its old outputs.

    Few vehicles are labelled, so the vectors must not drift away from what the network learned before.
    """

    steps: int = 400
    last_steps: int = 200
    learning_rate: float = 1e-4
    vehicles: int = 16
    pictures_of_vehicle: int = 4
    circle: float = 0.1
    stay: float = 3.0
    seed: int = 0
    threads: int = 1
    camera: AugmentOptions = field(default_factory=AugmentOptions)


def tune(
    network: VehicleNet, known: TuningLabels, out: Path, options: TuneOptions, report: Callable[[LogRow], None]
) -> VehicleNet:
    """Return the tuned network, the average of its last steps; `out` holds the state to resume from."""
    tuned = TunedNet(copy.deepcopy(network))
    loop = LoopOptions(
        options.steps,
        options.last_steps,
        options.learning_rate,
        warm_up_steps=20,
        average=0.99,
        seed=options.seed,
        threads=options.threads,
        loaders=0,
        save_every_s=20.0,
        report_every=50,
    )
    recipe = json.dumps({**asdict(options), "threads": 1, "known": known.digest()}, sort_keys=True)
    task = TrainingTask(_TuningBatches(known, options), _TuningLosses(copy.deepcopy(network).eval(), options), recipe)
    return train(tuned, task, out, loop, report).network


class TunedNet(nn.Module):
    """A network with frozen batch norms: their statistics come from far more pictures than tuning has.

    Of two joined networks the second stays as it is: it is the larger one, and began with real pictures.
    """

    def __init__(self, network: VehicleNet) -> None:
        super().__init__()
        self.network = network
        if isinstance(network, JoinedNet):
            network.second.requires_grad_(False)

    def forward(self, pictures: Tensor) -> AppearanceOutput:
        """Return the network's outputs for the pictures."""
        outputs: AppearanceOutput = self.network(pictures)
        return outputs

    def train(self, mode: bool = True) -> "TunedNet":
        """Train everything but the statistics of the norms."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.eval()
        return self


@dataclass(frozen=True, slots=True)
class _TuningBatch:
    """Normalised pictures (n, 3, s, s), their vehicles (n,), and which pairs are known to differ (n, n)."""

    pictures: Tensor
    vehicle: Tensor
    negatives: Tensor


@dataclass(frozen=True, slots=True)
class _TuningLosses:
    """The losses of a batch; `start` is the network before tuning."""

    start: VehicleNet
    options: TuneOptions

    def __call__(self, network: TunedNet, batch: _TuningBatch) -> Mapping[str, Tensor]:
        device = next(network.parameters()).device
        pictures = batch.pictures.to(device, memory_format=torch.channels_last)
        vehicle, negatives = batch.vehicle.to(device), batch.negatives.to(device)
        with torch.no_grad():
            before = self.start.to(device)(pictures)
        now = network(pictures)
        moved = 1 - functional.cosine_similarity(now.vector.float(), before.vector.float()).mean()
        heads = [(now.type_logits, before.type_logits), (now.colour_logits, before.colour_logits)]
        head_losses = [
            functional.mse_loss(new.float(), old.float()) for new, old in [*heads, (now.heading, before.heading)]
        ]
        return {
            "triplet": losses.batch_hard_triplet(now.before_neck.float(), vehicle, negatives),
            "circle": self.options.circle * losses.circle(now.after_neck.float(), vehicle, negatives),
            "stay": self.options.stay * moved,
            "heads": 0.1 * torch.stack(head_losses).sum(),
        }


@dataclass(frozen=True, slots=True)
class _TuningBatches:
    """Makes the batch of any step; vehicles without a link are followed by a known different one, as a negative."""

    known: TuningLabels
    options: TuneOptions

    def __call__(self, step: int) -> _TuningBatch:
        rng = np.random.default_rng([self.options.seed, 41, step])
        vehicles = self._drawn(rng)
        rows = np.concatenate([self._pictures(vehicle, rng) for vehicle in vehicles])
        augmented_pictures = [augmented(self.known.pictures[row], self.options.camera, rng)[0] for row in rows.tolist()]
        own = self.known.vehicle[rows]
        negatives = self.known.negatives[np.ix_(own, own)]
        return _TuningBatch(normalise(np.stack(augmented_pictures)), torch.from_numpy(own), torch.from_numpy(negatives))

    def _drawn(self, rng: np.random.Generator) -> list[int]:
        """Return vehicles, linked ones first, then others, each of these followed by a known different one if any."""
        linked = rng.permutation(_linked_vehicles(self.known)).tolist()
        others = rng.permutation(np.unique(self.known.vehicle)).tolist()
        count = self.options.vehicles
        chosen: dict[int, None] = {}
        for vehicle in [*linked[: round(LINKED_SHARE * count)], *others]:
            if len(chosen) >= count:
                break
            chosen[vehicle] = None
            negatives = np.flatnonzero(self.known.negatives[vehicle])
            if len(negatives) and len(chosen) < count and vehicle not in linked:
                chosen[int(rng.choice(negatives))] = None
        return list(chosen)

    def _pictures(self, vehicle: int, rng: np.random.Generator) -> Ints:
        """Return rows of one vehicle from as many cameras as possible; rows repeat if there are too few."""
        rows = rng.permutation(np.flatnonzero(self.known.vehicle == vehicle))
        cameras = self.known.camera[rows]
        turn = np.array([int((cameras[:place] == camera).sum()) for place, camera in enumerate(cameras)])
        return np.resize(rows[np.argsort(turn, kind="stable")], self.options.pictures_of_vehicle)


def _linked_vehicles(known: TuningLabels) -> Ints:
    """Return the vehicles known on two cameras or more."""
    pairs = np.unique(np.stack([known.vehicle, known.camera]), axis=1)
    vehicles, cameras = np.unique(pairs[0], return_counts=True)
    return vehicles[cameras > 1]
