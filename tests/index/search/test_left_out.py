"""What is left out of a large gallery, as less similar, still counts: together many unlikely ones are likely."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.records import NewSighting
from index.search.fusion import Falling
from index.search.question import SearchOptions
from index.search.search import search
from reid.vehicle import Attributes
from tests.index.search.straight_street import CAMERAS, TARGET, make, seen


def test_of_thousands_that_were_not_compared_one_may_be_the_target(tmp_path: Path) -> None:
    """Of 2,000 that look much alike, 50 compared: "probably not seen: 85 %", where all compared say 21 %."""
    rng = np.random.default_rng(5)

    def alike(sighting: NewSighting) -> NewSighting:
        vector = rng.normal(size=64) + 2.0
        looks = (vector / np.linalg.norm(vector))[None].astype(np.float32)
        return replace(sighting, vectors={"looks-1": looks}, attributes=Attributes({}, {}))

    many = [alike(seen(f"o{n:04}", CAMERAS[n % 5], float(rng.uniform(-1500, 1500)), 1)) for n in range(2000)]
    with make(tmp_path, [alike(TARGET[0]), *many]) as archive:
        *_, few = search(archive, Query(sighting="q"), local_person(), SearchOptions(shortlist=50))
        *_, all_ = search(archive, Query(sighting="q"), local_person(), SearchOptions(shortlist=5000))
    assert few.searched.compared < 100 < all_.searched.compared
    assert few.nobody is not None
    assert all_.nobody is not None
    assert few.nobody < all_.nobody + 0.1
    assert few.itinerary is not None
    assert few.itinerary.probability <= few.nobody + 0.1


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0, 2.0])
def test_odds_that_fall_evenly_go_on_falling_so(slope: float) -> None:
    ranks = np.arange(1, 10_001)
    log_odds = -2.0 - slope * np.log(ranks)
    falling = Falling.of(log_odds[:400])
    assert falling.sum_between(400, 10_000) == pytest.approx(np.exp(log_odds[400:]).sum(), rel=0.01)


def test_of_very_few_those_left_out_are_as_the_last() -> None:
    assert Falling.of(np.array([3.0, 0.0])).slope == 0.0
