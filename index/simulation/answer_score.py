"""Ask the search a city's questions, and score its rankings, probabilities and itineraries against the truth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.access.permissions import local_person
from index.answers import Gap, Query, Ranking
from index.search.plate import MOST_LOOKED_AT
from index.search.question import SearchOptions
from index.search.search import search
from index.simulation.matching import Match
from index.simulation.questions import HORIZON_S, CityQuestion, judge_ranking
from index.store.archive import Archive
from reid.arrays import Flags, Floats, Rows
from reid.evaluation.intervals import Figure, figure, share
from reid.evaluation.metrics import average_precision, brier, calibration_error, hit_at

STAGES = ("appearance", "plate", "travel", "fused", "itinerary")
"""Appearance alone; with the plate; with travel time and direction; all fused; after the itinerary."""
RANK_FIGURES = ("hit1", "hit5", "map")
RANDOM = "random"
"""The trivial answer: the gallery in random order."""
SHOWN = 10
"""The probabilities of this many candidates are checked for each question."""
_UNPRUNED_STEPS = {"appearance": "appearance", "plate": "plate"}
"""Steps of the search that are scored over the whole gallery -> the stage of each."""
_PRUNED_STEPS = {"travel": "travel", "fusion": "fused", "itinerary": "itinerary"}
"""Steps that are scored as the search does them, without unreachable cameras -> the stage of each."""

USUAL = SearchOptions()

Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Answer:
    """The search's answer to a question.

    `rankings` holds the sightings, best first, by stage; `shown` the candidates shown with their probabilities; `story`
    the sightings of the best story; `cosine` the most similar sighting of the gallery and its cosine; `nobody` the
    probability that no sighting shows the vehicle, of the camera asked about neither; `gaps` those in the footage that
    it tells.
    """

    question: CityQuestion
    rankings: Mapping[str, tuple[str, ...]]
    shown: tuple[tuple[str, float], ...]
    story: tuple[str, ...]
    cosine: tuple[str | None, float] = (None, -1.0)
    nobody: float | None = None
    gaps: tuple[Gap, ...] = ()


def ask(archive: Archive, question: CityQuestion, *, seed: int, options: SearchOptions = USUAL) -> Answer:
    """Return the search's answer to a question, with the ranking of every stage."""
    unpruned = search(archive, query_of(question), local_person(), replace(options, prune=False))
    rankings = _by_stage(unpruned, _UNPRUNED_STEPS, until="plate")
    rankings[RANDOM] = random_order(question, seed=seed)
    answer = ask_once(archive, question, options)
    return replace(answer, rankings={**rankings, **answer.rankings})


def ask_once(archive: Archive, question: CityQuestion, options: SearchOptions) -> Answer:
    """Return the search's answer to a question as people get it, with the rankings of the stages that prune."""
    steps = list(search(archive, query_of(question), local_person(), options))
    rankings, last = _by_stage(steps, _PRUNED_STEPS), steps[-1]
    shown = tuple((candidate.sighting.id, candidate.probability or 0.0) for candidate in last.candidates[:SHOWN])
    story = tuple(stop.sighting for stop in last.itinerary.stops) if last.itinerary else ()
    return Answer(question, rankings, shown, story, nobody=last.nobody, gaps=last.searched.gaps)


def random_order(question: CityQuestion, *, seed: int) -> tuple[str, ...]:
    """Return the gallery in random order; each question has its own order."""
    rng = np.random.default_rng([seed, *question.sighting.encode()])
    return tuple(question.gallery[i] for i in rng.permutation(len(question.gallery)))


def ranking_figures(answers: Sequence[Answer], stage: str, matches: Mapping[str, Match]) -> Figures:
    """Return hit at 1, hit at 5 and mean average precision of one stage."""
    groups = [answer.question.vehicle for answer in answers]
    scores = [rank_scores(answer, stage, matches) for answer in answers]
    return {name: share(groups, [score[name] for score in scores]) for name in RANK_FIGURES}


def rank_scores(answer: Answer, stage: str, matches: Mapping[str, Match]) -> dict[str, float]:
    """Return hit at 1, hit at 5 and average precision of one question."""
    right = judge_ranking(answer.rankings[stage], answer.question, matches)
    precision = average_precision(right, len(answer.question.relevant))
    return {"hit1": hit_at(right, 1), "hit5": hit_at(right, 5), "map": precision}


def calibration_figures(answers: Sequence[Answer], matches: Mapping[str, Match]) -> Figures:
    """Return ECE and Brier score of the probabilities shown, and the Brier score of always answering the base rate."""
    shown = [
        (answer.question.vehicle, probability, matches[sighting].vehicle == answer.question.vehicle)
        for answer in answers
        for sighting, probability in answer.shown[:SHOWN]
    ]
    groups = [vehicle for vehicle, _, _ in shown]
    probabilities = np.array([probability for _, probability, _ in shown], float)
    return probability_figures(groups, probabilities, np.array([same for _, _, same in shown], bool))


def probability_figures(groups: Sequence[str], probabilities: Floats, true: Flags) -> Figures:
    """Return ECE and Brier score of some probabilities, and the Brier score of always answering the base rate."""

    def base(drawn: Rows) -> float:
        rate = float(true[drawn].mean())
        return rate * (1 - rate)

    return {
        "ece": figure(groups, lambda drawn: calibration_error(probabilities[drawn], true[drawn])),
        "brier": figure(groups, lambda drawn: brier(probabilities[drawn], true[drawn])),
        "brier_base": figure(groups, base),
    }


def itinerary_figures(answers: Sequence[Answer], matches: Mapping[str, Match]) -> Figures:
    """Return precision and recall of the passages in the best stories, not counting the target's own sighting."""
    groups, right, claimed, true = [], [], [], []
    for answer in answers:
        question = answer.question
        passages = [matches[stop].passage for stop in answer.story if stop != question.sighting]
        scored = [passage for passage in passages if passage is None or passage not in question.unscored]
        groups.append(question.vehicle)
        right.append(len(question.others.intersection(filter(None, passages))))
        claimed.append(len(scored))
        true.append(len(question.others))
    return {"precision": share(groups, right, claimed), "recall": share(groups, right, true)}


def query_of(question: CityQuestion) -> Query:
    """Return what is asked of a search: where the vehicle was within the horizon."""
    return Query(sighting=question.sighting, horizon_s=HORIZON_S, top=MOST_LOOKED_AT, reason="score")


def _by_stage(
    steps: Iterable[Ranking], stage_of_step: Mapping[str, str], *, until: str | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the order of all sightings after each of the named steps."""
    rankings = {}
    for ranking in steps:
        step = ranking.stages[-1].name
        if step in stage_of_step:
            rankings[stage_of_step[step]] = ranking.order
        if step == until:
            break
    return rankings
