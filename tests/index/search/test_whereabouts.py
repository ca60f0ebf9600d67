"""The area of a moment grows with the time since a vehicle passed, from where it passed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from shapely.geometry import Point, shape

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.map.places import place_book
from index.search.whereabouts import Passed, area_at
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from roadgraph.camera import Camera
from tests.ui.conftest import EIGHT, make_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with make_archive(tmp_path_factory.mktemp("whereabouts")) as archive:
        yield archive


def test_the_area_grows_from_the_camera(archive: Archive) -> None:
    passed = Passed("bridge", EIGHT, "red-bridge")
    camera = next(one for one in place_book(archive).cameras() if one.id == "bridge")
    areas = [area_at(archive, local_person(), passed, EIGHT + timedelta(seconds=s)) for s in (20, 60, 180)]
    shapes = [shape(area) for area in areas if area is not None]
    assert len(shapes) == 3
    assert shapes[0].area < shapes[1].area < shapes[2].area
    assert shapes[1].buffer(0.001).contains(Point(camera.lon, camera.lat))


def test_the_area_is_that_of_where_the_camera_stood_when_the_vehicle_passed(tmp_path: Path) -> None:
    with make_archive(tmp_path) as archive:
        passed = Passed("bridge", EIGHT, "red-bridge")
        before = area_at(archive, local_person(), passed, EIGHT + timedelta(seconds=60))
        quay = next(one for one in place_book(archive).cameras() if one.id != "bridge")
        place_book(archive).move_camera(Camera("bridge", quay.lat, quay.lon, 90.0), EIGHT + timedelta(hours=5))
        assert area_at(archive, local_person(), passed, EIGHT + timedelta(seconds=60)) == before


def test_a_moment_before_the_passage_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="must not be before it passed"):
        area_at(archive, local_person(), Passed("bridge", EIGHT), EIGHT - timedelta(seconds=1))


def test_an_unknown_camera_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="quay"):
        area_at(archive, local_person(), Passed("quay", EIGHT), EIGHT)


def test_past_a_camera_off_the_roads_it_is_a_circle(archive: Archive) -> None:
    place_book(archive).add_cameras(["yard"])
    assert area_at(archive, local_person(), Passed("yard", EIGHT), EIGHT + timedelta(seconds=60)) is None
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("yard", 48.6, 16.9)])
    area = area_at(archive, local_person(), Passed("yard", EIGHT), EIGHT + timedelta(seconds=60))
    assert area is not None
    assert shape(area).contains(Point(16.9, 48.6))
