"""Score an archive made from a simulated city against the city's truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.archive import Archive
from index.simulation.answer_score import (
    RANDOM,
    STAGES,
    Answer,
    calibration_figures,
    itinerary_figures,
    ranking_figures,
)
from index.simulation.area_score import Kinds, area_figures
from index.simulation.asking import ask
from index.simulation.questions import Question, questions
from index.simulation.recall import CityTruth, Remembered, read_truth, remember
from index.simulation.seeing_score import Figures, attribute_figures, passage_figures, plate_figures
from reid.evaluation.intervals import Figure, as_json

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """How many questions are drawn, and by which seed."""

    queries: int = 200
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """How many questions were asked, the mean size of their galleries, and how many passages were to be found."""

    n: int
    gallery: float | None
    relevant: int


@dataclass(frozen=True, slots=True)
class Score:
    """Every figure of a city by its section; MEASURES in `docs/measures.md` says what each means."""

    passages: Figures
    attributes: Figures
    plates: Figures
    questions: Asked
    ranking: Mapping[str, Figures]
    itinerary: Figures
    area_now: Mapping[str, Kinds]
    calibration: Figures

    def as_json(self) -> dict[str, object]:
        """Return the figures under the names of the contract, each with its interval."""
        return {
            "passages": as_json(**self.passages),
            "attributes": as_json(**self.attributes),
            "plates": as_json(**self.plates),
            "questions": {
                "n": self.questions.n,
                "gallery": self.questions.gallery,
                "relevant": self.questions.relevant,
            },
            "ranking": {stage: as_json(**figures) for stage, figures in self.ranking.items()},
            "itinerary": as_json(**self.itinerary),
            "area_now": {minutes: _kinds(kinds) for minutes, kinds in self.area_now.items()},
            "calibration": as_json(**self.calibration),
        }


def score(
    archive: Archive, city: Path, options: ScoreOptions = ScoreOptions(), progress: Progress | None = None
) -> Score:
    """Match what the archive saw, ask it questions, and return every figure."""
    say = progress or (lambda line: None)
    true = read_truth(city)
    remembered = remember(archive, city, true)
    asked = questions(remembered.known(true.clocks), true.passages, n=options.queries, seed=options.seed)
    answers = []
    for number, question in enumerate(asked, start=1):
        answers.append(ask(archive, question, seed=options.seed))
        if number % 20 == 0 or number == len(asked):
            say(f"{number} of {len(asked)} questions asked")
    areas = area_figures(archive, city, remembered, true, options.queries, options.seed)
    return _figures(remembered, true, answers, areas)


def _figures(remembered: Remembered, true: CityTruth, answers: Sequence[Answer], areas: Mapping[str, Kinds]) -> Score:
    sightings, matches = remembered.sightings, remembered.matches
    return Score(
        passages=passage_figures([matches[s.id] for s in sightings], true.passages, remembered.identities),
        attributes=attribute_figures(sightings, matches, true.vehicles),
        plates=plate_figures(sightings, matches, true.passages, true.vehicles),
        questions=_asked([answer.question for answer in answers]),
        ranking={stage: ranking_figures(answers, stage, matches) for stage in (*STAGES, RANDOM)},
        itinerary=itinerary_figures(answers, matches),
        area_now=areas,
        calibration=calibration_figures(answers, matches),
    )


def _asked(asked: Sequence[Question]) -> Asked:
    galleries = [len(question.gallery) for question in asked]
    relevant = sum(len(question.relevant) for question in asked)
    return Asked(len(asked), sum(galleries) / len(galleries) if galleries else None, relevant)


def _kinds(kinds: Mapping[str, Mapping[str, Figure]]) -> dict[str, object]:
    """Return the search's own figures, with those of the isochrone and of the whole map inside."""
    own = as_json(**kinds["search"])
    return own | {kind: as_json(**kinds[kind]) for kind in ("isochrone", "map")}
