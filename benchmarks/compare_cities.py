"""Compare two appearance models by the questions of simulated cities, by looks alone.

`python -m benchmarks.compare_cities --before a/town7 a/town11 --after b/town7 b/town11`: the same cities, each with its
archive in CITY/archive; those of `--after` were moved to other weights by `retrace reembed`. Prints mAP and rank-1 of
both and the gain, paired, with 95 % intervals by bootstrap over questions.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from index.errors import ArchiveError
from index.simulation.calibrate import MeasuredQuestion, measure_city
from reid.arrays import Floats
from reid.evaluation.intervals import figure
from reid.evaluation.metrics import average_precision


def main() -> None:
    """Print a row for mAP and one for rank-1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, nargs="+", required=True)
    parser.add_argument("--after", type=Path, nargs="+", required=True)
    parser.add_argument("--queries", type=int, default=200, help="questions a city, at most")
    arguments = parser.parse_args()
    before, after = (_scores(cities, arguments.queries) for cities in (arguments.before, arguments.after))
    if before.shape != after.shape:
        raise ArchiveError(f"{len(before)} questions before and {len(after)} after: give the same cities twice")
    print(f"{len(before)} questions of {len(arguments.before)} cities; {machine()}\n")
    print("| | before | after | gain |\n|---|---|---|---|")
    names = [str(row) for row in range(len(before))]
    for column, name in enumerate(("mAP", "rank-1")):
        gain = after[:, column] - before[:, column]
        found = figure(names, lambda drawn, gain=gain: float(gain[drawn].mean()))  # type: ignore[misc]
        means = f"{before[:, column].mean():.3f} | {after[:, column].mean():.3f}"
        print(f"| {name} | {means} | {found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}] |")


def ranked(question: MeasuredQuestion) -> tuple[float, float]:
    """Return average precision and whether the first is right, by similarity alone; what has none comes last."""
    similarity = np.nan_to_num(question.measured.similarity, nan=-np.inf)
    order = np.argsort(-similarity, kind="stable")
    return average_precision(question.same[order], int(question.same.sum())), float(question.same[order][0])


def _scores(cities: Sequence[Path], queries: int) -> Floats:
    """Return average precision and rank-1 of each question that has an answer (n, 2)."""
    questions = [question for city in cities for question in measure_city(city, queries)]
    return np.array([ranked(question) for question in questions if question.same.any()])


if __name__ == "__main__":
    main()
