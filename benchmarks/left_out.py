"""Fit what each kind of evidence is worth in several ways, each city left out in turn, beside the packaged calibration.

`python -m benchmarks.left_out town7 town11 …`: each city with its archive in CITY/archive, of seeds below 10,000. Looks
count as the packaged calibration says; weights and the number of sightings to expect are fitted on the other cities.
Prints for each way what it brings to the city left out: the log likelihood of the truth of a question in nats, hit@1
and mean average precision from the start alone, with a 95 % interval by bootstrap over cities. The packaged
calibration may have been fitted on these cities: it has the advantage.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from benchmarks.measured_cities import measured_city
from index.search.calibration import Calibration, packaged_calibration
from index.search.fusion import ALONE, prior_log_odds
from index.simulation.calibrate import RIDGE, MeasuredQuestion, fused_log_odds, llr_columns
from index.simulation.logistic import fit_logistic
from index.simulation.options import fitting_seed, read_city_record
from reid.arrays import Flags, Floats
from reid.evaluation.intervals import share

LIKELIEST = 0.2
"""So much of each gallery, that which looks likeliest, is fitted: the rest is alike in all cities."""
STIFF = 1e6
"""A ridge that no evidence moves."""
FIGURES = ("nats", "hit@1", "mAP")


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The evidence of a question: llrs (n, kinds), the truth (n,), passages for each drive and gallery sizes (n,)."""

    llrs: Floats
    same: Flags
    passages: Floats
    gallery_size: Floats

    @classmethod
    def of(cls, question: MeasuredQuestion, packaged: Calibration) -> "Evidence":
        """Return the evidence of what looks likeliest, and of all that shows the target."""
        measured, errands = question.measured, packaged.errands_per_hour / packaged.drives
        similarity = measured.similarity
        unknown = np.isnan(similarity)
        least = np.inf if unknown.all() else np.nanquantile(similarity, 1 - LIKELIEST)
        rows = unknown | (similarity > least) | question.same
        many = np.ones(len(rows))
        return cls(
            llr_columns(measured, dict(packaged.looks), errands)[rows],
            question.same[rows],
            (1 + errands / 3600 * measured.window_s * many)[rows],
            (measured.gallery_size * many)[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The weight of each kind of evidence, (kinds,), and the number of drives to expect."""

    weights: Floats
    drives: float


def main() -> None:
    """Print a table of the ways, and the weights that are fitted freely."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cities", type=Path, nargs="+")
    parser.add_argument("--queries", type=int, default=80, help="questions a city, at most; half as many are absent")
    parser.add_argument("--keep", type=Path, help="a folder that keeps what was measured, for another run")
    arguments = parser.parse_args()
    packaged = packaged_calibration()
    evidence = {}
    for city in arguments.cities:
        name = f"{read_city_record(city).preset} {fitting_seed(city)}"
        asked = measured_city(city, arguments.queries, arguments.keep)
        evidence[name] = [Evidence.of(one, packaged) for one in asked]
    count = sum(map(len, evidence.values()))
    print(f"{count} questions of {', '.join(evidence)}; {machine()}\n\n| | {' | '.join(FIGURES)} |\n|---|---|---|---|")
    held = Fitted(np.array([getattr(packaged.weights, kind) for kind in ALONE]), packaged.drives)
    for name, way in ways(held).items():
        print(row(name, evidence, held, way), flush=True)
    print()
    for preset in sorted({name.split()[0] for name in evidence}):
        own = fitted([one for name, of_city in evidence.items() if name.split()[0] == preset for one in of_city])
        weights = ", ".join(f"{kind} {weight:.2f}" for kind, weight in zip(ALONE, own.weights, strict=True))
        print(f"{preset} alone: {weights}; {own.drives:.2f} drives")


Cities = Mapping[str, Sequence[Evidence]]
Way = Callable[[str, Cities], Fitted]
"""Returns what is fitted for a city, given it and the others by preset and seed."""


def ways(held: Fitted) -> Mapping[str, Way]:
    """Return the ways of fitting by name; `held` are the weights of the packaged calibration."""
    plate, direction = (np.array([kind in names for kind in ALONE]) for names in (("plate",), ("plate", "direction")))
    return {
        "all fitted": lambda city, cities: fitted(_others(city, cities)),
        "plate held": lambda city, cities: fitted(_others(city, cities), *_holding(held, plate)),
        "plate and direction held": lambda city, cities: fitted(_others(city, cities), *_holding(held, direction)),
        "all held but the number": lambda city, cities: fitted(_others(city, cities), held.weights, STIFF),
        "drawn to the packaged, ridge 100": lambda city, cities: fitted(_others(city, cities), held.weights, 100.0),
        "drawn to the packaged, ridge 1,000": lambda city, cities: fitted(_others(city, cities), held.weights, 1000.0),
        "half way to all fitted": lambda city, cities: _half_way(held, fitted(_others(city, cities))),
        "on cities of its preset": lambda city, cities: fitted(_others(city, _alike(city, cities))),
        "the same, ridge 100": lambda city, cities: fitted(_others(city, _alike(city, cities)), held.weights, 100.0),
    }


def row(name: str, cities: Cities, held: Fitted, way: Way) -> str:
    """Return a line of the table: the mean over cities of what a way brings where it has not seen the city."""
    gains = np.array([figures(way(city, cities), own) - figures(held, own) for city, own in cities.items()])
    found = [share(list(cities), gains[:, column].tolist()) for column in range(len(FIGURES))]
    cells = (f"{one.value or 0.0:+.3f} [{one.low or 0.0:+.3f}, {one.high or 0.0:+.3f}]" for one in found)
    return f"| {name} | {' | '.join(cells)} |"


def fitted(questions: Sequence[Evidence], prior: Floats | None = None, ridge: float | Floats = RIDGE) -> Fitted:
    """Fit weights, drawn to `prior` (1 if there is none), and the number of drives."""
    llrs, same = np.vstack([one.llrs for one in questions]), np.concatenate([one.same for one in questions])
    passages = np.concatenate([one.passages for one in questions])
    log_odds = fused_log_odds(passages, np.concatenate([one.gallery_size for one in questions]))
    fit = fit_logistic(llrs, same, log_odds, prior=np.ones(len(ALONE)) if prior is None else prior, ridge=ridge)
    return Fitted(np.array(fit.slopes), float(np.exp(fit.bias)))


def figures(fit: Fitted, questions: Sequence[Evidence]) -> Floats:
    """Return the mean of each of FIGURES over questions; the rankings are of those that have an answer."""
    nats, hits, precisions = [], [], []
    for one in questions:
        odds = one.llrs @ fit.weights + prior_log_odds(fit.drives * one.passages, one.gallery_size)
        nats.append(-float(np.logaddexp(0, np.where(one.same, -odds, odds)).sum()))
        if one.same.any():
            right = one.same[np.argsort(-odds, kind="stable")]
            hits.append(float(right[0]))
            precisions.append(float((np.cumsum(right)[right] / (np.flatnonzero(right) + 1)).mean()))
    return np.array([np.mean(nats), np.mean(hits), np.mean(precisions)])


def _holding(held: Fitted, kinds: Flags) -> tuple[Floats, Floats]:
    """Return the prior and the ridge that leave some kinds of evidence at their weight, the others free."""
    return np.where(kinds, held.weights, 1.0), np.where(kinds, STIFF, RIDGE)


def _half_way(held: Fitted, free: Fitted) -> Fitted:
    return Fitted((held.weights + free.weights) / 2, float(np.sqrt(held.drives * free.drives)))


def _others(city: str, cities: Cities) -> list[Evidence]:
    return [one for name, questions in cities.items() if name != city for one in questions]


def _alike(city: str, cities: Cities) -> Cities:
    return {name: questions for name, questions in cities.items() if name.split()[0] == city.split()[0]}


if __name__ == "__main__":
    main()
