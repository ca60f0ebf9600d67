"""Tell the worst failures of a search in a city: wrong first answers, the surest first, and what spoke for them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from index.access.permissions import local_person
from index.answers import Candidate
from index.search.question import SearchOptions
from index.search.search import search
from index.simulation.answer_score import Answer, query_of
from index.simulation.csv_rows import iso
from index.simulation.matching import Match
from index.store.archive import Archive


@dataclass(frozen=True, slots=True)
class Given:
    """A candidate of an answer: its rank from 1, its probability, and the reasons given for it."""

    sighting: str
    rank: int
    probability: float
    why: str

    @classmethod
    def of(cls, candidate: Candidate, rank: int) -> "Given":
        """Return what the answer gave."""
        return cls(candidate.sighting.id, rank, candidate.probability or 0.0, candidate.why)


@dataclass(frozen=True, slots=True)
class Failure:
    """A question whose first answer shows another vehicle; `right` is the first that shows the target, None if none."""

    sighting: str
    vehicle: str
    camera: str
    time: str
    wrong: Given
    right: Given | None

    def as_json(self) -> dict[str, object]:
        """Return the failure as plain values."""
        return asdict(self)


def worst_failures(
    archive: Archive, answers: Sequence[Answer], matches: Mapping[str, Match], options: SearchOptions, *, most: int
) -> list[Failure]:
    """Return the surest wrong first answers, at most so many; each question is asked once more for its reasons."""
    wrong = [answer for answer in answers if answer.shown and not _shows(answer.shown[0][0], answer, matches)]
    wrong.sort(key=lambda answer: (-answer.shown[0][1], answer.question.sighting))
    return [_failure(archive, answer, matches, options) for answer in wrong[:most]]


def _failure(archive: Archive, answer: Answer, matches: Mapping[str, Match], options: SearchOptions) -> Failure:
    question = answer.question
    query = replace(query_of(question), top=len(question.gallery))
    *_, last = search(archive, query, local_person(), options)
    given = [Given.of(one, rank) for rank, one in enumerate(last.candidates, start=1)]
    right = next((one for one in given if _shows(one.sighting, answer, matches)), None)
    return Failure(question.sighting, question.vehicle, question.camera, iso(question.time), given[0], right)


def _shows(sighting: str, answer: Answer, matches: Mapping[str, Match]) -> bool:
    return matches[sighting].vehicle == answer.question.vehicle
