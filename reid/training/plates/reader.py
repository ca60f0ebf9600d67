"""Train the plate reader: every place of the text says its character, and looks where that character stands."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from reid.plates.networks.reader import END, PLACES, TOKEN_COLUMNS, TOKEN_ROWS, ReaderNet, ReaderOptions
from reid.training import checkpoint
from reid.training.loop import Lessons, LoopOptions, train
from reid.training.plates.picture_input import as_input
from reid.training.plates.readings import MakeTexts, Texts
from reid.training.table import Row

HELD_OUT = 1
"""The part of the made-up plates that training never sees."""

_VALIDATION_BATCHES = 30
_LOOK_SPREAD = (0.9, 0.7)
"""How far from a character's middle a place may look, in columns and rows of tokens."""


@dataclass(frozen=True, slots=True)
class ReaderRecipe:
    """What decides the outcome; `count` pictures a batch, the first `easy` batches are easier.

    `end_weight` is what a place without character counts, `look_weight` what it counts to look at one's character.
    `start` is the `best.pt` of a reader to begin with, which has had its easy batches.
    """

    loop: LoopOptions = field(default_factory=lambda: LoopOptions(20_000, 1_500, clip=2.0))
    seed: int = 0
    count: int = 32
    end_weight: float = 0.3
    look_weight: float = 0.5
    easy: int = 3_000
    network: ReaderOptions = field(default_factory=ReaderOptions)
    start: Path | None = None

    @property
    def text(self) -> str:
        """Return all that decides the outcome, so that two runs can be compared."""
        return json.dumps(
            {
                "plates": "reader",
                "seed": self.seed,
                "count": self.count,
                "easy": self.easy,
                "weights": [self.end_weight, self.look_weight],
                "learning_rate": self.loop.learning_rate,
                "network": asdict(self.network),
                "start": self.start is not None,
            },
            sort_keys=True,
        )


def train_reader(recipe: ReaderRecipe, out: Path, report: Callable[[Row], None]) -> ReaderNet:
    """Return the trained network; the same recipe goes on where it was stopped."""
    torch.manual_seed(recipe.seed)
    network = ReaderNet(recipe.network)
    if recipe.start is not None:
        checkpoint.begin_with(network, recipe.start)
    make = MakeTexts(recipe.seed, recipe.count, easy=recipe.easy if recipe.start is None else 0)
    held = MakeTexts(recipe.seed, recipe.count, HELD_OUT)
    lessons = Lessons(make, _Losses(recipe), recipe.text, _Validate(held))
    return train(network, lessons, out, recipe.loop, report)


@dataclass(frozen=True, slots=True)
class _Losses:
    recipe: ReaderRecipe

    def __call__(self, network: ReaderNet, batch: Texts) -> Mapping[str, Tensor]:
        """Return how badly characters are said and how far from them the places look."""
        device = network.slots.device
        reading = network(as_input(batch.pictures, device))
        classes = torch.from_numpy(batch.classes).to(device)
        places = torch.from_numpy(batch.places).to(device)
        return {
            "characters": _spelling_loss(reading.characters, classes, self.recipe.end_weight),
            "looks": self.recipe.look_weight * _look_loss(reading.looks, places),
        }


@dataclass(frozen=True, slots=True)
class _Validate:
    held: MakeTexts

    def __call__(self, network: ReaderNet) -> Mapping[str, float]:
        """Return the share of held-out pictures that are read exactly, and the mean log probability of their texts."""
        network.eval()
        exact, likely = zip(
            *(_scored(network, self.held(number)) for number in range(_VALIDATION_BATCHES)), strict=True
        )
        return {"exact": float(np.concatenate(exact).mean()), "log_likelihood": float(np.concatenate(likely).mean())}


def _spelling_loss(logits: Tensor, classes: Tensor, end_weight: float) -> Tensor:
    """Return the mean cross-entropy of the places; those behind the first end say nothing new and count less."""
    each = functional.cross_entropy(logits.float().transpose(1, 2), classes, reduction="none")
    ended = (classes == END).long().cumsum(1)
    weight = torch.where(ended > 1, 0.1 * end_weight, torch.where(ended == 1, end_weight, 1.0))
    return (each * weight).sum() / weight.sum()


def _look_loss(looks: Tensor, places: Tensor) -> Tensor:
    """Return how little each place looks at its character: cross-entropy against a small Gaussian on it."""
    rows, columns = torch.meshgrid(
        (torch.arange(TOKEN_ROWS, device=looks.device) + 0.5) / TOKEN_ROWS,
        (torch.arange(TOKEN_COLUMNS, device=looks.device) + 0.5) / TOKEN_COLUMNS,
        indexing="ij",
    )
    known = ~places[..., 0].isnan()
    x, y = places[known].unbind(1)
    across = (columns.flatten() - x[:, None]) * TOKEN_COLUMNS / _LOOK_SPREAD[0]
    down = (rows.flatten() - y[:, None]) * TOKEN_ROWS / _LOOK_SPREAD[1]
    wanted = (-(across**2 + down**2) / 2).softmax(1)
    said = looks.float()[known].log_softmax(1)
    return -(wanted * said).sum(1).mean() if len(said) else looks.sum() * 0.0


@torch.no_grad()
def _scored(network: ReaderNet, batch: Texts) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Return for each picture whether its text is read exactly, and the log probability of its text."""
    device = network.slots.device
    said = network(as_input(batch.pictures, device)).characters.float().log_softmax(2).cpu().numpy()
    likely = np.take_along_axis(said, batch.classes[..., None], axis=2)[..., 0]
    counted = np.arange(PLACES) <= (batch.classes != END).sum(axis=1)[:, None]
    exact = ((said.argmax(axis=2) == batch.classes) | ~counted).all(axis=1)
    return exact, (likely * counted).sum(axis=1).astype(np.float64)
