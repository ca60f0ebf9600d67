"""Fit the calibration of the search on simulated cities whose truth is known."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.archive import Archive
from index.errors import ArchiveError
from index.inquiry.calibration import Calibration
from index.inquiry.fitting import Question, fit
from index.office.access import local_person
from index.search import measure
from index.sighting import Query
from index.simulation.about import read_about
from index.simulation.questions import HORIZON_S, questions
from index.simulation.recall import read_truth, remember

FIRST_PUBLISHED_SEED = 10_000
"""Cities from this seed on are for published figures and are never fitted on."""

Progress = Callable[[str], None]


def calibrate(cities: Sequence[Path], *, queries: int, progress: Progress | None = None) -> Calibration:
    """Return the calibration fitted on the cities, each with its archive in `archive` inside its folder."""
    say = progress or (lambda line: None)
    seeds = [read_about(city).seed for city in cities]
    for city, seed in zip(cities, seeds, strict=True):
        if seed >= FIRST_PUBLISHED_SEED:
            raise ArchiveError(
                f"{city} has seed {seed}: seeds from {FIRST_PUBLISHED_SEED} on are for published figures, "
                "fit on cities of lower ones"
            )
    measured: list[Question] = []
    for city in cities:
        measured += _measured(city, queries)
        say(f"{city}: {len(measured)} questions so far")
    return fit(measured, seeds=seeds, made=datetime.now(UTC).date().isoformat())


def _measured(city: Path, queries: int) -> list[Question]:
    """Ask questions of one city and label every sighting that the search measured."""
    archive = Archive.open(city / "archive")
    true = read_truth(city)
    remembered = remember(archive, city, true)
    found = []
    for question in questions(remembered.known(true.clocks), true.passages, n=queries, seed=read_about(city).seed):
        query = Query(sighting=question.sighting, horizon_s=HORIZON_S, reason="calibration")
        evidence = measure(archive, query, local_person())
        same = [remembered.matches[id_].vehicle == question.vehicle for id_ in evidence.ids]
        found.append(Question(evidence, np.array(same, bool)))
    return found
