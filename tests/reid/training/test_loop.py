"""Training any network: the same batches for any loaders, resuming after a stop, the best average."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reid.errors import SeeingError  # noqa: E402
from reid.training import checkpoint  # noqa: E402
from reid.training.loader import load_batches  # noqa: E402
from reid.training.loop import LoopOptions, TrainingTask, learning_rate, train  # noqa: E402


@dataclass(frozen=True)
class Lines:
    """Points of the line y = 3 x, other ones for each batch."""

    seed: int = 0

    def __call__(self, number: int) -> np.ndarray:
        x = np.random.default_rng([self.seed, number]).normal(size=(16, 1))
        return np.concatenate([x, 3 * x], axis=1).astype(np.float32)


def losses(network: Any, batch: np.ndarray) -> Mapping[str, Any]:
    points = torch.from_numpy(batch)
    return {"square": ((network(points[:, :1]).float() - points[:, 1:]) ** 2).mean()}


def line() -> Any:
    torch.manual_seed(1)
    return torch.nn.Linear(1, 1)


def slope(network: Any) -> float:
    return float(network.weight.detach()[0, 0])


OPTIONS = LoopOptions(
    steps=60, last_steps=20, learning_rate=0.4, warm_up_steps=1, average=0.5, loaders=0, report_every=20
)


def trained(out: Path, options: LoopOptions = OPTIONS, **task: Any) -> Any:
    training_task = TrainingTask(Lines(), losses, **{"recipe": "lines", **task})
    return train(line(), training_task, out, options, lambda _: None)


def test_any_number_of_loaders_gives_the_same_batches_in_order() -> None:
    here = [batch.tolist() for batch in islice(load_batches(Lines(), 3, 0), 6)]
    there = [batch.tolist() for batch in islice(load_batches(Lines(), 3, 2), 6)]
    assert here == there
    assert here[0] == Lines()(3).tolist()


def test_a_network_learns_and_writes_its_log(tmp_path: Path) -> None:
    network = trained(tmp_path)
    assert slope(network) == pytest.approx(3, abs=0.15)
    table = (tmp_path / "log.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in table] == ["step", "20", "40", "60"]


def test_a_stopped_training_resumes_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole")
    short = replace(OPTIONS, save_every_s=0.0)
    stop_at = Stopping(31)
    with pytest.raises(KeyboardInterrupt):
        train(line(), TrainingTask(stop_at, losses, "lines"), tmp_path / "parts", short, lambda _: None)
    assert checkpoint.read(tmp_path / "parts" / "state.pt")["step"] == 31
    assert slope(trained(tmp_path / "parts")) == pytest.approx(slope(whole), abs=1e-6)


def test_a_state_of_another_recipe_is_refused(tmp_path: Path) -> None:
    trained(tmp_path)
    with pytest.raises(SeeingError, match="other options"):
        trained(tmp_path, recipe="circles")


def test_the_average_that_scored_best_is_kept(tmp_path: Path) -> None:
    scores = iter([{"good": 1.0}, {"good": 5.0}, {"good": 2.0}])
    options = replace(OPTIONS, validate_every=20)
    trained(tmp_path, options, validate=lambda _: next(scores))
    assert checkpoint.read(tmp_path / "best.pt")["step"] == 40


def test_the_learning_rate_rises_stays_and_falls() -> None:
    options = LoopOptions(steps=100, last_steps=20, learning_rate=1.0, warm_up_steps=10)
    assert [learning_rate(step, options) for step in (0, 9, 50, 80, 90)] == pytest.approx([0.1, 1, 1, 1, 0.5])


@dataclass(frozen=True)
class Stopping:
    """Lines that end as a person ends a training."""

    last: int

    def __call__(self, number: int) -> np.ndarray:
        if number == self.last:
            raise KeyboardInterrupt
        return Lines()(number)
