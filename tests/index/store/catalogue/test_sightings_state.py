"""A kept answer is right only while nothing changed that it rests on."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from index.records import Coverage
from index.store.catalogue import Catalogue, Connection, cameras, clocks, footage, road_mark
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.sightings_state import sightings_state
from tests.index.conftest import EIGHT


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
