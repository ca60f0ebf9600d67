"""Ask an archive the questions of a city, and keep what each step of the search said."""

from collections.abc import Iterable, Mapping

from index.archive import Archive
from index.office.access import local_person
from index.search import SearchOptions, search
from index.sighting import Query, Ranking
from index.simulation.answer_score import RANDOM, SHOWN, Answer, lottery
from index.simulation.questions import HORIZON_S, Question

WHOLE_GALLERY = 1_000_000_000
_FULL_STEPS = {"appearance": "appearance", "plate": "plate"}
"""Steps of the search that are scored over the whole gallery, and the stage that each is."""
_PRUNED_STEPS = {"travel": "travel", "fusion": "fused", "itinerary": "itinerary"}
"""Steps that are scored as the search does them, without the cameras that cannot be reached."""


def ask(archive: Archive, question: Question, *, seed: int) -> Answer:
    """Return what the search says to a question."""
    person = local_person()
    query = Query(sighting=question.sighting, horizon_s=HORIZON_S, top=WHOLE_GALLERY, reason="score")
    unpruned = search(archive, query, person, SearchOptions(prune=False))
    rankings = _by_stage(unpruned, _FULL_STEPS, until="plate")
    steps = list(search(archive, query, person))
    rankings |= _by_stage(steps, _PRUNED_STEPS)
    rankings[RANDOM] = lottery(question, seed=seed)
    last = steps[-1]
    shown = tuple((candidate.sighting.id, candidate.probability) for candidate in last.candidates[:SHOWN])
    story = tuple(stop.sighting for stop in last.itinerary.stops) if last.itinerary else ()
    return Answer(question, rankings, shown, story)


def _by_stage(
    steps: Iterable[Ranking], stage_of_step: Mapping[str, str], *, until: str | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the order of the candidates after each of the steps asked for."""
    rankings = {}
    for ranking in steps:
        step = ranking.stages[-1].name
        if step in stage_of_step:
            rankings[stage_of_step[step]] = tuple(candidate.sighting.id for candidate in ranking.candidates)
        if step == until:
            break
    return rankings
