"""Score what each step and each part of a search brings: the same questions without it, paired question by question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.simulation.answer_score import RANK_FIGURES, STAGES, Answer, Figures, rank_scores
from index.simulation.matching import Match
from reid.evaluation.intervals import as_json, share

Scores = Mapping[str, float]

SHOWN_STAGE = "itinerary"
"""The ranking of the last step is the one that people are shown."""

WHOLE = "whole"
"""The name of the difference between what people are shown and what other tools find."""


@dataclass(frozen=True, slots=True)
class PartFigures:
    """Hits and mAP of the shown ranking without a part, and how much more all evidence has, paired by question."""

    without: Figures
    gain: Figures

    def as_json(self) -> dict[str, object]:
        """Return the figures, the gains nested in them."""
        return as_json(**self.without) | {"gain": as_json(**self.gain)}


def step_gains(answers: Sequence[Answer], matches: Mapping[str, Match], *, peer: str) -> Mapping[str, Figures]:
    """Return what each stage has more than the one before, paired by question; the whole search is beside a peer's."""
    steps = {stage: (before, stage) for before, stage in pairwise(STAGES)}
    return {
        name: gains(answers, *([rank_scores(answer, stage, matches) for answer in answers] for stage in pair))
        for name, pair in {**steps, WHOLE: (peer, SHOWN_STAGE)}.items()
    }


def gains(answers: Sequence[Answer], before: Sequence[Scores], after: Sequence[Scores]) -> Figures:
    """Return how much more the scores of the same questions are, by figure."""
    groups = [answer.question.vehicle for answer in answers]
    both = list(zip(before, after, strict=True))
    return {name: share(groups, [more[name] - less[name] for less, more in both]) for name in RANK_FIGURES}


def part_figures(answers: Sequence[Answer], without: Sequence[Answer], matches: Mapping[str, Match]) -> PartFigures:
    """Return the figures of one part from the answers with all evidence and those without it, in the same order."""
    groups = [answer.question.vehicle for answer in answers]
    whole = [rank_scores(answer, SHOWN_STAGE, matches) for answer in answers]
    less = [rank_scores(answer, SHOWN_STAGE, matches) for answer in without]
    return PartFigures(
        {name: share(groups, [one[name] for one in less]) for name in RANK_FIGURES},
        gains(answers, less, whole),
    )
