from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.learning.known_pairs import KnownPassage, known_vehicles, pair_up
from index.map.places import Places, current_places, place_book
from index.store.archive import Archive
from index.store.catalogue import cases
from index.store.catalogue.cases import Case, Mark
from roadgraph.camera import Camera
from tests.index.search.straight_street import NOON, make, seen
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm

NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)
PLACED = tuple(Camera(name, LAT0 + STEP, LON0 + (i * 8 + 0.5) * STEP, 90.0) for i, name in enumerate("abcd"))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Archive]:
    """An archive with four cameras along one street."""
    with Archive.create(tmp_path / "archive") as archive:
        place_book(archive).import_roads(write_osm(tmp_path / "town.osm", rows=3, columns=30))
        place_book(archive).import_cameras(PLACED)
        yield archive


def places_of(archive: Archive) -> Places:
    places = current_places(archive)
    assert places is not None
    return places


def test_the_roads_taken_decide_the_order_if_they_contradict_the_clocks(town: Archive) -> None:
    places = places_of(town)
    times = places.travel.times
    assert times is not None
    east = {one.camera.id: min(one.views, key=lambda view: abs(view.heading_deg or 0.0)).edge for one in places.placed}
    passed = [("b", 0.0), ("a", 20.0)]
    vehicle = tuple(KnownPassage(c, c, NINE + timedelta(seconds=s), east[c]) for c, s in passed)
    (pair,) = pair_up([vehicle], times, {})
    assert (pair.first, pair.second, pair.elapsed_s) == ("a", "b", -20.0)
    (blind,) = pair_up([tuple(replace(one, edge=None) for one in vehicle)], times, {})
    assert (blind.first, blind.second, blind.elapsed_s) == ("b", "a", 20.0)


def test_contradictions_both_ways_leave_the_order_of_the_clocks(town: Archive) -> None:
    times = places_of(town).travel.times
    assert times is not None
    views = {one.camera.id: one.views for one in places_of(town).placed}
    wrong = {c: [view.edge for view in views[c]] for c in "ab"}

    def drive_by(name: str, order: str, edge: int) -> tuple[KnownPassage, ...]:
        moments = enumerate(order)
        return tuple(
            KnownPassage(f"{name}{c}", c, NINE + timedelta(seconds=20 * n), wrong[c][edge]) for n, c in moments
        )

    pairs = pair_up([drive_by("1", "ab", 0), drive_by("2", "ba", 1)], times, {})
    other = pair_up([drive_by("1", "ab", 1), drive_by("2", "ba", 0)], times, {})
    assert sorted(one.elapsed_s for one in pairs) == sorted(one.elapsed_s for one in other) == [20.0, 20.0]


def test_a_case_about_two_vehicles_teaches_nothing(tmp_path: Path) -> None:
    """Its sightings were one vehicle to `roads learn`, before any plate: drives that nobody drove, and wrong clocks."""
    two = [seen("one", "c1", 0, 0, text="AB123C"), seen("other", "c5", 20, 9, text="KX77YZ"), seen("none", "c3", 99, 0)]
    with make(tmp_path, two, roads=False) as archive, archive.catalogue.writing() as connection:
        for case, ids in (("both", ("one", "other")), ("usual", ("one", "none"))):
            cases.add(connection, Case(case, "", "local", NOON))
            for id_ in ids:
                cases.mark(connection, Mark(case, id_, "yes", "local", NOON))
        (vehicle,) = known_vehicles(connection)
    assert [passage.sighting for passage in vehicle] == ["one", "none"]
