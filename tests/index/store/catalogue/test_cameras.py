from datetime import UTC, datetime, timedelta

import pytest

from index.errors import ArchiveError
from index.store.catalogue import Catalogue, cameras, clocks
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.clocks import CameraClock, ClockOffset

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)


def test_a_camera_keeps_the_place_it_had(catalogue: Catalogue) -> None:
    moved = StoredCamera("a", 50.0, 16.0, bearing_deg=10.0, valid_from=NOW, views=({"edge": 3, "along_m": 2.5},))
    with catalogue.writing() as connection:
        cameras.move(connection, moved)
        assert [c.lat for c in cameras.listing(connection)] == [50.0, 48.42]
        assert cameras.listing(connection)[0] == moved
        assert [c.lat for c in cameras.listing(connection, NOW.replace(month=5))] == [48.41, 48.42]
        assert [c.valid_to for c in cameras.places(connection, "a")] == [NOW, None]


def test_a_removed_camera_is_unknown_until_it_is_put_again(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        cameras.remove(connection, "b", at=NOW)
        with pytest.raises(ArchiveError, match="no camera 'b'"):
            cameras.check_known(connection, "b")
        cameras.put(connection, [StoredCamera("b", 1.0, 2.0)])
        assert [(c.id, c.lat) for c in cameras.listing(connection)] == [("a", 48.41), ("b", 1.0)]


def test_a_clock_offset_holds_until_the_next(catalogue: Catalogue) -> None:
    first, second = ClockOffset("a", 2.0, 1.0, 3.0), ClockOffset("a", -5.0, -6.0, -4.0, valid_from=NOW)
    with catalogue.writing() as connection:
        clocks.set_offset(connection, first)
        clocks.set_offset(connection, second)
        assert clocks.offsets(connection) == {"a": second}
        assert clocks.offsets(connection, NOW.replace(month=5))["a"].offset_s == 2.0
        assert clocks.offsets(connection, LATER)["a"].offset_s == -5.0


def test_names_of_cameras_differ_by_more_than_capitals(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        with pytest.raises(ArchiveError, match="'A' differs from 'a' in capital letters alone"):
            cameras.put(connection, [StoredCamera("A", 48.0, 15.0)])
        with pytest.raises(ArchiveError, match=r"U\+0000, which nobody sees"):
            cameras.put(connection, [StoredCamera("c\x00", 48.0, 15.0)])
        assert [camera.id for camera in cameras.listing(connection)] == ["a", "b"]


@pytest.mark.parametrize("other", ["MÜHLE", "mu\u0308hle", "\uff4dühle"])
def test_names_that_people_cannot_tell_apart_are_one(catalogue: Catalogue, other: str) -> None:
    with catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("mühle", 48.0, 15.0)])
        with pytest.raises(ArchiveError, match="capital letters or the way"):
            cameras.put(connection, [StoredCamera(other, 48.0, 15.0)])
        cameras.put(connection, [StoredCamera("mühle 2", 48.0, 15.0), StoredCamera("mühle", 48.1, 15.0)])


@pytest.mark.parametrize(("first", "second"), [("cam01", "\u0441\u0430m01"), ("\u0421\u0410\u041c 1", "cam 1")])
def test_letters_of_another_alphabet_that_look_alike_are_the_same(
    catalogue: Catalogue, first: str, second: str
) -> None:
    with catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera(first, 48.0, 15.0)])
        with pytest.raises(ArchiveError, match="the way it is written alone"):
            cameras.put(connection, [StoredCamera(second, 48.0, 15.0)])
        cameras.put(connection, [StoredCamera("\u043c\u043e\u0441\u0442", 48.0, 15.0)])


def test_offsets_are_forgotten_by_source_and_time(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        clocks.set_offset(connection, ClockOffset("a", 2.0, 1.0, 3.0, source="passages"))
        clocks.set_offset(connection, ClockOffset("a", 5.0, 4.0, 6.0, valid_from=NOW, source="passages"))
        clocks.set_offset(connection, ClockOffset("b", 9.0, 8.0, 10.0))
        clocks.put_found(connection, "passages", "a", NOW, [])
        clocks.put_found(connection, "passages", "b", cameras.ALWAYS, [])
        assert {id_: one.offset_s for id_, one in clocks.offsets(connection).items()} == {"a": 2.0, "b": 9.0}
        clocks.forget_offsets(connection, camera="b", since=cameras.ALWAYS)
        assert set(clocks.offsets(connection)) == {"a"}


def test_a_clock_is_a_line_over_its_own_time() -> None:
    line = ClockOffset("a", 10.0, 9.0, 11.0, at=NOW, drift=-0.2, drift_low=-0.21, drift_high=-0.19)
    hundred = NOW + timedelta(seconds=100)
    assert line.ahead_s(hundred) == pytest.approx(-10.0)
    assert line.true_time(line.shown_at(hundred)) == hundred
    low_s, high_s = line.bounds_s(hundred)
    assert (low_s, high_s) == (pytest.approx(-10 - 2**0.5), pytest.approx(-10 + 2**0.5))


def test_what_a_clock_shows_is_asked_of_the_line_that_holds_then() -> None:
    later = NOW + timedelta(hours=1)
    clock = CameraClock(
        (
            ClockOffset("a", 60.0, 55.0, 65.0, valid_from=NOW, valid_to=later),
            ClockOffset("a", 0.0, 0.0, 0.0, valid_from=later + timedelta(hours=1)),
        )
    )
    assert clock.ahead_s(NOW - timedelta(hours=1)) == 0.0
    assert clock.ahead_s(NOW) == 60.0
    assert clock.ahead_s(later) == 0.0
    minute = timedelta(minutes=1)
    assert clock.shown_during(NOW + minute, NOW + 2 * minute) == [
        (NOW + minute + timedelta(seconds=55), NOW + 2 * minute + timedelta(seconds=65))
    ]
    before, after = clock.shown_during(NOW - 2 * minute, NOW + minute)[0], clock.shown_during(later, later + minute)[-1]
    assert before == (NOW - 2 * minute, NOW + minute + timedelta(seconds=65))
    assert after == (later, later + minute)
