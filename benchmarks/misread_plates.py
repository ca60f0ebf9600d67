"""Ask about plates that are there and were misread, with and without the rules that doubt such readings.

A text with a character more, fewer or in another place is weighed as that of a related plate, because such plates
exist. A reader that leaves a character out, or exchanges two, pays for it. Of each question one right answer, whose
plate was read right, gets such a reading instead; the same question is asked with the rules and without them.
"""

import argparse
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks.absent_plates import changed
from benchmarks.claim import machine
from index.access.permissions import local_person
from index.answers import Query
from index.search.search import search
from index.simulation.match_archive import MatchedArchive, match_archive, read_truth
from index.simulation.questions import CityQuestion, draw_questions, judge_ranking
from index.store.archive import Archive
from index.store.catalogue import plates
from reid.evaluation.intervals import figure
from reid.evaluation.metrics import average_precision
from reid.plates import likelihood
from reid.plates.spelling import plain
from reid.vehicle import Plate

MISTAKES = ("none", "one differs", "two exchanged", "one missed", "one missed, a stray at the end")
ASKED_BY = ("plate", "sighting")
NEVER = 1e-30
RULES: Mapping[str, Mapping[str, float]] = {
    "with both rules": {"OTHER_ORDER": likelihood.OTHER_ORDER},
    "without other order": {"OTHER_ORDER": NEVER},
    "without either": {"OTHER_ORDER": NEVER, "OTHER_LENGTH": NEVER},
}
SCORES = ("AP", "a right one first", "probability of the misread", "misread at 0.5", "misread at 0.9")


@dataclass(frozen=True, slots=True)
class MisreadQuestion:
    """A question whose own plate was read right, and a right answer, also read right, which will be misread."""

    question: CityQuestion
    answer: str
    text: str


def misread(text: str, mistake: str, rng: np.random.Generator) -> str:
    """Return what a reader makes of a plate; always another text, unless the mistake is "none"."""
    if mistake == "none":
        return text
    place = int(rng.integers(len(text)))
    if mistake == "one missed":
        return text[:place] + text[place + 1 :]
    for _ in range(100):
        stray = str(rng.choice(list("1IL7")))
        read = text[1:] + stray if mistake == "one missed, a stray at the end" else changed(text, mistake, rng)
        if read != text:
            return read
    return text


def questions_of(
    matched: MatchedArchive, asked: Collection[CityQuestion], texts: Mapping[str, str]
) -> Iterator[MisreadQuestion]:
    """Yield the questions that have a right answer which was read right, as the target was."""
    plate_of = {one.id: one.plate.text for one in matched.sightings if one.plate and one.plate.text}
    for question in asked:
        text = texts.get(question.vehicle, "")
        right = [id_ for id_ in question.gallery if matched.matches[id_].passage in question.relevant]
        read = sorted(id_ for id_ in right if plate_of.get(id_) == text)
        if text and plate_of.get(question.sighting) == text and read:
            yield MisreadQuestion(question, read[0], text)


@contextmanager
def reading(sighting: str, text: str) -> Iterator[None]:
    """Let the archive say that the plate of one sighting was read as `text`, as surely as it was read."""
    stored = plates.by_sighting

    def with_another(*given: object) -> dict[str, Plate]:
        found = stored(*given)  # type: ignore[arg-type]
        if sighting in found:
            sure = max(found[sighting].characters[0].values())
            places = tuple({character: sure} for character in text)
            found[sighting] = replace(found[sighting], text=text, characters=places)
        return found

    with mock.patch.object(plates, "by_sighting", with_another):
        yield


@contextmanager
def constants_of_rules(constants: Mapping[str, float]) -> Iterator[None]:
    """Give constants of the likelihood of plates other values."""
    with ExitStack() as stack:
        for name, value in constants.items():
            stack.enter_context(mock.patch.object(likelihood, name, value))
        yield


def scores(archive: Archive, matched: MatchedArchive, one: MisreadQuestion, by: str) -> list[float]:
    """Return the SCORES of one question."""
    question = one.question
    query = Query(sighting=question.sighting, top=100_000)
    if by == "plate":
        query = Query(plate=one.text, camera=question.camera, time=question.time, top=100_000)
    *_, ranking = search(archive, query, local_person())
    right = judge_ranking([found.sighting.id for found in ranking.candidates], question, matched.matches)
    shown = {found.sighting.id: found.probability or 0.0 for found in ranking.candidates}.get(one.answer, 0.0)
    precision = average_precision(right, len(question.relevant))
    return [precision, float(right[:1].any()), shown, float(shown >= 0.5), float(shown >= 0.9)]


def main() -> None:
    """Ask an archive of a city, as `retrace --archive ARCHIVE city make CITY --no-video` makes them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("city", type=Path)
    parser.add_argument("--questions", type=int, default=300, help="at most, before those without such an answer")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    truth = read_truth(given.city)
    texts = {name: plain(vehicle.plate or "") for name, vehicle in truth.vehicles.items()}
    with Archive.open(given.archive) as archive:
        matched = match_archive(archive, given.city, truth)
        drawn = draw_questions(matched.known_sightings(truth), truth.passages, n=given.questions, seed=given.seed)
        asked = list(questions_of(matched, drawn, texts))
        for mistake in MISTAKES:
            for by in ASKED_BY:
                _say(_measured(archive, matched, asked, mistake, by, given.seed), asked, mistake, by)


def _measured(
    archive: Archive, matched: MatchedArchive, asked: list[MisreadQuestion], mistake: str, by: str, seed: int
) -> dict[str, np.ndarray]:
    """Return the scores of every question (n, SCORES) by the rules that were kept."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[list[float]]] = {rules: [] for rules in RULES}
    for one in asked:
        with reading(one.answer, misread(one.text, mistake, rng)):
            for rules, constants in RULES.items():
                with constants_of_rules(constants):
                    found[rules].append(scores(archive, matched, one, by))
    return {rules: np.array(of_each).reshape(-1, len(SCORES)) for rules, of_each in found.items()}


def _say(found: Mapping[str, np.ndarray], asked: list[MisreadQuestion], mistake: str, by: str) -> None:
    """Print each score with the rules and without, and the paired difference with its interval."""
    names = [one.question.vehicle for one in asked]
    whole, *fewer = found
    for column, score in enumerate(SCORES):
        line: dict[str, object] = {"claim": f"{mistake}, asked by {by}: {score}", "unit": "mean", "n": len(names)}
        line |= {rules: round(float(values[:, column].mean()), 4) for rules, values in found.items()}
        for rules in fewer:
            cost = found[whole][:, column] - found[rules][:, column]
            paired = figure(names, lambda rows, cost=cost: float(cost[rows].mean()))  # type: ignore[misc]
            line[f"cost against {rules}"] = [round(one or 0.0, 4) for one in (paired.value, paired.low, paired.high)]
        print(json.dumps(line | {"machine": machine()}), flush=True)


if __name__ == "__main__":
    main()
