"""What alone makes nobody certain."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.records import NewSighting
from index.search.search import search
from reid.vehicle import Attributes
from tests.index.search.straight_street import NOON, make, seen

CERTAIN = 0.9
NOT_THERE = "ZZ999ZZ"


def ask(folder: Path, sightings: Sequence[NewSighting], query: Query) -> Ranking:
    with make(folder, sightings) as archive:
        *_, last = search(archive, query, local_person())
    return last


def likeliest(ranking: Ranking) -> float:
    return max((candidate.probability or 0.0 for candidate in ranking.candidates), default=0.0)


def unseen(id_: str, camera: str, after_s: float, look: Attributes) -> NewSighting:
    """Return a sighting of which only type and colour are known."""
    return replace(seen(id_, camera, after_s, 1), attributes=look, vectors={})


@pytest.mark.parametrize("hours", [0.5, 12, 7 * 24])
@pytest.mark.parametrize("count", [1, 2, 10])
def test_that_there_is_hardly_anything_else_makes_nobody_certain(tmp_path: Path, count: int, hours: float) -> None:
    """Of few sightings in a long time each was taken for the one expected: 99 %, with nothing to compare."""
    times = np.linspace(300, 3600 * hours - 300, count)
    few = [unseen(f"o{n}", "c3", float(time), Attributes({}, {})) for n, time in enumerate(times)]
    asked = Query(plate=NOT_THERE, camera="c1", time=NOON, horizon_s=3600 * hours)
    ranking = ask(tmp_path, few, asked)
    assert len(ranking.candidates) == count
    assert likeliest(ranking) < CERTAIN
