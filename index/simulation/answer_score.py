"""Score what was answered: rankings by stage, probabilities and itineraries, against what is true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.simulation.matching import Match
from index.simulation.questions import Question, judged
from reid.evaluation.intervals import Figure, Indices, figure, share
from reid.evaluation.metrics import average_precision, brier, calibration_error, hit_at

STAGES = ("appearance", "plate", "travel", "fused", "itinerary")
"""Looks alone; with the plate; with travel time and direction; all fused; after the itinerary."""
RANDOM = "random"
"""The trivial answer: the gallery in an order drawn by lot."""
SHOWN = 10
"""So many candidates of each question have their probabilities checked."""

Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the search said to a question: sightings best first by stage, the probabilities shown, the best story."""

    question: Question
    rankings: Mapping[str, tuple[str, ...]]
    shown: tuple[tuple[str, float], ...]
    story: tuple[str, ...]


def ranking_figures(answers: Sequence[Answer], stage: str, matches: Mapping[str, Match]) -> Figures:
    """Return hit at 1, hit at 5 and mean average precision of one stage."""
    groups = [answer.question.vehicle for answer in answers]
    right = [judged(answer.rankings[stage], answer.question, matches) for answer in answers]
    precisions = [average_precision(r, len(a.question.relevant)) for r, a in zip(right, answers, strict=True)]
    return {
        "hit1": share(groups, [hit_at(ranking, 1) for ranking in right]),
        "hit5": share(groups, [hit_at(ranking, 5) for ranking in right]),
        "map": share(groups, precisions),
    }


def lottery(question: Question, *, seed: int) -> tuple[str, ...]:
    """Return the gallery in an order that knows nothing; each question draws its own."""
    rng = np.random.default_rng([seed, *question.sighting.encode()])
    return tuple(question.gallery[i] for i in rng.permutation(len(question.gallery)))


def calibration_figures(answers: Sequence[Answer], matches: Mapping[str, Match]) -> Figures:
    """Return ECE and Brier score of the probabilities shown, beside the Brier score of always saying the base rate."""
    shown = [
        (answer.question.vehicle, probability, matches[sighting].vehicle == answer.question.vehicle)
        for answer in answers
        for sighting, probability in answer.shown[:SHOWN]
    ]
    groups = [vehicle for vehicle, _, _ in shown]
    probabilities = np.array([probability for _, probability, _ in shown], float)
    true = np.array([same for _, _, same in shown], bool)

    def base(drawn: Indices) -> float:
        rate = float(true[drawn].mean())
        return rate * (1 - rate)

    return {
        "ece": figure(groups, lambda drawn: calibration_error(probabilities[drawn], true[drawn])),
        "brier": figure(groups, lambda drawn: brier(probabilities[drawn], true[drawn])),
        "brier_base": figure(groups, base),
    }


def itinerary_figures(answers: Sequence[Answer], matches: Mapping[str, Match]) -> Figures:
    """Return precision and recall of the passages that the best stories claim, beside the one asked about."""
    groups, right, claimed, true = [], [], [], []
    for answer in answers:
        question = answer.question
        passages = [matches[stop].passage for stop in answer.story if stop != question.sighting]
        judged_ones = [passage for passage in passages if passage is None or passage not in question.unscored]
        groups.append(question.vehicle)
        right.append(len(question.others.intersection(filter(None, passages))))
        claimed.append(len(judged_ones))
        true.append(len(question.others))
    return {"precision": share(groups, right, claimed), "recall": share(groups, right, true)}
