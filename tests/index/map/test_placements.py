from datetime import UTC, datetime, timedelta

from index.map.placements import PlacementBook
from index.store.archive import Archive
from index.store.catalogue import cameras, clocks
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.clocks import ClockOffset

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


def test_placements_are_those_of_the_catalogue_at_any_time(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera(name, 48.0, 15.0) for name in ("p", "q", "r")])
        for hour in range(4):
            since = NOON + timedelta(hours=hour)
            cameras.move(connection, StoredCamera("pqrp"[hour], 48.1 + hour, 15.0, valid_from=since))
            clocks.set_offset(connection, ClockOffset("rqpp"[hour], float(hour), -1.0, 1.0, valid_from=since))
        cameras.remove(connection, "q", at=NOON)
    book = PlacementBook(archive.catalogue)
    for time in [None, *(NOON + timedelta(minutes=minutes) for minutes in range(-30, 300, 15))]:
        with archive.catalogue.reading() as connection:
            assert list(book.at(time).cameras) == cameras.listing(connection, time)
            known = {id_: one.at(time or LATER) for id_, one in book.clocks().items()}
            assert {id_: one for id_, one in known.items() if one} == clocks.offsets(connection, time or LATER)


def test_nothing_changes_for_places_when_a_clock_does(archive: Archive) -> None:
    book = PlacementBook(archive.catalogue)
    before = book.at(NOON)
    with archive.catalogue.writing() as connection:
        clocks.set_offset(connection, ClockOffset("a", 3.0, 2.0, 4.0))
    assert book.clocks()["a"].ahead_s(NOON) == 3.0
    assert book.at(NOON) is before
    with archive.catalogue.writing() as connection:
        clocks.forget_offsets(connection, camera="a", since=cameras.ALWAYS)
    assert book.clocks() == {}


def test_a_camera_that_was_moved_around_a_time_has_no_place_then(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera(name, 48.0, 15.0) for name in ("far", "near", "asked")])
        for name, lat in (("far", 48.1), ("near", 48.0001), ("asked", 48.1)):
            cameras.move(connection, StoredCamera(name, lat, 15.0, valid_from=NOON))
    book, hour = PlacementBook(archive.catalogue), timedelta(hours=1)
    around = book.at(NOON - hour / 2, hour, "asked")
    assert around.moved == ("far",)
    assert {"asked", "near"} < {one.id for one in around.cameras}
    assert around.ids == book.at(NOON).ids
    assert book.at(NOON - hour / 2, hour, "asked") is around
    assert book.at(NOON - 2 * hour, hour) is book.at(NOON - 2 * hour)
    since = book.standing_since()
    assert (since["far"], since["near"], since["a"]) == (NOON, cameras.ALWAYS, cameras.ALWAYS)
