"""Time whole answers over a city's archive, with the plates and pictures that a made town has not.

`python -m benchmarks.city_answers hard22 --questions 40`: a city with its archive in CITY/archive. Prints the time and
the processor time of whole answers to different questions, warm; of the same questions asked again with the features of
plates kept, which scores do, and pages after a mark; of marking the first candidate of each in a case, yes and no in
turn, until the page has the answer with the mark; and of one answer in a fresh process whose modules an earlier one has
compiled. It asks a copy of the archive: questions and marks are written down.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.claim import say_spread
from index.access.cases import mark_sighting, open_case
from index.access.permissions import local_person
from index.answers import Query
from index.search.plate_memory import PlateMemory
from index.search.question import SearchOptions
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue import sightings
from index.store.catalogue.sightings import SightingFilter

WARM_UP = 3
FRESH = 5
ASK = "import sys; from ui.cli.main import retrace; retrace(sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds of a whole answer, those of the processor, and how many sightings were inside."""

    seconds: float
    processor_s: float
    inside: int


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(arguments.city / "archive", Path(folder, "archive")))
        measure(copy, arguments.questions, arguments.seed)


def measure(folder: Path, questions: int, seed: int) -> None:
    """Print the claims about an archive, which gets a case for each question."""
    with Archive.open(folder) as archive:
        asked = drawn(archive, questions + WARM_UP, seed=seed)
        first, again, marked = [], [], []
        for number, id_ in enumerate(asked):
            options = SearchOptions(plate_memory=PlateMemory())
            first.append(timed(archive, id_, options))
            again.append(timed(archive, id_, options))
            marked.append(timed_mark(archive, id_, options, ("yes", "no")[number % 2]))
    inside = np.mean([one.inside for one in first[WARM_UP:]])
    where = f"of {inside:.0f} sightings inside, {len(asked) - WARM_UP} different questions"
    for name, answers in (
        ("a whole answer", first[WARM_UP:]),
        ("the same asked again, features of plates kept,", again[WARM_UP:]),
        ("a mark and the answer with it", marked[WARM_UP:]),
    ):
        say_spread(f"{name} {where}", [one.seconds for one in answers])
        say_spread(f"{name} {where}: processor time", [one.processor_s for one in answers])
    _, *fresh = [in_a_fresh_process(folder, id_) for id_ in asked[: FRESH + 1]]
    say_spread(f"a whole answer in a fresh process, {len(fresh)} questions: processor time", fresh)


def drawn(archive: Archive, count: int, *, seed: int) -> list[str]:
    """Return so many different sightings to ask about, in random order."""
    with archive.catalogue.reading() as connection:
        ids = sightings.ids(connection, SightingFilter())
    chosen: Sequence[int] = np.random.default_rng(seed).permutation(len(ids))[:count].tolist()
    return [ids[row] for row in chosen]


def timed(archive: Archive, sighting: str, options: SearchOptions, case: str | None = None) -> Timed:
    """Ask about a sighting and return what the answer took."""
    began, processor = time.perf_counter(), time.process_time()
    *_, last = search(archive, Query(sighting=sighting, reason="benchmark", case=case), local_person(), options)
    return Timed(time.perf_counter() - began, time.process_time() - processor, last.searched.inside)


def timed_mark(archive: Archive, sighting: str, options: SearchOptions, verdict: str) -> Timed:
    """Ask about a sighting in a case of its own, mark the first candidate, and return what that and the answer took."""
    open_case(archive, local_person(), sighting, "an answer after a mark")
    *_, last = search(archive, Query(sighting=sighting, case=sighting), local_person(), options)
    first = last.candidates[0].sighting.id
    began, processor = time.perf_counter(), time.process_time()
    mark_sighting(archive, local_person(), sighting, first, verdict)
    mark_s, mark_processor_s = time.perf_counter() - began, time.process_time() - processor
    answer = timed(archive, sighting, options, case=sighting)
    return Timed(mark_s + answer.seconds, mark_processor_s + answer.processor_s, answer.inside)


def in_a_fresh_process(archive: Path, sighting: str) -> float:
    """Return the processor seconds of a program that asks about a sighting and ends."""
    before = _of_children_s()
    command = [sys.executable, "-c", ASK, "--archive", str(archive), "search", "--sighting", sighting]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    return _of_children_s() - before


def _of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
