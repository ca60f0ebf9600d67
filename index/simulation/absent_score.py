"""Score questions about vehicles that no other camera saw: how many end in a false accusation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.simulation.answer_score import Answer, Figures, calibration_figures, probability_figures
from index.simulation.matching import Match
from reid.arrays import Flags, Floats
from reid.evaluation.intervals import Figure, as_json, share

ACCUSED_AT = (0.5, 0.9, 0.99)
"""A candidate shown with such a probability or more that is another vehicle is accused."""
REFUSED_BELOW = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""The refusal curve: who names nobody below such a probability answers fewer questions, more of them rightly."""
THOUSAND = 1000.0


@dataclass(frozen=True, slots=True)
class AbsentFigures:
    """Of a thousand absent questions, how many accuse somebody, by probability; beside it a threshold on cosines.

    `named_at` is the share of the questions about vehicles that were seen whose first answer is right and as probable:
    who never accuses must not be silent. The threshold is the best in hindsight: most questions decided rightly.
    Of all questions together, `shown` judges the probabilities of candidates, `nobody` those of nobody being right, and
    `refusal` tells which share is answered where the first is at least so probable, and which of these rightly.
    """

    questions: int
    accused_at: Mapping[str, Figure]
    named_at: Mapping[str, Figure]
    threshold: float | None
    cosine_accused: Figure
    cosine_named: Figure
    shown: Figures
    nobody: Figures
    refusal: Mapping[str, Figures]

    def as_json(self) -> dict[str, object]:
        """Return the figures by the names of the contract."""
        return {
            "questions": self.questions,
            "accused_at": as_json(**self.accused_at),
            "named_at": as_json(**self.named_at),
            "shown": as_json(**self.shown),
            "nobody": as_json(**self.nobody),
            "refusal": {p: as_json(**figures) for p, figures in self.refusal.items()},
            "cosine": {"threshold": self.threshold} | as_json(accused=self.cosine_accused, named=self.cosine_named),
        }


@dataclass(frozen=True, slots=True)
class _Decisions:
    """The first answer of some questions: how sure it is, and whether it shows the vehicle asked about."""

    vehicles: list[str]
    sure: Floats
    right: Flags


def absent_figures(absent: Sequence[Answer], seen: Sequence[Answer], matches: Mapping[str, Match]) -> AbsentFigures:
    """Return the figures of absent questions, beside those of questions about vehicles that were seen."""
    named = _shown(seen, matches, accusing=False)
    by_cosine, seen_by_cosine = _by_cosine(absent, matches), _by_cosine(seen, matches)
    threshold = best_threshold(seen_by_cosine.sure, seen_by_cosine.right, by_cosine.sure)
    least = np.inf if threshold is None else threshold
    return AbsentFigures(
        len(absent),
        accused_at(absent, matches),
        {str(p): share(named.vehicles, (named.right & (named.sure >= p)).tolist()) for p in ACCUSED_AT},
        threshold,
        share(by_cosine.vehicles, (THOUSAND * (by_cosine.sure >= least)).tolist()),
        share(seen_by_cosine.vehicles, (seen_by_cosine.right & (seen_by_cosine.sure >= least)).tolist()),
        calibration_figures([*seen, *absent], matches),
        nobody_figures([*seen, *absent], matches),
        refusal_figures([*seen, *absent], matches),
    )


def accused_at(absent: Sequence[Answer], matches: Mapping[str, Match]) -> Mapping[str, Figure]:
    """Return by probability how many of a thousand questions show another vehicle with as much."""
    accused = _shown(absent, matches, accusing=True)
    return {
        str(p): share(accused.vehicles, (THOUSAND * (~accused.right & (accused.sure >= p))).tolist())
        for p in ACCUSED_AT
    }


def nobody_figures(answers: Sequence[Answer], matches: Mapping[str, Match]) -> Figures:
    """Return ECE and Brier score of the probability that no sighting shows the vehicle, of its own camera neither."""
    asked = [(answer.question, answer.nobody) for answer in answers if answer.nobody is not None]
    vehicles = [question.vehicle for question, _ in asked]
    unseen = [question.is_unseen(matches) for question, _ in asked]
    return probability_figures(vehicles, np.array([p for _, p in asked], float), np.array(unseen, bool))


def refusal_figures(answers: Sequence[Answer], matches: Mapping[str, Match]) -> Mapping[str, Figures]:
    """Return by probability the share of questions whose first candidate has as much, and how many of these are right.

    A right one that the camera asked about saw counts as right.
    """
    first = _shown(answers, matches, accusing=False)
    figures = {}
    for least in REFUSED_BELOW:
        answered = (first.sure >= least) & np.array([bool(answer.shown) for answer in answers], dtype=np.bool_)
        right = share(first.vehicles, (first.right & answered).tolist(), answered.tolist())
        figures[str(least)] = {"answered": share(first.vehicles, answered.tolist()), "right": right}
    return figures


def best_threshold(seen: Floats, right: Flags, absent: Floats) -> float | None:
    """Return the threshold that decides most questions rightly: the right one named, or nobody where nobody was seen.

    `seen` and `absent` are the scores of first answers, `right` whether those of `seen` are right. Of equally good
    thresholds it is the highest; None without a question.
    """
    if not len(seen) + len(absent):
        return None
    thresholds = np.unique(np.concatenate([seen, absent, [2.0]]))
    decided = [int((right & (seen >= one)).sum() + (absent < one).sum()) for one in thresholds]
    return float(thresholds[len(thresholds) - 1 - int(np.argmax(decided[::-1]))])


def _shown(answers: Sequence[Answer], matches: Mapping[str, Match], *, accusing: bool) -> _Decisions:
    """Return the likeliest candidate shown of each question; with `accusing` the likeliest that is another vehicle."""
    sure, right = [], []
    for answer in answers:
        judged = [(p, matches[id_].vehicle == answer.question.vehicle) for id_, p in answer.shown if id_ in matches]
        judged = [(p, same) for p, same in judged if not (accusing and same)]
        first = max(judged, key=lambda one: one[0], default=(0.0, False))
        sure.append(first[0])
        right.append(first[1])
    return _Decisions([answer.question.vehicle for answer in answers], np.array(sure, float), np.array(right, bool))


def _by_cosine(answers: Sequence[Answer], matches: Mapping[str, Match]) -> _Decisions:
    """Return the most similar sighting of each question."""
    best = [answer.cosine[0] for answer in answers]
    vehicles = [answer.question.vehicle for answer in answers]
    right = [id_ is not None and matches[id_].vehicle == own for id_, own in zip(best, vehicles, strict=True)]
    return _Decisions(vehicles, np.array([answer.cosine[1] for answer in answers], float), np.array(right, bool))
