from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event

from index.errors import ArchiveError
from index.map import places
from index.map.places import PlaceBook, current_places, place_book
from index.map.reach import reach_from_camera
from index.store.archive import Archive
from index.store.catalogue import Catalogue, cameras
from index.store.catalogue.cameras import StoredCamera
from roadgraph.arrays import read_arrays, write_arrays
from roadgraph.camera import Camera
from roadgraph.camera_times import CameraTimes
from roadgraph.errors import RoadError
from roadgraph.geojson_area import contains
from roadgraph.reachability import ReachOptions
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CAMERAS = [Camera(name, LAT0 + i * STEP, LON0 + (i + 0.5) * STEP, 90.0) for i, name in enumerate("abc")]


@pytest.fixture
def archive(tmp_path: Path):
    with Archive.create(tmp_path / "archive") as made:
        yield made


@pytest.fixture
def book(archive: Archive) -> PlaceBook:
    return place_book(archive)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_osm(tmp_path / "town.osm", rows=5, columns=6)


def test_without_roads_cameras_are_joined_by_straight_lines(book: PlaceBook, town: Path) -> None:
    stored = book.import_cameras(CAMERAS)
    assert book.current().graph is None
    assert book.current().ids == ("a", "b", "c")
    assert book.current().travel.scale("a", "b") is not None
    assert all(camera.views == () for camera in stored)
    book.import_roads(town)
    places = book.current()
    assert places is not None
    assert [one.camera.id for one in places.placed] == ["a", "b", "c"]


def test_places_are_read_once_and_again_when_they_changed(book: PlaceBook, town: Path) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS[:2])
    before = book.current()
    assert book.current() is before
    book.import_cameras(CAMERAS[2:])
    after = book.current()
    assert after is not before
    assert after is not None
    assert after.travel.times is not None
    assert after.travel.times.ids == ("a", "b", "c")


def test_another_process_sees_the_same_places(book: PlaceBook, town: Path) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    here, there = book.current(), PlaceBook(book.roads_path.parent, book.catalogue).current()
    assert here is not None
    assert there is not None
    assert here.placed == there.placed
    assert np.array_equal(here.travel.times.free_s, there.travel.times.free_s)


def test_a_moved_camera_keeps_its_old_place_for_old_times(book: PlaceBook, town: Path) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    book.move_camera(book.changed("b", lat=None, lon=LON0 + 4.5 * STEP, bearing_deg=None), NOON)
    now, before = book.at(datetime(2026, 5, 4, 13, tzinfo=UTC)), book.at(datetime(2026, 5, 4, 11, tzinfo=UTC))
    assert now is not None
    assert before is not None
    lon = {places: places.placed[1].camera.lon for places in (now, before)}
    assert lon[now] > lon[before]
    assert now.travel.times.between("a", "b").km > before.travel.times.between("a", "b").km


def test_an_import_corrects_the_first_place_of_a_camera_that_was_moved(book: PlaceBook, town: Path) -> None:
    """Since the move it stood at both places at once."""
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    book.move_camera(book.changed("b", lat=None, lon=LON0 + 4.5 * STEP, bearing_deg=None), NOON)
    moved = [one for one in book.placements.everywhere() if one.id == "b"]
    book.import_cameras(CAMERAS)
    assert [one for one in book.placements.everywhere() if one.id == "b"] == moved


def test_after_a_move_no_question_searches_the_roads_or_copies_the_matrix(
    book: PlaceBook, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    for hour in range(3):
        lon = LON0 + (hour + 2.5) * STEP
        book.move_camera(book.changed("b", lat=None, lon=lon, bearing_deg=None), NOON + timedelta(hours=hour))
    monkeypatch.setattr(places, "camera_times", _refused)
    monkeypatch.setattr(CameraTimes, "per_camera", _refused)
    asked = [book.at(NOON + timedelta(minutes=minute)) for minute in range(-60, 240, 10)]
    assert len(set(map(id, asked))) == 4
    assert len({id(one.travel.times.free_s) for one in asked}) == 1
    assert [one.travel.times.between("a", "b").km for one in asked[::6]] == sorted(
        one.travel.times.between("a", "b").km for one in asked[::6]
    )


def test_a_question_reads_the_cameras_again_only_when_one_has_changed(book: PlaceBook, town: Path) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    before = book.at(NOON), book.placements.clocks()
    with statements_of(book.catalogue) as again:
        assert (book.at(NOON), book.placements.clocks()) == before
    assert len(again) == 2
    other = PlaceBook(book.roads_path.parent, book.catalogue)
    other.move_camera(book.changed("b", lat=None, lon=LON0 + 2.5 * STEP, bearing_deg=None), NOON)
    moved = book.at(NOON)
    assert moved.placed[1].camera.lon == LON0 + 2.5 * STEP


def test_new_roads_take_the_cameras_with_them(book: PlaceBook, town: Path, tmp_path: Path) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    smaller = book.import_roads(write_osm(tmp_path / "smaller.osm", rows=2, columns=3))
    assert smaller.cameras_off_roads == ("c",)
    places = book.current()
    assert places is not None
    assert [one.camera.id for one in places.placed] == ["a", "b"]


def test_stopped_between_roads_and_cameras_the_next_look_puts_it_right(
    book: PlaceBook, town: Path, tmp_path: Path
) -> None:
    from roadgraph.imports import read_roads

    book.import_roads(town)
    book.import_cameras(CAMERAS)
    read_roads(write_osm(tmp_path / "other.osm", rows=4, columns=6)).graph.save(book.roads_path)
    places = book.current()
    assert places is not None
    for one in places.placed:
        for view in one.views:
            assert places.graph.name(view.edge) == {"a": "Row 0", "b": "Row 1", "c": "Row 2"}[one.camera.id]
    assert places.travel.times.roads == places.graph.times_fingerprint


def test_a_lost_or_broken_matrix_is_made_again(book: PlaceBook, town: Path) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    whole = book.current()
    assert whole is not None
    book.times_path.write_bytes(b"broken")
    again = book.current()
    assert again is not None
    assert np.array_equal(again.travel.times.free_s, whole.travel.times.free_s)


def test_a_camera_too_far_from_the_roads_changes_nothing(book: PlaceBook, town: Path) -> None:
    book.import_roads(town)
    with pytest.raises(RoadError, match="'far'"):
        book.import_cameras([*CAMERAS, Camera("far", LAT0 + 1, LON0)])
    assert book.cameras() == []


def test_changing_nothing_or_an_unknown_camera_is_refused(book: PlaceBook) -> None:
    with pytest.raises(ArchiveError, match="nothing to change"):
        book.changed("a", lat=None, lon=None, bearing_deg=None)
    with pytest.raises(ArchiveError, match="'a'"):
        book.changed("a", lat=1.0, lon=None, bearing_deg=None)


def test_an_archive_has_one_place_book(archive: Archive) -> None:
    assert place_book(archive) is place_book(archive)
    assert current_places(archive).graph is None


def test_reach_from_a_camera_has_cameras_and_an_area(archive: Archive, book: PlaceBook, town: Path) -> None:
    options = ReachOptions(horizon_s=300, direction="after")
    with pytest.raises(ArchiveError, match="no camera 'a'"):
        reach_from_camera(archive, "a", options, at=NOON)
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    answer = reach_from_camera(archive, "a", options, at=NOON)
    assert {one.camera for one in answer.hypothesis.cameras} == {"a", "b", "c"}
    assert answer.area["type"] == "MultiPolygon"
    assert answer.area_km > 0


def test_reach_without_roads_is_by_the_straight_line(archive: Archive, book: PlaceBook) -> None:
    book.import_cameras(CAMERAS)
    book.add_cameras(["somewhere"])
    answer = reach_from_camera(archive, "a", ReachOptions(horizon_s=300, direction="after"), at=NOON)
    assert answer.area_km is None
    assert answer.area is not None
    assert is_inside_circle(answer.area, CAMERAS[2])
    reached = {one.camera: one for one in answer.hypothesis.cameras}
    assert set(reached) == answer.no_way == {"b", "c", "somewhere"}
    assert reached["b"].earliest_s <= reached["c"].earliest_s
    assert np.isnan(reached["somewhere"].km)
    unplaced = reach_from_camera(archive, "somewhere", ReachOptions(horizon_s=300, direction="after"), at=NOON)
    assert unplaced.area is None
    assert len(unplaced.hypothesis.cameras) == 3


def is_inside_circle(area: Mapping[str, object], camera: Camera) -> bool:
    return bool(contains(area, [camera.lat], [camera.lon])[0])


def test_a_camera_with_a_name_alone_gets_a_place_by_moving(book: PlaceBook, town: Path) -> None:
    book.import_roads(town)
    assert book.add_cameras(["a"]) == ["a"]
    assert book.current().ids == ("a",)
    assert book.current().placed == ()
    with pytest.raises(ArchiveError, match="both a latitude and a longitude"):
        book.changed("a", lat=LAT0, lon=None, bearing_deg=None)
    place = CAMERAS[0]
    book.move_camera(book.changed("a", lat=place.lat, lon=place.lon, bearing_deg=90.0), NOON)
    assert [one.id for one in book.current().placed] == ["a"]
    assert book.placements.at(None).without_place == ()


def test_new_cameras_are_known_to_places(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("c", 48.0, 15.0)])
    assert [camera.id for camera in place_book(archive).cameras()] == ["c"]
    assert current_places(archive).graph is None


def test_a_move_that_would_lose_a_later_place_is_refused_unless_that_is_meant(book: PlaceBook, town: Path) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    book.move_camera(book.changed("b", lat=None, lon=LON0 + 4.5 * STEP, bearing_deg=None), NOON)
    earlier = NOON.replace(hour=10)
    with pytest.raises(ArchiveError, match=r"later place, from 2026-05-04T12:00:00\+00:00 on"):
        book.move_camera(book.changed("b", lat=None, lon=None, bearing_deg=90.0), earlier)
    book.move_camera(book.changed("b", lat=None, lon=None, bearing_deg=90.0), earlier, replace_later=True)
    with book.catalogue.reading() as connection:
        assert [place.valid_from for place in cameras.places(connection, "b")][1:] == [earlier]


def _refused(*_: object, **__: object) -> None:
    raise AssertionError("a matrix of all cameras was made")


@contextmanager
def statements_of(catalogue: Catalogue) -> Iterator[list[str]]:
    """Collect the statements that a block sends to the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(catalogue.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(catalogue.engine, "before_cursor_execute", note)


def test_another_map_in_the_place_of_the_imported_one_is_said(
    archive: Archive, book: PlaceBook, town: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever only searches never runs `verify`."""
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    book.current()
    assert caplog.text == ""
    arrays = read_arrays(book.roads_path)
    write_arrays(book.roads_path, arrays | {"edge_speed_kmh": arrays["edge_speed_kmh"] * 3})
    with Archive.open(archive.path) as again:
        current_places(again)
    assert "is not the map that was imported last" in caplog.text


def no_number(table: np.ndarray) -> None:
    table[:] = np.nan


def less_than_nothing(table: np.ndarray) -> None:
    table[:] = -1e9


def no_way(table: np.ndarray) -> None:
    table[:] = np.inf


def no_time(table: np.ndarray) -> None:
    table[:] = 0.0


@pytest.mark.parametrize("edit", [no_number, less_than_nothing, no_way, no_time])
def test_edited_driving_times_are_never_answered_with(edit, archive: Archive, book: PlaceBook, town: Path) -> None:
    """Nobody runs `verify` before each search: with no way between two cameras, neither is ever an answer."""
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    right = book.current().travel.times
    arrays = read_arrays(book.times_path)
    arrays = {name: array.copy() for name, array in arrays.items()}
    for name in ("free_s", "usual_s", "km"):
        edit(arrays[name])
    write_arrays(book.times_path, arrays)
    with Archive.open(archive.path) as again:
        times = place_book(again).current().travel.times
    assert times is not None
    assert right is not None
    assert np.array_equal(times.free_s, right.free_s)
    assert np.array_equal(times.km, right.km)


def test_a_folder_in_the_place_of_the_driving_times_stops_no_search(
    archive: Archive, book: PlaceBook, town: Path
) -> None:
    book.import_roads(town)
    book.import_cameras(CAMERAS)
    book.times_path.unlink()
    book.times_path.mkdir()
    with Archive.open(archive.path) as again:
        assert place_book(again).current().ids == ("a", "b", "c")
