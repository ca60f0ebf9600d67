"""Fit the looks of pictures of one camera in several ways, each city left out in turn.

`python -m benchmarks.one_camera hard22 hard41 normal32 --keep measured`: each city with its archive in CITY/archive,
of seeds below 10,000, from crops or filmed; cities without video draw their vectors without such an effect. Prints for
each city what the curve that is fitted on the others is worth there, from the start alone: the log likelihood of the
truth of a question in nats (and of it what the camera asked about saw), hit@1, mean average precision, and of the ten
likeliest the calibration error and the Brier score, those of the camera asked about and of others apart.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from benchmarks.measured_cities import measured_city
from index.search.calibration import PACKAGED, Calibration
from index.search.fusion import ALONE, prior_log_odds, to_probability
from index.simulation.answer_score import SHOWN
from index.simulation.calibrate import MeasuredQuestion, llr_columns, with_one_camera_fitted
from index.simulation.options import fitting_seed, read_city_record
from reid.arrays import Flags, Floats
from reid.evaluation.metrics import average_precision, brier, calibration_error

TRUSTS = (0.0, 0.34, 0.7, 1.0)
"""How far the way back may be trusted; the curve of looks is fitted anew beside each."""
FIGURES = (
    "nats",
    "of one camera",
    "hit@1",
    "mAP",
    "ECE",
    "ECE, one camera",
    "ECE, others",
    "Brier",
    "Brier, one camera",
    "Brier, others",
)

Questions = Sequence[MeasuredQuestion]
Way = Callable[[Questions], Calibration]
"""Returns a calibration fitted on questions of other cities."""


def main() -> None:
    """Print a table for each city, and what is fitted on all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cities", type=Path, nargs="+")
    parser.add_argument("--queries", type=int, default=160, help="questions a city, at most; half as many are absent")
    parser.add_argument("--keep", type=Path, help="a folder that keeps what was measured, for another run")
    parser.add_argument("--calibration", type=Path, default=PACKAGED, help="all but that curve is of this one")
    arguments = parser.parse_args()
    start = Calibration.load(arguments.calibration)
    cities = {
        f"{read_city_record(city).preset} {fitting_seed(city)}": measured_city(city, arguments.queries, arguments.keep)
        for city in arguments.cities
    }
    for name, own in cities.items():
        print(f"*{name}*, {len(own)} questions; {machine()}\n\n| | {' | '.join(FIGURES)} |")
        print("|---" * (len(FIGURES) + 1) + "|")
        others = [one for other, questions in cities.items() if other != name for one in questions]
        for way, fit in ways(start).items():
            print(f"| {way} | {' | '.join(f'{value:.4f}' for value in figures(fit(others), own))} |", flush=True)
        print()
    for way, fit in ways(start).items():
        for model, scale in fit([one for questions in cities.values() for one in questions]).looks.items():
            if scale.one_camera_bias or scale.one_camera_per_similarity:
                slope = scale.one_camera_per_similarity
                print(f"on all, {way}: {model} {scale.one_camera_bias:+.3f} {slope:+.3f} x similarity")


def ways(start: Calibration) -> Mapping[str, Way]:
    """Return the ways of fitting by name; the first two fit nothing."""
    return {
        "as it is": lambda others: start,
        "one curve for all": lambda others: _with_one_curve(start),
        **{
            f"one camera fitted beside all else, the way back trusted {trust:g}": _beside(_trusting(start, trust))
            for trust in TRUSTS
        },
    }


def figures(calibration: Calibration, questions: Questions) -> Floats:
    """Return FIGURES over questions; the rankings are of those that have an answer."""
    nats, of_one, hits, precisions = [], [], [], []
    shown: list[tuple[Floats, Flags, Flags]] = []
    for one in questions:
        odds, own = log_odds_of(calibration, one), one.measured.one_camera
        surprise = np.logaddexp(0, np.where(one.same, -odds, odds))
        nats.append(-surprise.sum())
        of_one.append(-surprise[own].sum())
        order = np.argsort(-odds, kind="stable")
        if one.same.any():
            hits.append(float(one.same[order[0]]))
            precisions.append(average_precision(one.same[order], int(one.same.sum())))
        first = order[:SHOWN]
        shown.append((to_probability(odds[first]), one.same[first], own[first]))
    said = np.concatenate([one for one, _, _ in shown])
    true, own_of_shown = (np.concatenate([one[part] for one in shown]) for part in (1, 2))
    kinds = (np.ones(len(said), dtype=np.bool_), own_of_shown, ~own_of_shown)
    of_shown = [measure(said[rows], true[rows]) for measure in (calibration_error, brier) for rows in kinds]
    return np.array([*map(np.mean, (nats, of_one, hits, precisions)), *of_shown])


def log_odds_of(calibration: Calibration, question: MeasuredQuestion) -> Floats:
    """Return the log odds of each sighting, from the start alone."""
    measured, errands = question.measured, calibration.errands_per_hour / calibration.drives
    weights = [getattr(calibration.weights, kind) for kind in ALONE]
    prior = prior_log_odds(calibration.passages(measured.window_s), measured.gallery_size)
    return np.asarray(llr_columns(measured, dict(calibration.looks), errands) @ weights + prior)


def _beside(start: Calibration) -> Way:
    return lambda others: with_one_camera_fitted(start, others)


def _trusting(start: Calibration, trust: float) -> Calibration:
    return replace(start, weights=replace(start.weights, way_back=trust))


def _with_one_curve(start: Calibration) -> Calibration:
    looks = {
        model: replace(scale, one_camera_bias=0.0, one_camera_per_similarity=0.0)
        for model, scale in start.looks.items()
    }
    return replace(start, looks=looks)


if __name__ == "__main__":
    main()
