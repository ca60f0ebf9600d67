"""Train any network: the loop, its learning rate, the averaged weights, the log, and resuming after a stop."""

import copy
import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from reid.errors import SeeingError
from reid.training import checkpoint
from reid.training.loader import load_batches

Network = TypeVar("Network", bound=nn.Module)
Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Length, learning rate and workers of a training.

    The learning rate rises over `warm_up_steps`, stays constant, and falls linearly over `last_steps` (Hu et al.,
    "MiniCPM", 2024, section 4). Nothing before the fall depends on `steps`, so a run can be made longer or shorter
    until then. `average` is the decay of the averaged weights, `clip` the largest gradient norm. `threads` is the
    number of torch threads; `loaders` processes make batches beside them.
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
class RateGroup:
    """Weights that learn at a share of the rate, such as those that are already trained."""

    weights: Sequence[nn.Parameter]
    share: float


@dataclass(frozen=True, slots=True)
class TrainingTask(Generic[Network, Batch]):
    """What to learn: `make(k)` returns batch number k, and the sum of `losses` is minimised.

    `validate` scores the averaged network, higher is better; its first score decides which average is kept.
    `recipe` is all that decides the outcome, as text: the state of another recipe is refused. `threads` makes batches
    in threads of this process instead of other processes. `rates` says which weights learn at which share of the rate,
    None that all learn at the whole of it.
    """

    make: Callable[[int], Batch]
    losses: Callable[[Network, Batch], Mapping[str, Tensor]]
    recipe: str
    validate: Callable[[Network], Mapping[str, float]] | None = None
    threads: bool = False
    rates: Callable[[Network], Sequence[RateGroup]] | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of the log: mean losses since the line before, and the validation scores of this step, if any."""

    step: int
    steps_per_s: float
    losses: Mapping[str, float]
    scores: Mapping[str, float]

    def cells(self) -> dict[str, str]:
        """Return the line as text of each column."""
        numbers = {**self.losses, **self.scores}
        return {
            "step": str(self.step),
            "steps_per_s": f"{self.steps_per_s:.2f}",
            **{k: f"{v:.4f}" for k, v in numbers.items()},
        }


def train(
    network: Network,
    task: TrainingTask[Network, Batch],
    out: Path,
    options: LoopOptions,
    report: Callable[[LogRow], None],
) -> Network:
    """Train `network`; return the averaged network that scored best, without validation the latest.

    `out` holds `state.pt` to resume from, `best.pt` with the averaged weights, and the log `log.csv`.
    """
    out.mkdir(parents=True, exist_ok=True)
    learner = Learner(network, task, options)
    saved = checkpoint.load(out / "state.pt", task.recipe)
    if saved is not None:
        learner.restore(saved)
    table = TrainingLog(out / "log.csv")
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
    """The state of a training, and how one step changes it."""

    def __init__(self, network: Network, task: TrainingTask[Network, Batch], options: LoopOptions) -> None:
        torch.manual_seed(options.seed)
        torch.set_num_threads(options.threads)
        self.step = 0
        self._task, self._options = task, options
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network: Network = network.to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._average = MovingAverage(self._network, options.average)
        groups = [{"params": list(group.weights), "share": group.share} for group in self._rate_groups()]
        self._optimizer = torch.optim.AdamW(groups, options.learning_rate, weight_decay=options.weight_decay)

    def steps(self) -> Iterator[dict[str, float]]:
        """Train the remaining steps and yield the losses of each."""
        task, loaders = self._task, self._options.loaders
        with closing(load_batches(task.make, self.step, loaders, threads=task.threads)) as stream:
            while self.step < self._options.steps:
                yield self._learn(next(stream))

    def scores(self, best: Path) -> Mapping[str, float]:
        """Score the averaged network when a validation is due, and keep it if it is the best so far."""
        options, validate = self._options, self._task.validate
        if validate is None:
            self._keep(best, float(self.step))
            return {}
        if self.step % options.validate_every and self.step != options.steps:
            return {}
        scores = validate(self._average.network)
        self._keep(best, next(iter(scores.values())))
        return scores

    def best(self, path: Path) -> Network:
        """Return the averaged network that was kept."""
        kept = checkpoint.load(path, self._task.recipe)
        if kept is not None:
            self._average.network.load_state_dict(kept["network"])
        return self._average.network.eval()

    def state(self) -> dict[str, Any]:
        """Return all that resuming needs."""
        return {
            "recipe": self._task.recipe,
            "step": self.step,
            "steps": self._options.steps,
            "network": self._network.state_dict(),
            "average": self._average.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Resume from a state; a run whose learning rate already falls must keep its length."""
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

    def _rate_groups(self) -> Sequence[RateGroup]:
        if self._task.rates is not None:
            return self._task.rates(self._network)
        return [RateGroup([weights for weights in self._network.parameters() if weights.requires_grad], 1.0)]

    def _learn(self, batch: Batch) -> dict[str, float]:
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self._options) * group.get("share", 1.0)
        self._network.train()
        with torch.autocast(self._device.type, torch.bfloat16, enabled=_is_bfloat16_fast(self._device)):
            losses = self._task.losses(self._network, batch)
        self._optimizer.zero_grad()
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        nn.utils.clip_grad_norm_(self._network.parameters(), self._options.clip)
        self._optimizer.step()
        self._average.follow(self._network, self.step)
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _keep(self, path: Path, value: float) -> None:
        before = checkpoint.load(path, self._task.recipe)
        if before is None or value >= before["value"]:
            weights = self._average.network.state_dict()
            checkpoint.save(path, {"recipe": self._task.recipe, "step": self.step, "value": value, "network": weights})


def _is_bfloat16_fast(device: torch.device) -> bool:
    """Tell whether the device computes in bfloat16; processors without AVX-512 take ten times as long as in float32."""
    return device.type != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def learning_rate(step: int, options: LoopOptions) -> float:
    """Return the learning rate of a step: it rises, stays constant, and falls linearly at the end."""
    rise = min(1.0, (step + 1) / options.warm_up_steps)
    fall = min(1.0, (options.steps - step) / options.last_steps)
    return options.learning_rate * rise * fall


class MovingAverage(Generic[Network]):
    """An exponential moving average of a network (Polyak averaging), with a shorter decay in the first steps."""

    def __init__(self, network: Network, decay: float = 0.995) -> None:
        self.network = copy.deepcopy(network).eval()
        self._decay = decay

    @torch.no_grad()
    def follow(self, network: Network, step: int) -> None:
        """Update the average; running statistics of norms are averaged like weights, counters are copied."""
        decay = min(self._decay, (1 + step) / (10 + step))
        now = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                value.lerp_(now[name].to(value.dtype), 1 - decay)
            else:
                value.copy_(now[name])


class TrainingLog:
    """Collects losses and writes their means as lines of a CSV file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start()

    def _start(self) -> None:
        self._sums: dict[str, float] = defaultdict(float)
        self._steps = 0
        self._since = time.monotonic()

    def add(self, losses: Mapping[str, float]) -> None:
        """Add the losses of one step."""
        for name, loss in losses.items():
            self._sums[name] += loss
        self._steps += 1

    def row(self, step: int, scores: Mapping[str, float]) -> LogRow:
        """Write and return the next line; without scores their columns stay empty."""
        seconds = max(time.monotonic() - self._since, 1e-9)
        means = {name: total / self._steps for name, total in self._sums.items()}
        row = LogRow(step, self._steps / seconds, means, scores)
        before = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        columns = before[0].split(",") if before else []
        cells = row.cells()
        columns += [name for name in cells if name not in columns]
        with self._path.open("w", newline="", encoding="utf-8") as file:
            file.write("\n".join([",".join(columns), *before[1:], ""]))
            csv.DictWriter(file, columns, restval="").writerow(cells)
        self._start()
        return row


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """Callbacks: `rendered` gets how many items are rendered, of how many; `trained` gets each line of the log."""

    rendered: Callable[[int, int], None]
    trained: Callable[[LogRow], None]
