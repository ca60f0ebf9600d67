"""Change the appearance network step by step, and say all that a restart needs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from reid.appearance.network import AppearanceNet, NetworkOptions
from reid.errors import SeeingError
from reid.training import losses
from reid.training.augmentation import CameraOptions
from reid.training.averaging import Average
from reid.training.batches import Batch, BatchMaker, Early
from reid.training.datasets import Crops
from reid.training.sampling import SamplingOptions, TwinSampler


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

    In the last `last_steps` the rate falls to nothing and pictures are as large as when served; before, pictures of
    `early_side_px` teach nearly as much at half the cost, and nothing depends on how many steps are still to come: a
    state of that time serves any number of steps. `threads` is torch's share of the processor, `loaders` are threads
    that prepare batches beside it.
    """

    steps: int = 10_000
    seed: int = 0
    learning_rate: float = 1.2e-3
    warm_up_steps: int = 100
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    last_steps: int = 1_000
    early_side_px: int = 96
    validate_every: int = 500
    save_every_s: float = 60.0
    threads: int = 1
    loaders: int = 1
    network: NetworkOptions = field(default_factory=NetworkOptions)
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    camera: CameraOptions = field(default_factory=CameraOptions)
    weights: LossWeights = field(default_factory=LossWeights)


class Trainer:
    """Everything that changes while training, and how one step changes it."""

    def __init__(self, crops: Crops, options: TrainOptions, start: Mapping[str, Tensor] | None = None) -> None:
        """Begin with the weights `start` of another training, or with random ones."""
        torch.manual_seed(options.seed)
        torch.set_num_threads(options.threads)
        self.options = options
        self.recipe = recipe(options, crops)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = AppearanceNet(options.network).to(self.device)
        if start is not None:
            network.load_state_dict(start)
        self.network: AppearanceNet = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.classifier = nn.Linear(options.network.dims, crops.vehicles, bias=False).to(self.device)
        nn.init.normal_(self.classifier.weight, std=0.001)
        self.average = Average(self.network)
        trained = [p for p in (*self.network.parameters(), *self.classifier.parameters()) if p.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, options.learning_rate, weight_decay=options.weight_decay)
        self.step = 0
        early = Early(last_phase(options), options.early_side_px)
        sampler = TwinSampler(crops, options.sampling)
        self._maker = BatchMaker(crops, sampler, options.camera, early=early, seed=options.seed)

    def steps(self) -> Iterator[dict[str, float]]:
        """Yield the losses after each step that is left."""
        ahead = self._maker.ahead(self.step, self.options.steps, threads=self.options.loaders)
        for batch in ahead:
            yield self._learn(batch.to(self.device))

    def _learn(self, batch: Batch) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.options)
        self.network.train()
        parts = self._losses(batch)
        self.optimizer.zero_grad()
        total = torch.stack([getattr(self.options.weights, name) * part for name, part in parts.items()]).sum()
        torch.autograd.backward(total)
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.average.follow(self.network, self.step)
        self.step += 1
        return {name: float(part.detach()) for name, part in parts.items()}

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        pictures = batch.pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            seen = self.network(pictures)
            logits = self.classifier(seen.after_neck)
        before, after = seen.before_neck.float(), seen.after_neck.float()
        smoothing = self.options.label_smoothing
        return {
            "identity": functional.cross_entropy(logits.float(), batch.vehicle, label_smoothing=smoothing),
            "triplet": losses.batch_hard_triplet(before, batch.vehicle),
            "circle": losses.circle(after, batch.vehicle),
            "type": losses.known_cross_entropy(seen.type_logits.float(), batch.type),
            "colour": losses.known_cross_entropy(seen.colour_logits.float(), batch.colour),
            "heading": losses.heading_loss(seen.heading.float(), batch.heading_deg),
        }

    def state(self) -> dict[str, Any]:
        """Return all that a restart needs."""
        return {
            "recipe": self.recipe,
            "step": self.step,
            "steps": self.options.steps,
            "network": self.network.state_dict(),
            "classifier": self.classifier.state_dict(),
            "average": self.average.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        falls_from = min(state["steps"], self.options.steps) - self.options.last_steps
        if state["step"] > falls_from and state["steps"] != self.options.steps:
            raise SeeingError(
                f"the state is of step {state['step']} of {state['steps']}, its rate falls already: "
                f"give --steps {state['steps']}, or another --out"
            )
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.classifier.load_state_dict(state["classifier"])
        self.average.network.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])


def last_phase(options: TrainOptions) -> int:
    """Return the step from which the rate falls."""
    return options.steps - options.last_steps


def learning_rate(step: int, options: TrainOptions) -> float:
    """Return a rate that rises, stays, and falls along a line at the end (Hu et al., "MiniCPM", 2024, section 4)."""
    rise = min(1.0, (step + 1) / options.warm_up_steps)
    fall = min(1.0, (options.steps - step) / options.last_steps)
    return options.learning_rate * rise * fall


def recipe(options: TrainOptions, crops: Crops) -> str:
    """Return what decides the outcome, as text that two runs can compare; how long and how fast is left out."""
    told = {**asdict(options), "pictures": len(crops), "vehicles": crops.vehicles}
    for told_elsewhere in ("steps", "threads", "loaders", "save_every_s"):
        del told[told_elsewhere]
    return json.dumps(told, sort_keys=True)
