"""Score an archive made from a simulated city against the city's truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.simulation.answer_score import (
    RANDOM,
    STAGES,
    Answer,
    ask,
    calibration_figures,
    itinerary_figures,
    ranking_figures,
)
from index.simulation.area_score import AreaFigures, area_figures
from index.simulation.match_archive import CityTruth, MatchedArchive, match_archive, read_truth
from index.simulation.questions import CityQuestion, draw_questions
from index.simulation.sighting_score import Figures, attribute_figures, passage_figures, plate_figures
from index.store.archive import Archive
from reid.evaluation.intervals import as_json

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """The number of questions, and the seed that draws them."""

    queries: int = 200
    seed: int = 0


@dataclass(frozen=True, slots=True)
class QuestionCounts:
    """The number of questions, the mean size of their galleries, and the number of relevant passages."""

    n: int
    gallery: float | None
    relevant: int


@dataclass(frozen=True, slots=True)
class Score:
    """Every figure of a city by section; `docs/measures.md` says what each means."""

    passages: Figures
    attributes: Figures
    plates: Figures
    questions: QuestionCounts
    ranking: Mapping[str, Figures]
    itinerary: Figures
    area_now: Mapping[str, AreaFigures]
    calibration: Figures

    def as_json(self) -> dict[str, object]:
        """Return the figures by the names of the contract, each with its interval."""
        return {
            "passages": as_json(**self.passages),
            "attributes": as_json(**self.attributes),
            "plates": as_json(**self.plates),
            "questions": asdict(self.questions),
            "ranking": {stage: as_json(**figures) for stage, figures in self.ranking.items()},
            "itinerary": as_json(**self.itinerary),
            "area_now": {minutes: _area_json(figures) for minutes, figures in self.area_now.items()},
            "calibration": as_json(**self.calibration),
        }


def score(
    archive: Archive, city: Path, options: ScoreOptions = ScoreOptions(), progress: Progress | None = None
) -> Score:
    """Match the archive's sightings with the city's truth, ask questions, and return every figure."""
    say = progress or (lambda line: None)
    truth = read_truth(city)
    matched = match_archive(archive, city, truth)
    known = matched.known_sightings(truth)
    questions = draw_questions(known, truth.passages, n=options.queries, seed=options.seed)
    answers = []
    for number, question in enumerate(questions, start=1):
        answers.append(ask(archive, question, seed=options.seed))
        if number % 20 == 0 or number == len(questions):
            say(f"{number} of {len(questions)} questions asked")
    areas = area_figures(archive, city, matched, truth, options.queries, options.seed)
    return _score(matched, truth, answers, areas)


def _score(
    matched: MatchedArchive, truth: CityTruth, answers: Sequence[Answer], areas: Mapping[str, AreaFigures]
) -> Score:
    sightings, matches = matched.sightings, matched.matches
    return Score(
        passages=passage_figures([matches[s.id] for s in sightings], truth.passages, matched.identities),
        attributes=attribute_figures(sightings, matches, truth.vehicles),
        plates=plate_figures(sightings, matches, truth.passages, truth.vehicles),
        questions=_count_questions([answer.question for answer in answers]),
        ranking={stage: ranking_figures(answers, stage, matches) for stage in (*STAGES, RANDOM)},
        itinerary=itinerary_figures(answers, matches),
        area_now=areas,
        calibration=calibration_figures(answers, matches),
    )


def _count_questions(questions: Sequence[CityQuestion]) -> QuestionCounts:
    galleries = [len(question.gallery) for question in questions]
    relevant = sum(len(question.relevant) for question in questions)
    return QuestionCounts(len(questions), sum(galleries) / len(galleries) if galleries else None, relevant)


def _area_json(figures: AreaFigures) -> dict[str, object]:
    """Return the search's figures, with those of the isochrone and of the whole map nested in them."""
    own = as_json(**figures["search"])
    return own | {kind: as_json(**figures[kind]) for kind in ("isochrone", "map")}
