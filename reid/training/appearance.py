"""Train the appearance network to the end: go on where it stopped, keep a table and the weights that validate best."""

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from reid.appearance.network import AppearanceNet
from reid.evaluation.protocols import Labelled, rank_gallery
from reid.training import checkpoint
from reid.training.batches import normalise
from reid.training.datasets import Crops
from reid.training.trainer import Trainer, TrainOptions

PICTURES_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Score:
    """How well a validation set is ranked, each picture asked against all other cameras."""

    mean_precision: float
    rank1: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: mean losses since the line before, and how each validation set is ranked."""

    step: int
    pictures_per_s: float
    losses: Mapping[str, float]
    scores: Mapping[str, Score]

    def cells(self) -> dict[str, str]:
        """Return the line as text by column."""
        return {
            "step": str(self.step),
            "pictures_per_s": f"{self.pictures_per_s:.0f}",
            **{name: f"{value:.4f}" for name, value in self.losses.items()},
            **{f"{name}_map": f"{score.mean_precision:.4f}" for name, score in self.scores.items()},
            **{f"{name}_rank1": f"{score.rank1:.4f}" for name, score in self.scores.items()},
        }


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

    `out` keeps `state.pt` to go on from, `best.pt` and the table `log.csv`; `report` gets each line of the table.
    `start` are the weights to begin with, those of another training.
    """
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(crops, options, start)
    saved = checkpoint.load(out / "state.pt", trainer.recipe)
    if saved is not None:
        trainer.restore(saved)
    table = _Table(out / "log.csv", options)
    for parts in trainer.steps():
        table.add(parts)
        if trainer.step % options.validate_every == 0 or trainer.step == options.steps:
            scores = {name: score(trainer.average.network, held) for name, held in validation.items()}
            report(table.row(trainer.step, scores))
            _keep_best(out / "best.pt", trainer, scores)
            table.save_due = True
        if table.save_due:
            checkpoint.save(out / "state.pt", trainer.state())
            table.saved()
    return load_best(out / "best.pt", trainer)


def score(network: AppearanceNet, crops: Crops) -> Score:
    """Rank all pictures of the other cameras for each picture."""
    seen = Labelled(vectors_of(network, crops), crops.vehicle, crops.camera)
    ranks = rank_gallery(seen, seen, own_camera="junk")
    return Score(ranks.mean_precision, ranks.hit(1))


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


def load_best(path: Path, trainer: Trainer) -> AppearanceNet:
    """Return the network that validated best in the training that wrote the file."""
    network = AppearanceNet(trainer.options.network)
    state = checkpoint.load(path, trainer.recipe)
    if state is not None:
        network.load_state_dict(state["network"])
    return network.eval()


def _keep_best(path: Path, trainer: Trainer, scores: Mapping[str, Score]) -> None:
    """Keep the average network if it ranks better than the one kept so far; without validation keep the latest."""
    value = float(np.mean([score.mean_precision for score in scores.values()])) if scores else float(trainer.step)
    before = checkpoint.load(path, trainer.recipe)
    if before is None or value >= before["value"]:
        network = trainer.average.network.state_dict()
        checkpoint.save(path, {"recipe": trainer.recipe, "step": trainer.step, "value": value, "network": network})


class _Table:
    """Mean losses between the lines, and when the state was last saved."""

    def __init__(self, path: Path, options: TrainOptions) -> None:
        self.save_due = False
        self._path = path
        self._pictures_a_step = options.sampling.vehicles * options.sampling.crops_of_vehicle
        self._save_every_s = options.save_every_s
        self._saved_at = time.monotonic()
        self._start()

    def _start(self) -> None:
        self._sums: dict[str, float] = defaultdict(float)
        self._steps = 0
        self._since = time.monotonic()

    def add(self, parts: Mapping[str, float]) -> None:
        """Count the losses of one step."""
        for name, value in parts.items():
            self._sums[name] += value
        self._steps += 1
        self.save_due = time.monotonic() - self._saved_at > self._save_every_s

    def saved(self) -> None:
        """Note that the state is on disk."""
        self.save_due, self._saved_at = False, time.monotonic()

    def row(self, step: int, scores: Mapping[str, Score]) -> Row:
        """Write and return the next line."""
        seconds = max(time.monotonic() - self._since, 1e-9)
        means = {name: total / self._steps for name, total in self._sums.items()}
        row = Row(step, self._steps * self._pictures_a_step / seconds, means, scores)
        cells, fresh = row.cells(), not self._path.exists()
        with self._path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(cells))
            if fresh:
                writer.writeheader()
            writer.writerow(cells)
        self._start()
        return row
