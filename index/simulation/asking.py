"""Ask the questions of a city, in as many processes as wanted: each is answered by itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from index.ingest.workers import run_in_processes
from index.search.plate_memory import PlateMemory
from index.search.question import SearchOptions
from index.simulation.answer_score import Answer, ask, ask_once
from index.simulation.match_archive import CityTruth, MatchedArchive
from index.simulation.peer_ranking import ask_peers, with_peers
from index.simulation.questions import CityQuestion, draw_absent_questions, draw_gap_questions, draw_questions
from index.store.archive import Archive

AT_ONCE = 10
"""A process asks so many questions before it hands in the answers."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Some questions that are asked together, the first of which is the `first` of all.

    They are asked at every stage or only as people do, of the peers as well or not, and without some parts of a search.
    """

    archive: Path
    first: int
    questions: tuple[CityQuestion, ...]
    seed: int
    every_stage: bool
    of_peers: bool
    without: frozenset[str]


class Asking:
    """Asks the questions of a city; what the search reads of plates is kept from one question to the next."""

    def __init__(
        self,
        archive: Archive,
        matched: MatchedArchive,
        truth: CityTruth,
        queries: int,
        seed: int,
        workers: int,
        say: Progress,
    ) -> None:
        self.search = SearchOptions(plate_memory=_memory())
        self._archive, self._known, self._truth = archive, matched.known_sightings(truth), truth
        self._queries, self._seed, self._workers, self._say = queries, seed, workers, say

    def seen(self) -> tuple[Answer, ...]:
        """Ask about vehicles that other cameras saw, at every stage, and of the peers."""
        questions = draw_questions(self._known, self._truth.passages, n=self._queries, seed=self._seed)
        return self._each(questions, "questions", every_stage=True, of_peers=True)

    def absent(self) -> tuple[Answer, ...]:
        """Ask about vehicles that no other camera saw, as people do, and of the peers."""
        passages, missed, half = self._truth.passages, self._truth.missed, self._queries // 2
        questions = draw_absent_questions(self._known, passages, n=half, seed=self._seed, missed=missed)
        return self._each(questions, "questions about vehicles that nobody else saw", of_peers=True)

    def gap(self) -> tuple[Answer, ...]:
        """Ask about vehicles that drove through a gap in the footage, as people do."""
        passages, missed, half = self._truth.passages, self._truth.missed, self._queries // 2
        questions = draw_gap_questions(self._known, passages, n=half, seed=self._seed, missed=missed)
        return self._each(questions, "questions about vehicles that drove through a gap")

    def without(self, part: str, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        """Ask the same questions without a part."""
        questions = [answer.question for answer in answers]
        return self._each(questions, f"questions without {part}", without=frozenset((part,)))

    def _each(
        self,
        questions: Sequence[CityQuestion],
        what: str,
        *,
        every_stage: bool = False,
        of_peers: bool = False,
        without: frozenset[str] = frozenset(),
    ) -> tuple[Answer, ...]:
        path, seed = self._archive.path, self._seed
        parts = [
            Asked(path, first, tuple(questions[first : first + AT_ONCE]), seed, every_stage, of_peers, without)
            for first in range(0, len(questions), AT_ONCE)
        ]
        answers: dict[int, Answer] = {}
        for first, answered in self._answered(parts):
            answers.update(enumerate(answered, start=first))
            self._say(f"{len(answers)} of {len(questions)} {what} asked")
        return tuple(answers[number] for number in range(len(questions)))

    def _answered(self, parts: Sequence[Asked]) -> Iterator[tuple[int, tuple[Answer, ...]]]:
        if self._workers == 1:
            return ((part.first, _answers(self._archive, part, self.search)) for part in parts)
        return run_in_processes(answer_all, parts, self._workers)


def answer_all(part: Asked) -> tuple[int, tuple[Answer, ...]]:
    """Answer some questions in a process of their own; return the number of the first, and the answers."""
    with Archive.open(part.archive) as archive:
        return part.first, _answers(archive, part, SearchOptions(plate_memory=_memory()))


@cache
def _memory() -> PlateMemory:
    """Return what this process has read of plates, in all the questions that it is given."""
    return PlateMemory()


def _answers(archive: Archive, part: Asked, usual: SearchOptions) -> tuple[Answer, ...]:
    options = replace(usual, without=part.without)
    answers = []
    for question in part.questions:
        if part.every_stage:
            answer = ask(archive, question, seed=part.seed, options=options)
        else:
            answer = ask_once(archive, question, options)
        answers.append(with_peers(answer, ask_peers(archive, question)) if part.of_peers else answer)
    return tuple(answers)
