"""The area where the target can be now leaves out nothing where it can be: times and clocks may be off."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from shapely.geometry import shape

from index.access.permissions import local_person
from index.answers import Query
from index.search.search import search
from index.search.whereabouts import Passed, area_at
from index.store.archive import Archive
from index.store.catalogue import clocks
from index.store.catalogue.clocks import ClockOffset
from tests.index.search.straight_street import NOON, TARGET, make, others

A_MINUTE_LATER = NOON + timedelta(seconds=60)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with make(tmp_path, [TARGET[0], *others()]) as made:
        yield made


def test_it_allows_for_a_time_that_may_be_off(archive: Archive) -> None:
    """A time that may be off by a quarter of an hour had the area of a minute: 0.1 km2, as if it were exact."""
    asked = Query(sighting="q", camera="c1", time=NOON, at=A_MINUTE_LATER, cameras=("c1",))
    *_, exact = search(archive, asked, local_person())
    *_, doubtful = search(archive, replace(asked, slack_s=240), local_person())
    assert exact.area_now is not None
    assert doubtful.area_now is not None
    assert shape(doubtful.area_now).area > 2 * shape(exact.area_now).area
    assert exact.area_likely is not None
    assert doubtful.area_likely is None


def test_it_allows_for_a_clock_that_may_be_off(archive: Archive) -> None:
    asked = Query(sighting="q", at=A_MINUTE_LATER, cameras=("c1",))
    *_, before = search(archive, asked, local_person())
    with archive.catalogue.writing() as connection:
        clocks.set_offset(connection, ClockOffset("c1", 0.0, -120.0, 120.0))
    *_, doubtful = search(archive, asked, local_person())
    assert before.area_now is not None
    assert doubtful.area_now is not None
    assert shape(doubtful.area_now).area > 2 * shape(before.area_now).area
    assert area_at(archive, local_person(), Passed("c1", NOON, "q"), A_MINUTE_LATER) == doubtful.area_now
