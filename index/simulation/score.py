"""Score an archive made from a simulated city against the city's truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from index.errors import ArchiveError
from index.search.plate_memory import PlateMemory
from index.search.question import PARTS, SearchOptions
from index.simulation.ablation_score import part_figures, step_gains
from index.simulation.absent_score import absent_figures
from index.simulation.answer_score import (
    RANDOM,
    STAGES,
    Answer,
    ask,
    ask_once,
    calibration_figures,
    itinerary_figures,
    ranking_figures,
)
from index.simulation.area_score import AreaFigures, area_figures
from index.simulation.failures import worst_failures
from index.simulation.gap_score import gap_figures
from index.simulation.match_archive import CityTruth, MatchedArchive, match_archive, read_truth
from index.simulation.peer_ranking import PEERS, ask_peers, with_peers
from index.simulation.questions import CityQuestion, draw_absent_questions, draw_gap_questions, draw_questions
from index.simulation.sighting_score import attribute_figures, passage_figures, plate_figures
from index.store.archive import Archive
from reid.evaluation.intervals import as_json

Progress = Callable[[str], None]

SECTIONS = ("passages", "ranking", "absent", "gap", "area")
"""What can be scored alone: the sightings, the answers, those about vehicles that nobody else saw, those about vehicles
that drove through a gap in the footage, and the areas."""

Section = Mapping[str, object]
"""Figures as JSON, each with its interval."""


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """The number of questions, the seed that draws them, the sections to score, and the parts to try without.

    Half as many questions more are about vehicles that no other camera saw, and as many about those that drove through
    a gap. So many `failures` are told, the worst.
    """

    queries: int = 200
    seed: int = 0
    only: tuple[str, ...] = SECTIONS
    without: tuple[str, ...] = ()
    failures: int = 0

    def __post_init__(self) -> None:
        """Refuse sections and parts that do not exist."""
        for names, known in ((self.only, SECTIONS), (self.without, PARTS)):
            unknown = sorted(set(names).difference(known))
            if unknown:
                raise ArchiveError(f"{unknown[0]!r} is none of {', '.join(known)}: choose one of these")


def score(
    archive: Archive, city: Path, options: ScoreOptions = ScoreOptions(), progress: Progress | None = None
) -> dict[str, Section]:
    """Match the archive's sightings with the city's truth, ask questions, and return the figures by section, as JSON.

    `docs/measures.md` says what each figure means.
    """
    truth = read_truth(city)
    matched = match_archive(archive, city, truth)
    asking = _Asking(archive, matched, truth, options, progress or (lambda line: None))
    document: dict[str, Section] = {}
    if "passages" in options.only:
        document |= _sighting_sections(matched, truth)
    answers = asking.seen() if {"ranking", "absent"} & set(options.only) or options.without else ()
    if "ranking" in options.only:
        document |= _ranking_sections(answers, matched)
    absent = asking.absent() if "absent" in options.only else ()
    if "absent" in options.only:
        document["absent"] = absent_figures(absent, answers, matched.matches).as_json()
    if "gap" in options.only:
        document["gap"] = gap_figures(asking.gap(), matched.matches, truth).as_json()
    if options.failures and (answers or absent):
        worst = worst_failures(archive, [*answers, *absent], matched.matches, asking.search, most=options.failures)
        document["failures"] = {"surest_wrong": [one.as_json() for one in worst]}
    if options.without:
        document["without"] = {part: asking.without(part, answers) for part in options.without}
    if "area" in options.only:
        areas = area_figures(archive, city, matched, truth, options.queries, options.seed, asking.search)
        document["area_now"] = {minutes: _area_json(figures) for minutes, figures in areas.items()}
    return document


class _Asking:
    """Asks the questions of a city; what the search reads of plates is kept from one question to the next."""

    def __init__(
        self, archive: Archive, matched: MatchedArchive, truth: CityTruth, options: ScoreOptions, say: Progress
    ) -> None:
        self.search = SearchOptions(plate_memory=PlateMemory())
        self._archive, self._matched, self._truth = archive, matched, truth
        self._options, self._say = options, say

    def seen(self) -> tuple[Answer, ...]:
        """Ask about vehicles that other cameras saw, at every stage, and of the peers."""
        known, options = self._matched.known_sightings(self._truth), self._options
        questions = draw_questions(known, self._truth.passages, n=options.queries, seed=options.seed)

        def answer(question: CityQuestion) -> Answer:
            own = ask(self._archive, question, seed=options.seed, options=self.search)
            return with_peers(own, ask_peers(self._archive, question))

        return self._each(questions, answer, "questions")

    def absent(self) -> tuple[Answer, ...]:
        """Ask about vehicles that no other camera saw, as people do, and of the peers."""
        known, options = self._matched.known_sightings(self._truth), self._options
        passages, missed = self._truth.passages, self._truth.missed
        questions = draw_absent_questions(known, passages, n=options.queries // 2, seed=options.seed, missed=missed)

        def answer(question: CityQuestion) -> Answer:
            return with_peers(ask_once(self._archive, question, self.search), ask_peers(self._archive, question))

        return self._each(questions, answer, "questions about vehicles that nobody else saw")

    def gap(self) -> tuple[Answer, ...]:
        """Ask about vehicles that drove through a gap in the footage, as people do."""
        known, options = self._matched.known_sightings(self._truth), self._options
        passages, missed = self._truth.passages, self._truth.missed
        questions = draw_gap_questions(known, passages, n=options.queries // 2, seed=options.seed, missed=missed)
        answer = partial(ask_once, self._archive, options=self.search)
        return self._each(questions, answer, "questions about vehicles that drove through a gap")

    def without(self, part: str, answers: Sequence[Answer]) -> Section:
        """Ask the same questions without a part."""
        less = replace(self.search, without=frozenset((part,)))
        questions = [answer.question for answer in answers]
        without = self._each(questions, lambda one: ask_once(self._archive, one, less), f"questions without {part}")
        return part_figures(answers, without, self._matched.matches).as_json()

    def _each(
        self, questions: Sequence[CityQuestion], answer: Callable[[CityQuestion], Answer], what: str
    ) -> tuple[Answer, ...]:
        answers = []
        for number, question in enumerate(questions, start=1):
            answers.append(answer(question))
            if number % 20 == 0 or number == len(questions):
                self._say(f"{number} of {len(questions)} {what} asked")
        return tuple(answers)


def _sighting_sections(matched: MatchedArchive, truth: CityTruth) -> dict[str, Section]:
    sightings, matches = matched.sightings, matched.matches
    passages = passage_figures([matches[s.id] for s in sightings], truth.passages, matched.identities)
    return {
        "passages": as_json(**passages),
        "attributes": as_json(**attribute_figures(sightings, matches, truth.vehicles)),
        "plates": as_json(**plate_figures(sightings, matches, truth.passages, truth.vehicles)),
    }


def _ranking_sections(answers: Sequence[Answer], matched: MatchedArchive) -> dict[str, Section]:
    def ranked(stages: Sequence[str]) -> Section:
        return {stage: as_json(**ranking_figures(answers, stage, matched.matches)) for stage in stages}

    return {
        "questions": _count_questions([answer.question for answer in answers]),
        "ranking": ranked((*STAGES, RANDOM)),
        "peers": ranked(PEERS),
        "steps": {
            step: as_json(**figures)
            for step, figures in step_gains(answers, matched.matches, peer="cosine_and_plate").items()
        },
        "itinerary": as_json(**itinerary_figures(answers, matched.matches)),
        "calibration": as_json(**calibration_figures(answers, matched.matches)),
    }


def _count_questions(questions: Sequence[CityQuestion]) -> Section:
    """Return the number of questions, the mean size of their galleries, and the number of relevant passages."""
    galleries = [len(question.gallery) for question in questions]
    relevant = sum(len(question.relevant) for question in questions)
    return {
        "n": len(questions),
        "gallery": sum(galleries) / len(galleries) if galleries else None,
        "relevant": relevant,
    }


def _area_json(figures: AreaFigures) -> dict[str, object]:
    """Return the search's figures, with those of the isochrone and of the whole map nested in them."""
    own = as_json(**figures["search"])
    return own | {kind: as_json(**figures[kind]) for kind in ("isochrone", "map")}
