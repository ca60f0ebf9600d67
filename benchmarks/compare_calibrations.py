"""Compare two calibrations of the search by the questions of cities, a third of them about vehicles nobody else saw.

`python -m benchmarks.compare_calibrations --before old.json --after new.json town7 town11`: each city with its archive
in CITY/archive. Both are asked the same questions in one run. Prints for each city a table of both and of the
difference, paired, with 95 % intervals by bootstrap over vehicles.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from index.search.calibration import Calibration
from index.search.plate_memory import PlateMemory
from index.search.question import SearchOptions
from index.simulation.answer_score import SHOWN, Answer, ask_once, rank_scores
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.matching import Match
from index.simulation.questions import CityQuestion, draw_absent_questions, draw_questions
from index.store.archive import Archive
from reid.arrays import Flags, Floats, Rows
from reid.evaluation.intervals import figure
from reid.evaluation.metrics import brier, calibration_error

SEED = 0
STAGES = ("fused", "itinerary")
ACCUSED_AT = (0.5, 0.9)


def main() -> None:
    """Print a table for each city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cities", type=Path, nargs="+")
    parser.add_argument("--before", type=Path, required=True, help="a calibration, as `city calibrate` writes it")
    parser.add_argument("--after", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=100, help="questions a city, at most; half as many are absent")
    arguments = parser.parse_args()
    calibrations = [Calibration.load(path) for path in (arguments.before, arguments.after)]
    for city in arguments.cities:
        print_city(city, calibrations, arguments.queries)


def print_city(city: Path, calibrations: Sequence[Calibration], queries: int) -> None:
    """Print the figures of both calibrations in one city, and their paired difference."""
    asked = ask_city(city, queries)
    before, after = (Answers.of(asked, calibration) for calibration in calibrations)
    size = np.mean([len(question.gallery) for question in asked.questions])
    seen = int(before.seen.sum())
    print(f"{city}: {seen} questions, {len(before.seen) - seen} absent, mean gallery {size:.0f}; {machine()}\n")
    print("| | before | after | difference |\n|---|---|---|---|")
    for name in STATISTICS:
        print(row(name, before, after), flush=True)
    print()


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a city, which of them are about vehicles that were seen, and what its sightings truly show."""

    archive: Archive
    questions: Sequence[CityQuestion]
    seen: Flags
    matches: Mapping[str, Match]
    memory: PlateMemory


def ask_city(city: Path, queries: int) -> Asked:
    """Return the questions to ask of a city."""
    archive, truth = Archive.open(city / "archive"), read_truth(city)
    matched = match_archive(archive, city, truth)
    known = matched.known_sightings(truth)
    seen = draw_questions(known, truth.passages, n=queries, seed=SEED)
    absent = draw_absent_questions(known, truth.passages, n=queries // 2, seed=SEED)
    return Asked(
        archive, [*seen, *absent], np.arange(len(seen) + len(absent)) < len(seen), matched.matches, PlateMemory()
    )


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers under one calibration, (n,) by question; what is shown is (n, SHOWN), NaN where fewer are shown.

    `one_camera` tells which of what is shown the camera asked about saw, too.
    """

    vehicles: list[str]
    seen: Flags
    ranks: Mapping[str, Floats]
    shown: Floats
    right: Flags
    one_camera: Flags
    nobody: Floats
    unseen: Flags

    @classmethod
    def of(cls, asked: Asked, calibration: Calibration) -> "Answers":
        """Ask every question under a calibration."""
        options = SearchOptions(plate_memory=asked.memory, calibration=calibration)
        answers = [ask_once(asked.archive, question, options) for question in asked.questions]
        shown = np.full((len(answers), SHOWN), np.nan)
        right, one_camera = (np.zeros((len(answers), SHOWN), dtype=np.bool_) for _ in range(2))
        for number, answer in enumerate(answers):
            elsewhere = set(answer.question.gallery)
            for place, (sighting, probability) in enumerate(answer.shown):
                shown[number, place] = probability
                right[number, place] = asked.matches[sighting].vehicle == answer.question.vehicle
                one_camera[number, place] = sighting not in elsewhere
        return cls(
            vehicles=[question.vehicle for question in asked.questions],
            seen=asked.seen,
            ranks=_ranks(answers, asked.matches),
            shown=shown,
            right=right,
            one_camera=one_camera,
            nobody=np.array([answer.nobody for answer in answers], dtype=np.float64),
            unseen=np.array([question.is_unseen(asked.matches) for question in asked.questions]),
        )


def _ranks(answers: Sequence[Answer], matches: Mapping[str, Match]) -> Mapping[str, Floats]:
    """Return the hit at 1 and the average precision of each question after two stages."""
    found = {}
    for stage in STAGES:
        scores = [rank_scores(answer, stage, matches) for answer in answers]
        for name in ("hit1", "map"):
            found[f"{stage} {name}"] = np.array([score[name] for score in scores])
    return found


def _mean(values: Floats | Flags) -> float:
    """Return the mean, NaN of nothing: a resample may hold no absent question."""
    return float(values.mean()) if values.size else float("nan")


Statistic = Callable[[Answers, Rows], float]


def _rank(name: str) -> Statistic:
    return lambda answers, drawn: _mean(answers.ranks[name][drawn[answers.seen[drawn]]])


def _of_shown(
    measure: Callable[[Floats, Flags], float], *, seen_only: bool = False, one_camera: bool | None = None
) -> Statistic:
    """Return a figure of what is shown: all of it, or with `one_camera` what the camera asked about saw, or did not."""

    def statistic(answers: Answers, drawn: Rows) -> float:
        rows = drawn[answers.seen[drawn]] if seen_only else drawn
        counts = ~np.isnan(answers.shown[rows])
        if one_camera is not None:
            counts &= answers.one_camera[rows] == one_camera
        return measure(answers.shown[rows][counts], answers.right[rows][counts])

    return statistic


def _of_nobody(measure: Callable[[Floats, Flags], float]) -> Statistic:
    return lambda answers, drawn: measure(answers.nobody[drawn], answers.unseen[drawn])


def _accused(least: float) -> Statistic:
    def statistic(answers: Answers, drawn: Rows) -> float:
        rows = drawn[~answers.seen[drawn]]
        accused = (answers.shown[rows] >= least) & ~answers.right[rows]
        return 1000 * _mean(np.asarray(accused.any(axis=1)))

    return statistic


def _named(least: float) -> Statistic:
    def statistic(answers: Answers, drawn: Rows) -> float:
        rows = drawn[answers.seen[drawn]]
        return _mean((answers.shown[rows, 0] >= least) & answers.right[rows, 0])

    return statistic


STATISTICS: Mapping[str, Statistic] = {
    **{f"{stage} {name}": _rank(f"{stage} {name}") for stage in STAGES for name in ("hit1", "map")},
    "ECE of those shown, vehicles that were seen": _of_shown(calibration_error, seen_only=True),
    "ECE of those shown, a third absent": _of_shown(calibration_error),
    "the same, those of the camera asked about": _of_shown(calibration_error, one_camera=True),
    "the same, those of other cameras": _of_shown(calibration_error, one_camera=False),
    "Brier score of those shown, a third absent": _of_shown(brier),
    **{f"absent, accused at {least} of a thousand": _accused(least) for least in ACCUSED_AT},
    **{f"seen, named at {least}": _named(least) for least in ACCUSED_AT},
    "ECE of nobody": _of_nobody(calibration_error),
    "Brier score of nobody": _of_nobody(brier),
}


def row(name: str, before: Answers, after: Answers) -> str:
    """Return a line of the table: both figures, and the difference with its interval."""
    statistic, everything = STATISTICS[name], np.arange(len(before.vehicles))
    found = figure(before.vehicles, lambda drawn: statistic(after, drawn) - statistic(before, drawn))
    values = f"{statistic(before, everything):.3f} | {statistic(after, everything):.3f}"
    if found.value is None:
        return f"| {name} | {values} | |"
    return f"| {name} | {values} | {found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}] |"


if __name__ == "__main__":
    main()
