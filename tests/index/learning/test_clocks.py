import errno
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from index.access import audit
from index.access.permissions import NotAllowedError
from index.learning import clocks, travel
from index.learning.camera_views import RecentViews, recent_views
from index.learning.clocks import learn_clocks, near_pairs
from index.learning.travel import learn_roads
from index.map.map_changes import clocks_of, forget_clock, set_clock
from index.records import NewChunk, NewSighting
from index.search.calibration import AppearanceScale, keep_scale
from index.store.archive import Archive
from index.store.catalogue import Connection, footage
from index.store.catalogue import audit as chain
from index.store.catalogue import clocks as stored_clocks
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.clocks import PASSAGES, ClockOffset
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from index.store.catalogue.tables import clock_offsets, travel_times
from tests.index.conftest import DIMS, MODEL
from tests.index.learning.test_travel import ME, NINE, drive, places_of, seen, town

__all__ = ["town"]


TELLING = AppearanceScale(usual=0.0, spread=0.25, bias=-3.0, per_similarity=8.0, per_z_score=0.0, limit=7.0)


def offsets(archive: Archive) -> dict[str, ClockOffset]:
    with archive.catalogue.reading() as connection:
        return stored_clocks.offsets(connection)


def test_a_wrong_clock_is_found_by_plates_and_kept(town: Archive) -> None:
    drive(town, 40, slow=1.1, clocks={"c": 14.0})
    found = {clock.camera: clock for clock in learn_clocks(town, ME)}
    assert found["c"].kept
    assert found["c"].is_news
    assert found["c"].estimate.low_s <= 14.0 <= found["c"].estimate.high_s
    assert found["c"].through == ("a", "b", "d")
    assert not any(clock.is_news for camera, clock in found.items() if camera != "c")
    stored = offsets(town)["c"]
    assert (stored.source, stored.offset_s, stored.valid_from) == (PASSAGES, found["c"].estimate.offset_s, ALWAYS)
    last = list(audit.entries(town, ME))[-1]
    assert (last.action, set(last.detail["ahead_s"])) == ("learn clocks", set(offsets(town)))


def test_no_clock_is_learned_from_footage_that_is_moved_meanwhile(
    town: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hour by which a start was just corrected was kept as an error of the camera's clock."""
    drive(town, 40, slow=1.1, clocks={"c": 14.0})
    with town.catalogue.writing() as connection:
        footage.add(connection, Footage("f", "/c.mp4", "c", NINE, 600.0), at=NINE)
    estimate = clocks.estimate_clocks

    def move_meanwhile(*args: Any) -> Any:
        with town.catalogue.writing() as connection:
            footage.move(connection, "f", start=NINE + timedelta(hours=1))
        return estimate(*args)

    monkeypatch.setattr(clocks, "estimate_clocks", move_meanwhile)
    assert learn_clocks(town, ME) == ()
    assert offsets(town) == {}


def test_eight_vehicles_that_passed_several_cameras_suffice(town: Archive) -> None:
    drive(town, 8, clocks={"c": 40.0})
    found = {clock.camera: clock.estimate for clock in learn_clocks(town, ME)}
    apart_s = found["c"].offset_s - np.median([found[camera].offset_s for camera in "abd"])
    assert apart_s == pytest.approx(40.0, abs=10.0)


def test_two_vehicles_do_not(town: Archive) -> None:
    drive(town, 2, clocks={"c": 40.0})
    learn_clocks(town, ME)
    assert "c" not in offsets(town)


def test_looks_alone_tell_a_clock(town: Archive) -> None:
    """Nobody could read a plate; every vehicle looks unlike the others."""
    rng = np.random.default_rng(1)
    times, sightings = places_of(town).travel.times, []
    assert times is not None
    for vehicle in range(60):
        looks = rng.normal(size=DIMS)
        now = NINE + timedelta(seconds=float(rng.uniform(0, 900)))
        way = "abcd" if vehicle % 2 else "dcba"
        for camera, after in zip(way, [way[0], *way], strict=False):
            now += timedelta(seconds=0.0 if camera == after else times.between(after, camera).usual_s)
            clock_s = 33.0 if camera == "d" else 0.0
            shown = seen(len(sightings), camera, now + timedelta(seconds=clock_s), None)
            sightings.append(looking_like(shown, looks + 0.05 * rng.normal(size=DIMS)))
    town.add(NewChunk(None, None, tuple(sightings)))
    with town.catalogue.writing() as connection:
        keep_scale(connection, MODEL, TELLING, fitted_on="a test", at=NINE)
    found = {clock.camera: clock for clock in learn_clocks(town, ME)}
    apart_s = found["d"].estimate.offset_s - np.median([found[camera].estimate.offset_s for camera in "abc"])
    assert apart_s == pytest.approx(33.0, abs=6.0)


@pytest.mark.parametrize("headway_s", [20, 90])
def test_traffic_that_is_too_regular_teaches_no_clock(town: Archive, headway_s: int) -> None:
    """All went one way and took the usual time to the second: four true clocks were set by up to 86 s, and kept."""
    rng = np.random.default_rng(1)
    times, sightings = places_of(town).travel.times, []
    assert times is not None
    for vehicle in range(40):
        looks = rng.normal(size=DIMS)
        now = NINE + timedelta(seconds=headway_s * vehicle)
        for camera, after in zip("abcd", "aabc", strict=True):
            now += timedelta(seconds=0.0 if camera == after else times.between(after, camera).usual_s)
            shown = seen(len(sightings), camera, now, None)
            sightings.append(looking_like(shown, looks + 0.05 * rng.normal(size=DIMS)))
    town.add(NewChunk(None, None, tuple(sightings)))
    with town.catalogue.writing() as connection:
        keep_scale(connection, MODEL, TELLING, fitted_on="a test", at=NINE)
    assert not any(clock.kept for clock in learn_clocks(town, ME))
    assert offsets(town) == {}


def looking_like(sighting: NewSighting, vector: np.ndarray) -> NewSighting:
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return replace(sighting, vectors={MODEL: np.stack([unit])})


def test_nothing_is_kept_where_the_evidence_does_not_suffice(town: Archive) -> None:
    town.add(NewChunk(None, None, (seen(1, "a", NINE, None), seen(2, "b", NINE, "KR1"))))
    assert not any(clock.kept for clock in learn_clocks(town, ME))
    assert offsets(town) == {}


def test_what_a_person_said_is_believed_and_tells_the_others(town: Archive) -> None:
    drive(town, 40, slow=1.1, clocks={"c": 14.0})
    set_clock(town, ME, ClockOffset("c", 14.0, 13.5, 14.5, source="passages"))
    found = {clock.camera: clock for clock in learn_clocks(town, ME)}
    assert "c" not in found
    assert all(abs(clock.estimate.offset_s) < 4.0 for clock in found.values())
    assert offsets(town)["c"].source == "given"
    forget_clock(town, ME, "c", ALWAYS)
    assert "c" in {clock.camera for clock in learn_clocks(town, ME)}


def test_a_clock_that_is_off_by_hours_is_said_and_used(town: Archive) -> None:
    drive(town, 40, slow=1.1, clocks={"c": 7200.0})
    set_clock(town, ME, ClockOffset("c", 7200.0, 7199.0, 7201.0))
    found = {clock.camera: clock.estimate for clock in learn_clocks(town, ME)}
    assert all(abs(estimate.offset_s) < 4.0 for estimate in found.values())


def test_an_outdated_estimate_is_replaced(town: Archive) -> None:
    drive(town, 40)
    with town.catalogue.writing() as connection:
        stored_clocks.set_offset(connection, ClockOffset("b", 29.0, 28.0, 30.0, source=PASSAGES))
    learn_clocks(town, ME)
    assert "b" not in offsets(town)


def test_a_clock_that_changed_keeps_what_it_was_before(town: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest sightings count, and what they tell holds from the first of them on."""
    monkeypatch.setattr("index.learning.clocks.NEWEST", 50)
    drive(town, 40, clocks={"c": 14.0})
    learn_clocks(town, ME)
    before = offsets(town)["c"]
    later = NINE + timedelta(days=1)
    drive(town, 60, clocks={"c": 70.0}, start=later)
    learn_clocks(town, ME)
    after = offsets(town)["c"]
    assert after.offset_s == pytest.approx(70.0, abs=4.0)
    assert after.valid_from >= later
    with town.catalogue.reading() as connection:
        assert stored_clocks.offsets(connection, NINE)["c"].offset_s == before.offset_s


def test_only_the_cameras_asked_for_are_estimated(town: Archive) -> None:
    drive(town, 60, clocks={"c": 14.0})
    assert [clock.camera for clock in learn_clocks(town, ME, {"c"})] == ["c"]
    assert set(offsets(town)) == {"c"}


def test_without_roads_nothing_is_learned_and_nobody_learns_without_permission(archive: Archive) -> None:
    assert learn_clocks(archive, ME) == ()
    with pytest.raises(NotAllowedError, match="may not"):
        learn_clocks(archive, Person("nobody", "viewer"))


def test_clocks_are_listed_by_camera(town: Archive) -> None:
    for camera in ("d", "a"):
        set_clock(town, ME, ClockOffset(camera, 2.0, 1.0, 3.0, valid_from=datetime(2026, 5, 4, tzinfo=UTC)))
    assert [(clock.camera, clock.source) for clock in clocks_of(town, ME)] == [("a", "given"), ("d", "given")]


def test_what_is_read_does_not_grow_with_cameras_that_are_far(town: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a city only the cameras near those asked about are read."""
    drive(town, 20)
    asked: list[set[str]] = []

    def recent(
        connection: Connection, cameras: Collection[str], most: int, since: Mapping[str, datetime]
    ) -> RecentViews:
        asked.append(set(cameras))
        return recent_views(connection, cameras, most, since)

    monkeypatch.setattr("index.learning.clocks.recent_views", recent)
    monkeypatch.setattr("index.learning.clocks.NEIGHBOURS", 1)
    learn_clocks(town, ME, {"a"})
    assert asked == [{"a", "b"}]


def test_cameras_without_sightings_are_nobody_s_neighbours(town: Archive) -> None:
    times = places_of(town).travel.times
    assert times is not None
    assert near_pairs(times, {"a"}, {"a", "d"}) == [("a", "d")]
    assert near_pairs(times, {"a"}, {"b", "d"}) == []


@pytest.mark.parametrize("learn", [learn_clocks, learn_roads])
def test_whoever_is_stopped_learns_nothing_without_a_trace(
    town: Archive, monkeypatch: pytest.MonkeyPatch, learn: Callable[[Archive, Person], object]
) -> None:
    """The row was written afterwards: killed in between, clocks and travel times stayed, and the row was not there."""
    drive(town, 40, slow=1.1, clocks={"c": 14.0})

    def stopped(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if learn is learn_roads:
        monkeypatch.setattr(travel, "learn_clocks", lambda *_: ())
    monkeypatch.setattr(chain, "append", stopped)
    with pytest.raises(OSError, match="No space"):
        learn(town, ME)
    with town.catalogue.reading() as connection:
        assert [connection.execute(select(table)).all() for table in (clock_offsets, travel_times)] == [[], []]
