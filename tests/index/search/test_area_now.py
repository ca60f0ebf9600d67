"""The area where the target can be now leaves out nothing where it can be: times and clocks may be off."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from shapely.geometry import Point, shape

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.map.places import place_book
from index.records import NewChunk
from index.search.area_now import area_now, farthest_from, last_pass
from index.search.ending import _passed_later
from index.search.search import search
from index.search.whereabouts import Passed, area_at
from index.store.archive import Archive
from index.store.catalogue import clocks
from index.store.catalogue.clocks import ClockOffset
from tests.index.search.straight_street import BLOCK_DEG, LAT, LON, NOON, TARGET, make, others, seen
from ui.cli.lines import answer_lines
from ui.web.stories import searched_rows

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
    assert before.area_likely is not None
    assert doubtful.area_likely is None


def test_a_pass_told_to_be_later_is_not_the_last_one(archive: Archive) -> None:
    """Seen at c5 four minutes later, by a clock that may be off by as much: "at c5", of when it drove towards it."""
    told = seen("w5", "c5", 280, 0, text="AB123C")
    archive.add(NewChunk(None, None, (told,), ()))
    with archive.catalogue.writing() as connection:
        clocks.set_offset(connection, ClockOffset("c5", 0.0, -200.0, 200.0))
    *_, before = search(archive, Query(sighting="q", at=NOON + timedelta(seconds=140)), local_person())
    assert before.itinerary is not None
    assert before.itinerary.stops[-1].probability > 0.9
    assert holds_c3(before)
    *_, after = search(archive, Query(sighting="q", at=NOON + timedelta(seconds=290)), local_person())
    assert holds_c3(after)
    assert after.area_likely is None


def test_a_pass_that_may_have_been_after_may_have_been_as_far_ahead() -> None:
    one = ("c1", NOON, None)
    assert farthest_from(one, (10.0, 300.0), A_MINUTE_LATER) == ("c1", A_MINUTE_LATER - timedelta(seconds=240), None)
    assert farthest_from(one, (10.0, 20.0), A_MINUTE_LATER) == ("c1", NOON - timedelta(seconds=10), None)
    assert farthest_from(one, (90.0, 90.0), NOON - timedelta(seconds=1)) == one


def holds_c3(ranking: Ranking) -> bool:
    c3 = Point(LON + 3.5 * BLOCK_DEG, LAT)
    return ranking.area_now is not None and shape(ranking.area_now).buffer(0.0005).contains(c3)


def test_it_says_where_the_vehicle_can_have_left_the_map(archive: Archive) -> None:
    """Of the whole map, a day later: "It can now be on roads within 0.2 km2", 80 % of it likely within 7 km of road."""
    asked = Query(sighting="q", camera="c1", time=NOON, cameras=("c1",))
    *_, soon = search(archive, replace(asked, at=NOON + timedelta(seconds=15)), local_person())
    *_, later = search(archive, replace(asked, at=NOON + timedelta(days=1)), local_person())
    assert [soon.off_map, later.off_map] == [False, True]
    told = "\n".join(answer_lines(later, asked, 5))
    assert "km2, or beyond the edge of the map, which it can have left by then." in told
    assert (
        "If its last sure stop at a known place, and the clock there, are right, it can now be on roads within" in told
    )
    assert "It is then with 80 % or more within" in told
    assert "of these, if it has not left the map." in told
    assert "edge of the map" not in "\n".join(answer_lines(soon, asked, 5))
    assert any("it can have left the map" in line for line in searched_rows(later, UTC, 5)["lines"])


def test_past_a_camera_off_the_roads_it_is_a_circle_and_nothing_is_likely(archive: Archive) -> None:
    """Both areas began at an earlier pass on the roads, as if the last one had not been."""
    places = place_book(archive).current()
    off = replace(places, where={**places.where, "off": (LAT + 0.05, LON)})
    passes = [("c1", NOON, None), ("off", NOON + timedelta(seconds=50), None)]
    found = area_now(off, passes, A_MINUTE_LATER, 1.0)
    assert found is not None
    assert found.is_circle
    assert shape(found.area).contains(Point(LON, LAT + 0.05))
    assert last_pass(off, passes, A_MINUTE_LATER) is None
    nowhere = last_pass(places, passes, A_MINUTE_LATER)
    assert nowhere is not None
    assert _passed_later(nowhere, passes, A_MINUTE_LATER)
    assert not _passed_later(nowhere, passes[:1], A_MINUTE_LATER)
