"""Score an archive made from a simulated city against the city's truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import ArchiveError
from index.search.question import PARTS
from index.simulation.ablation_score import part_figures, step_gains
from index.simulation.absent_score import absent_figures
from index.simulation.answer_score import (
    RANDOM,
    STAGES,
    Answer,
    calibration_figures,
    itinerary_figures,
    ranking_figures,
)
from index.simulation.area_score import AreaFigures, area_figures
from index.simulation.asking import Asking
from index.simulation.failures import worst_failures
from index.simulation.gap_score import gap_figures
from index.simulation.match_archive import CityTruth, MatchedArchive, match_archive, read_truth
from index.simulation.peer_ranking import PEERS
from index.simulation.questions import CityQuestion
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
    archive: Archive,
    city: Path,
    options: ScoreOptions = ScoreOptions(),
    progress: Progress | None = None,
    *,
    workers: int = 1,
) -> dict[str, Section]:
    """Match the archive's sightings with the city's truth, ask questions, and return the figures by section, as JSON.

    Any number of `workers`, processes that ask, gives the same figures. `docs/measures.md` says what each means.
    """
    truth = read_truth(city)
    matched = match_archive(archive, city, truth)
    asking = Asking(archive, matched, truth, options.queries, options.seed, workers, progress or (lambda line: None))
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
        document["without"] = {
            part: part_figures(answers, asking.without(part, answers), matched.matches).as_json()
            for part in options.without
        }
    if "area" in options.only:
        areas = area_figures(archive, city, matched, truth, options.queries, options.seed, asking.search)
        document["area_now"] = {minutes: _area_json(figures) for minutes, figures in areas.items()}
    return document


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
