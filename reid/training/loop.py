"""Train any network: batches made ahead, a rate that falls at the end, the average kept, restarts after a kill."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from reid.errors import SeeingError
from reid.training import checkpoint
from reid.training.averaging import Average
from reid.training.stream import batches
from reid.training.table import Row, Table

Network = TypeVar("Network", bound=nn.Module)
Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """How long and how fast to learn.

    The rate rises over `warm_up_steps`, stays, and falls along a line over `last_steps` (Hu et al., "MiniCPM", 2024,
    section 4): nothing before the fall depends on `steps`, so a run may be made longer or shorter until then.
    `average` is the decay of the average that is kept, `clip` the longest gradient. `threads` is torch's share of the
    processor; `loaders` processes make batches beside it.
    """

    steps: int
    last_steps: int
    learning_rate: float = 1e-3
    warm_up_steps: int = 100
    weight_decay: float = 1e-4
    average: float = 0.999
    clip: float = 5.0
    seed: int = 0
    threads: int = 1
    loaders: int = 1
    save_every_s: float = 60.0
    report_every: int = 200
    validate_every: int = 1000
    """A multiple of `report_every`."""


@dataclass(frozen=True, slots=True)
class Lessons(Generic[Network, Batch]):
    """What is learned: batch number `k` is `make(k)`; the sum of `losses` goes down.

    `validate` scores the average network, higher is better, and its first score decides which average is kept.
    `recipe` is all that decides the outcome, as text: a state of another recipe is refused. `threads` says that batches
    are better made by threads of this process than by other processes.
    """

    make: Callable[[int], Batch]
    losses: Callable[[Network, Batch], Mapping[str, Tensor]]
    recipe: str
    validate: Callable[[Network], Mapping[str, float]] | None = None
    threads: bool = False


def train(
    network: Network,
    lessons: Lessons[Network, Batch],
    out: Path,
    options: LoopOptions,
    report: Callable[[Row], None],
) -> Network:
    """Return the average network that scored best, without scores the latest; start from the weights of `network`.

    `out` keeps `state.pt` to go on from, `best.pt` with the average's weights, and the table `log.csv`.
    """
    out.mkdir(parents=True, exist_ok=True)
    learner = Learner(network, lessons, options)
    saved = checkpoint.load(out / "state.pt", lessons.recipe)
    if saved is not None:
        learner.restore(saved)
    table = Table(out / "log.csv")
    saved_at = time.monotonic()
    for losses in learner.steps():
        table.add(losses)
        last = learner.step == options.steps
        if last or learner.step % options.report_every == 0:
            report(table.row(learner.step, learner.scores(out / "best.pt")))
        if last or time.monotonic() - saved_at > options.save_every_s:
            checkpoint.save(out / "state.pt", learner.state())
            saved_at = time.monotonic()
    return learner.best(out / "best.pt")


class Learner(Generic[Network, Batch]):
    """Everything that changes while training, and how one step changes it."""

    def __init__(self, network: Network, lessons: Lessons[Network, Batch], options: LoopOptions) -> None:
        torch.manual_seed(options.seed)
        torch.set_num_threads(options.threads)
        self.step = 0
        self._lessons, self._options = lessons, options
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network: Network = network.to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._average = Average(self._network, options.average)
        trained = [weights for weights in self._network.parameters() if weights.requires_grad]
        self._optimizer = torch.optim.AdamW(trained, options.learning_rate, weight_decay=options.weight_decay)

    def steps(self) -> Iterator[dict[str, float]]:
        """Yield the losses of each step that is left."""
        lessons, loaders = self._lessons, self._options.loaders
        with closing(batches(lessons.make, self.step, loaders, threads=lessons.threads)) as stream:
            while self.step < self._options.steps:
                yield self._learn(next(stream))

    def scores(self, best: Path) -> Mapping[str, float]:
        """Score the average network if it is time, and keep it if it is the best so far."""
        options, validate = self._options, self._lessons.validate
        if validate is None:
            self._keep(best, float(self.step))
            return {}
        if self.step % options.validate_every and self.step != options.steps:
            return {}
        scores = validate(self._average.network)
        self._keep(best, next(iter(scores.values())))
        return scores

    def best(self, path: Path) -> Network:
        """Return the average that was kept."""
        kept = checkpoint.load(path, self._lessons.recipe)
        if kept is not None:
            self._average.network.load_state_dict(kept["network"])
        return self._average.network.eval()

    def state(self) -> dict[str, Any]:
        """Return all that a restart needs."""
        return {
            "recipe": self._lessons.recipe,
            "step": self.step,
            "steps": self._options.steps,
            "network": self._network.state_dict(),
            "average": self._average.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; a run whose rate falls already keeps its length."""
        falls_from = min(state["steps"], self._options.steps) - self._options.last_steps
        if state["step"] > falls_from and state["steps"] != self._options.steps:
            raise SeeingError(
                f"the state is of step {state['step']} of {state['steps']}, its rate falls already: "
                f"give --steps {state['steps']}, or another --out"
            )
        self.step = state["step"]
        self._network.load_state_dict(state["network"])
        self._average.network.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])

    def _learn(self, batch: Batch) -> dict[str, float]:
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self._options)
        self._network.train()
        with torch.autocast(self._device.type, torch.bfloat16):
            losses = self._lessons.losses(self._network, batch)
        self._optimizer.zero_grad()
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        nn.utils.clip_grad_norm_(self._network.parameters(), self._options.clip)
        self._optimizer.step()
        self._average.follow(self._network, self.step)
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _keep(self, path: Path, value: float) -> None:
        before = checkpoint.load(path, self._lessons.recipe)
        if before is None or value >= before["value"]:
            weights = self._average.network.state_dict()
            checkpoint.save(
                path, {"recipe": self._lessons.recipe, "step": self.step, "value": value, "network": weights}
            )


def learning_rate(step: int, options: LoopOptions) -> float:
    """Return a rate that rises, stays, and falls along a line at the end."""
    rise = min(1.0, (step + 1) / options.warm_up_steps)
    fall = min(1.0, (options.steps - step) / options.last_steps)
    return options.learning_rate * rise * fall
