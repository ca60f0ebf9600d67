"""Keep the table of a training: a line of mean losses and scores every so many steps."""

import csv
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: mean losses since the line before, and the scores of the average network, if asked."""

    step: int
    steps_per_s: float
    losses: Mapping[str, float]
    scores: Mapping[str, float]

    def cells(self) -> dict[str, str]:
        """Return the line as text by column."""
        numbers = {**self.losses, **self.scores}
        return {
            "step": str(self.step),
            "steps_per_s": f"{self.steps_per_s:.2f}",
            **{k: f"{v:.4f}" for k, v in numbers.items()},
        }


class Table:
    """The mean losses since the last line, and the table that the lines go to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start()

    def _start(self) -> None:
        self._sums: dict[str, float] = defaultdict(float)
        self._steps = 0
        self._since = time.monotonic()

    def add(self, losses: Mapping[str, float]) -> None:
        """Count the losses of one step."""
        for name, loss in losses.items():
            self._sums[name] += loss
        self._steps += 1

    def row(self, step: int, scores: Mapping[str, float]) -> Row:
        """Write and return the next line; a line without scores leaves their columns empty."""
        seconds = max(time.monotonic() - self._since, 1e-9)
        means = {name: total / self._steps for name, total in self._sums.items()}
        row = Row(step, self._steps / seconds, means, scores)
        before = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        columns = before[0].split(",") if before else []
        cells = row.cells()
        columns += [name for name in cells if name not in columns]
        with self._path.open("w", newline="", encoding="utf-8") as file:
            file.write("\n".join([",".join(columns), *before[1:], ""]))
            csv.DictWriter(file, columns, restval="").writerow(cells)
        self._start()
        return row
