"""Fit a small network that tells body and marks by a vehicle's vector and the size of its picture."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from reid.appearance.embedders import Vectors
from reid.arrays import AnyFloats
from reid.render.vehicles.bodies import TYPE_OF_BODY
from reid.training.attributes.marked_crops import BODIES, MARKS, MarkedVectors
from reid.training.attributes.real_types import TypedVectors
from reid.vehicle import VEHICLE_TYPES

USUAL_PX = 64.0

REAL_SHARE = 1.0
"""The weight of real pictures, of which the type is known alone, beside drawn ones."""

RARE_POWER = 0.5
"""Real pictures of a type count by this power of how rare it is: most vehicles are cars."""

_OF_TYPE = torch.tensor([[TYPE_OF_BODY[body] == kind for body in BODIES] for kind in VEHICLE_TYPES])


@dataclass(frozen=True, slots=True)
class HeadOptions:
    """How to fit; the epoch with the lowest loss on the validation pictures is kept."""

    seed: int = 0
    hidden: int = 128
    epochs: int = 40
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    dropout: float = 0.3
    noise: float = 0.02
    threads: int = 1


class HeadNetwork(nn.Module):
    """Turn vectors (n, d) and sizes (n,) into body logits (n, bodies) and mark logits (n, marks)."""

    def __init__(self, dims: int, options: HeadOptions) -> None:
        super().__init__()
        self.dims = dims
        self.scale = float(dims) ** 0.5
        self.direct = nn.Linear(dims + 1, len(BODIES) + len(MARKS))
        self.hidden = nn.Linear(dims + 1, options.hidden)
        self.drop = nn.Dropout(options.dropout)
        self.last = nn.Linear(options.hidden, len(BODIES) + len(MARKS))

    def forward(self, vectors: Tensor, size_px: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits; a linear part and a hidden layer are added, since a view decides what can be seen."""
        doublings = torch.log2(size_px.clamp(8.0, 256.0) / USUAL_PX)
        known = torch.cat([vectors * self.scale, doublings[:, None]], dim=1)
        logits = self.direct(self.drop(known)) + self.last(self.drop(torch.relu(self.hidden(known))))
        return logits[:, : len(BODIES)], logits[:, len(BODIES) :]


def fit_heads(
    train: MarkedVectors, validation: MarkedVectors, options: HeadOptions, real: TypedVectors | None = None
) -> HeadNetwork:
    """Return the network fitted on `train`, at its best epoch on `validation`.

    `real` pictures teach types, which are sums of bodies; those kept aside help to choose the epoch.
    """
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    network = HeadNetwork(train.vectors.shape[1], options)
    optimiser = torch.optim.AdamW(network.parameters(), options.learning_rate, weight_decay=options.weight_decay)
    steps = options.epochs * (len(train.vehicle) // options.batch)
    falling = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.learning_rate, total_steps=steps)
    taught, held = _tensors(train), _tensors(validation)
    real_taught = None if real is None else _typed(real.take(~real.held))
    real_held = None if real is None else _typed(real.take(real.held))
    lowest, best = np.inf, network.state_dict()
    for _ in range(options.epochs):
        network.train()
        for rows in torch.split(torch.randperm(len(train.vehicle)), options.batch)[: steps // options.epochs]:
            picked = [one[rows] for one in taught]
            picked[0] = picked[0] + options.noise * torch.randn_like(picked[0])
            optimiser.zero_grad()
            loss = _loss(network, picked)
            if real_taught is not None:
                drawn = torch.randint(len(real_taught[0]), (options.batch,))
                shown = [one[drawn] for one in real_taught]
                shown[0] = shown[0] + options.noise * torch.randn_like(shown[0])
                loss = loss + REAL_SHARE * type_loss(network, shown)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            falling.step()
        network.eval()
        with torch.no_grad():
            score = float(_loss(network, held))
            if real_held is not None:
                score += REAL_SHARE * float(type_loss(network, real_held))
        if score < lowest:
            lowest, best = score, {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(best)
    return network.eval()


def logits_of(network: HeadNetwork, vectors: Vectors, size_px: AnyFloats) -> tuple[Vectors, Vectors]:
    """Return the logits of bodies and of marks."""
    with torch.no_grad():
        body, marks = network(torch.from_numpy(vectors), torch.from_numpy(size_px.astype(np.float32)))
    return body.numpy(), marks.numpy()


def _tensors(crops: MarkedVectors) -> list[Tensor]:
    return [
        torch.from_numpy(crops.vectors.astype(np.float32)),
        torch.from_numpy(crops.size_px.astype(np.float32)),
        torch.from_numpy(crops.body),
        torch.from_numpy(crops.marks.astype(np.float32)),
        torch.from_numpy(crops.can_carry.astype(np.float32)),
    ]


def type_logits(of_body: Tensor) -> Tensor:
    """Return the logits of types (n, 5) by those of bodies: a type is as likely as its bodies together."""
    logits = of_body.log_softmax(dim=1)[:, None].masked_fill(~_OF_TYPE, -torch.inf)
    return logits.logsumexp(dim=2)


def type_loss(network: HeadNetwork, known: list[Tensor]) -> Tensor:
    """Return the loss of types, rare ones weighted up."""
    vectors, size_px, kind, weight = known
    each = nn.functional.nll_loss(type_logits(network(vectors, size_px)[0]), kind, reduction="none")
    return (each * weight).sum() / weight.sum()


def _typed(real: TypedVectors) -> list[Tensor]:
    count = np.bincount(real.type, minlength=len(VEHICLE_TYPES)).clip(1)
    weight = (len(real.type) / count[real.type]) ** RARE_POWER
    arrays = (real.vectors.astype(np.float32), real.size_px.astype(np.float32), real.type, weight.astype(np.float32))
    return [torch.from_numpy(array) for array in arrays]


def _loss(network: HeadNetwork, known: list[Tensor]) -> Tensor:
    """Return the loss of the bodies, and that of each mark over the bodies that can carry it."""
    vectors, size_px, body, marks, can_carry = known
    of_body, of_marks = network(vectors, size_px)
    each = nn.functional.binary_cross_entropy_with_logits(of_marks, marks, reduction="none")
    return nn.functional.cross_entropy(of_body, body) + (each * can_carry).sum() / can_carry.sum() * len(MARKS) / 4
