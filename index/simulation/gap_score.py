"""Score questions about vehicles that drove through a gap: the one camera they passed did not film at the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from index.answers import Gap
from index.simulation.absent_score import accused_at
from index.simulation.answer_score import Answer
from index.simulation.match_archive import CityTruth
from index.simulation.matching import Match
from index.simulation.truth import TrueMiss
from reid.evaluation.intervals import Figure, as_json, share

NOT_SEEN = 0.5
"""An answer that gives nobody as much says that the vehicle was probably not seen."""
_TO_THE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class GapFigures:
    """Of a thousand gap questions, how many accuse somebody, by probability, and what answers say of nobody and gaps.

    `told` is the share of the answers that name the gap through which the vehicle drove, `not_seen` the share that say
    it was probably not seen, which is true of all.
    """

    questions: int
    accused_at: Mapping[str, Figure]
    told: Figure
    not_seen: Figure

    def as_json(self) -> dict[str, object]:
        """Return the figures by the names of the contract."""
        figures = as_json(told=self.told, not_seen=self.not_seen)
        return {"questions": self.questions, "accused_at": as_json(**self.accused_at)} | figures


def gap_figures(answers: Sequence[Answer], matches: Mapping[str, Match], truth: CityTruth) -> GapFigures:
    """Return the figures of gap questions."""
    vehicles = [answer.question.vehicle for answer in answers]
    told = [any(names(answer.gaps, miss, truth) for miss in answer.question.missed) for answer in answers]
    not_seen = [(answer.nobody or 0.0) >= NOT_SEEN for answer in answers]
    return GapFigures(len(answers), accused_at(answers, matches), share(vehicles, told), share(vehicles, not_seen))


def names(gaps: Sequence[Gap], miss: TrueMiss, truth: CityTruth) -> bool:
    """Return whether one of the gaps, which are by the clocks of the cameras, holds the moment of a miss."""
    return any(gap.camera == miss.camera and _holds(gap, miss.time, truth) for gap in gaps)


def _holds(gap: Gap, time: datetime, truth: CityTruth) -> bool:
    begins, ends = (truth.true_time(gap.camera, shown) for shown in (gap.start, gap.end))
    return begins - _TO_THE_SECOND <= time <= ends + _TO_THE_SECOND
