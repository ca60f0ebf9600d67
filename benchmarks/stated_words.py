"""Measure what a stated type and colour are worth beside a picture of the same vehicle.

`python -m benchmarks.stated_words hard22 hard41 normal32`: each city with its archive in CITY/archive. Every question
has the picture of a sighting and the true type and colour of its vehicle, as an investigator would give both. Prints
for each city, from looks and prior alone, the log likelihood of the truth of a question in nats, hit@1 and mean average
precision: without the words; with words weighed by how usual they are among all inside; and, as searches do, among
those that look like the target, of which several shares are tried; and which share is the likeliest.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar

from benchmarks.claim import machine
from index.access.permissions import local_person
from index.search.fusion import Llrs, odds
from index.search.gallery import look_inside
from index.search.question import SearchOptions, bound, with_gallery
from index.search.stated import attributes_of, stated_beside_looks, stated_llrs
from index.simulation.answer_score import query_of
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.questions import draw_absent_questions, draw_questions
from index.store.archive import Archive
from reid.arrays import Flags, Floats
from reid.evaluation.metrics import average_precision

SHARES = (0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Stated:
    """The log odds of a question's gallery by prior and picture, and which sightings show the vehicle.

    `usual` is what the words add as weighed among all inside, `beside` as weighed among those that look alike.
    """

    odds: Floats
    usual: Floats
    beside: Floats
    same: Flags


Way = Callable[[Stated], Floats]
"""Returns the log odds with the words."""


def main() -> None:
    """Print a table for each city, and the likeliest share of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cities", type=Path, nargs="+")
    parser.add_argument("--queries", type=int, default=120, help="questions a city, at most; half as many are absent")
    arguments = parser.parse_args()
    everything = []
    for city in arguments.cities:
        questions = list(stated_questions(city, arguments.queries))
        print(f"*{city.name}*, {len(questions)} questions; {machine()}\n\n| | nats | hit@1 | mAP |\n|---|---|---|---|")
        for name, way in ways().items():
            print(f"| {name} | {' | '.join(f'{value:.4f}' for value in figures(questions, way))} |")
        print(f"the likeliest share: {likeliest_share(questions):.2f}\n", flush=True)
        everything += questions
    print(f"the likeliest share of all: {likeliest_share(everything):.2f}")


def ways() -> Mapping[str, Way]:
    """Return the ways to weigh the words, by name."""
    return {
        "without the words": lambda one: one.odds,
        "usual among all inside": lambda one: one.odds + one.usual,
        **{f"among those that look alike, times {share:g}": partial(_beside, share=share) for share in SHARES},
    }


def _beside(one: Stated, share: float) -> Floats:
    return one.odds + share * one.beside


def stated_questions(city: Path, queries: int) -> Iterator[Stated]:
    """Yield the questions of a city, a third of them about vehicles that no other camera saw."""
    archive, truth = Archive.open(city / "archive"), read_truth(city)
    matched = match_archive(archive, city, truth)
    known = matched.known_sightings(truth)
    asked = draw_questions(known, truth.passages, n=queries, seed=0)
    asked += draw_absent_questions(known, truth.passages, n=queries // 2, seed=0)
    for one in asked:
        vehicle = truth.vehicles[one.vehicle]
        bounded = bound(archive, query_of(one), local_person(), SearchOptions())
        question = with_gallery(bounded, look_inside(archive, bounded.scope, shortlist=bounded.options.shortlist))
        gallery = question.gallery
        usual = stated_llrs(attributes_of(archive, gallery), type_=vehicle.type, colour=vehicle.colour)
        beside = stated_beside_looks(archive, question, type_=vehicle.type, colour=vehicle.colour)
        by_looks = replace(Llrs.missing(len(gallery)), appearance=gallery.appearance)
        yield Stated(
            odds(question, by_looks),
            np.nan_to_num(usual),
            np.nan_to_num(beside),
            np.array([matched.matches[id_].vehicle == one.vehicle for id_ in gallery.ids], dtype=np.bool_),
        )


def nats(one: Stated, way: Way) -> float:
    """Return the log likelihood of the truth of one question."""
    said = way(one)
    return -float(np.logaddexp(0, np.where(one.same, -said, said)).sum())


def figures(questions: Sequence[Stated], way: Way) -> Sequence[float]:
    """Return nats, hit@1 and mean average precision; the rankings are of questions that have an answer."""
    seen = [one for one in questions if one.same.any()]
    right = [one.same[np.argsort(-way(one), kind="stable")] for one in seen]
    precision = [average_precision(one, int(one.sum())) for one in right]
    mean = np.mean([nats(one, way) for one in questions])
    return float(mean), float(np.mean([one[0] for one in right])), float(np.mean(precision))


def likeliest_share(questions: Sequence[Stated]) -> float:
    """Return the share of the words, among those that look alike, that makes the truth the likeliest."""

    def surprise(share: float) -> float:
        return -sum(nats(one, partial(_beside, share=share)) for one in questions)

    return float(minimize_scalar(surprise, bounds=(0, 2)).x)


if __name__ == "__main__":
    main()
