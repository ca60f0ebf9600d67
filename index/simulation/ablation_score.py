"""Score what each part of a search brings: the same questions without it, and the difference question by question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.simulation.answer_score import RANK_FIGURES, Answer, Figures, rank_scores
from index.simulation.matching import Match
from reid.evaluation.intervals import as_json, share

SHOWN_STAGE = "itinerary"
"""The ranking of the last step is the one that people are shown."""


@dataclass(frozen=True, slots=True)
class PartFigures:
    """Hits and mAP of the shown ranking without a part, and how much more all evidence has, paired by question."""

    without: Figures
    gain: Figures

    def as_json(self) -> dict[str, object]:
        """Return the figures, the gains nested in them."""
        return as_json(**self.without) | {"gain": as_json(**self.gain)}


def part_figures(answers: Sequence[Answer], without: Sequence[Answer], matches: Mapping[str, Match]) -> PartFigures:
    """Return the figures of one part from the answers with all evidence and those without it, in the same order."""
    groups = [answer.question.vehicle for answer in answers]
    whole = [rank_scores(answer, SHOWN_STAGE, matches) for answer in answers]
    less = [rank_scores(answer, SHOWN_STAGE, matches) for answer in without]
    return PartFigures(
        {name: share(groups, [one[name] for one in less]) for name in RANK_FIGURES},
        {
            name: share(groups, [own[name] - other[name] for own, other in zip(whole, less, strict=True)])
            for name in RANK_FIGURES
        },
    )
