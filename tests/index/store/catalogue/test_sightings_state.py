"""A kept answer is right only while nothing changed that it rests on."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from index.records import Coverage, NewChunk
from index.store.archive import Archive
from index.store.catalogue import Catalogue, Connection, cameras, cases, clocks, footage, road_mark
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.cases import Case, Mark
from index.store.catalogue.sightings_state import marks_state, sightings_state
from tests.index.conftest import EIGHT, make_sighting


def move(connection: Connection) -> None:
    cameras.put(connection, [StoredCamera("a", 50.5, 7.5)])


def correct_clock(connection: Connection) -> None:
    clocks.set_offset(connection, clocks.ClockOffset("a", 40.0, 39.0, 41.0))


def look(connection: Connection) -> None:
    footage.add_coverage(connection, [Coverage("a", EIGHT, EIGHT + timedelta(hours=1))])


def import_roads(connection: Connection) -> None:
    road_mark.put(connection, "of another map")


@pytest.mark.parametrize("change", [move, correct_clock, look, import_roads])
def test_what_answers_rest_on_is_seen_to_change(catalogue: Catalogue, change: Callable[[Connection], None]) -> None:
    """An answer that says "probably not seen" of the time before would be shown as that of now."""
    with catalogue.reading() as connection:
        before = sightings_state(connection)
        assert sightings_state(connection) == before
    with catalogue.writing() as connection:
        change(connection)
    with catalogue.reading() as connection:
        after = sightings_state(connection)
    assert after != before
    assert not after.is_without_some_of(before)


def test_the_marks_of_a_case_are_seen_to_change_and_those_of_another_are_not(archive: Archive) -> None:
    states = []
    archive.add(NewChunk(None, None, (make_sighting(0),)))
    with archive.catalogue.writing() as connection:
        for number in ("1", "2"):
            cases.add(connection, Case(number, "", "maria", EIGHT))
        for case, verdict in (("1", "yes"), ("2", "no"), ("1", "no"), ("1", "no")):
            cases.mark(connection, Mark(case, "sighting-00000", verdict, "maria", EIGHT))
            states.append(marks_state(connection, "1"))
        assert marks_state(connection, "3") == ""
    assert states[0] == states[1]
    assert len(set(states)) == 3
